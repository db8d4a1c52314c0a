// Results are taken up again only where they are those of the job that is asked for.
#include "deepq/lab/job_file.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/test_support.h"

namespace deepq::lab {
namespace {

using nlohmann::json;

// Another value of the same type.
json other(const json& value) {
  if (value.is_boolean()) return !value.get<bool>();
  if (value.is_number()) return value.get<int64_t>() + 1;
  return value.get<std::string>() + "x";
}

// Whatever the file says of its job: version, experiment, setting, seed and the like.
TEST(JobFile, AResultOfAnythingElseIsNotTakenUp) {
  const test::TemporaryFolder folder;
  JobName name;
  name.experiment = "experiment";
  name.setting = "setting";
  name.seed = 3;
  JobResult result;
  result.values["a"] = 0.5;
  write_job(folder.path(), name, result);
  ASSERT_EQ(folder.names().size(), 1u);
  const std::string path = folder / folder.names()[0], text = test::slurp(path);
  const json file = json::parse(text);
  EXPECT_GE(file.at("job").size(), 4u);
  for (const auto& [key, value] : file.at("job").items()) {
    json changed = file;
    changed["job"][key] = other(value);
    test::spit(path, changed.dump());
    EXPECT_FALSE(read_job(folder.path(), name).has_value()) << key << " is another one";
    changed["job"].erase(key);
    test::spit(path, changed.dump());
    EXPECT_FALSE(read_job(folder.path(), name).has_value()) << key << " is not said";
  }
  test::spit(path, text);
  ASSERT_TRUE(read_job(folder.path(), name).has_value());
  EXPECT_EQ(read_job(folder.path(), name)->values.at("a"), 0.5);
}

}  // namespace
}  // namespace deepq::lab
