// Results are taken up again only where they are those of the job that is asked for.
#include "deepq/lab/job_file.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "deepq/core/sha256.h"
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

// With a right checksum.
std::string signed_text(json file) {
  file.erase("sha256");
  const std::string text = file.dump();
  file["sha256"] = sha256_hex(std::as_bytes(std::span(text)));
  return file.dump();
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
    test::spit(path, signed_text(changed));
    EXPECT_FALSE(read_job(folder.path(), name).has_value()) << key << " is another one";
    changed["job"].erase(key);
    test::spit(path, signed_text(changed));
    EXPECT_FALSE(read_job(folder.path(), name).has_value()) << key << " is not said";
  }
  test::spit(path, signed_text(file));
  ASSERT_TRUE(read_job(folder.path(), name).has_value());
  EXPECT_EQ(read_job(folder.path(), name)->values.at("a"), 0.5);
}

// JSON that can still be read is not what was written: a digit, a value or a point that is gone.
TEST(JobFile, ADamagedOneIsNotTakenUp) {
  const test::TemporaryFolder folder;
  const JobName name{"experiment", "setting", "", false, 3};
  write_job(folder.path(), name, {.values = {{"a", 0.5}}, .curves = {{"c", {{1, 2}, {3, 4}}}}});
  const std::string path = folder / folder.names()[0], text = test::slurp(path);
  ASSERT_TRUE(read_job(folder.path(), name).has_value());
  for (const auto& [part, instead] : std::initializer_list<std::pair<std::string, std::string>>{
           {"0.5", "0.7"}, {"\"a\":0.5", ""}, {"[3.0,4.0]", "[3.0,9.0]"}, {"false", "true"}}) {
    std::string damaged = text;
    const size_t at = damaged.rfind(part);
    ASSERT_NE(at, std::string::npos) << part;
    test::spit(path, damaged.replace(at, part.size(), instead));
    EXPECT_FALSE(read_job(folder.path(), name).has_value()) << part;
  }
}

}  // namespace
}  // namespace deepq::lab
