#include "deepq/record/files.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "deepq/record/run_folder.h"
#include "deepq/report/report.h"
#include "tests/test_support.h"

namespace deepq {
namespace {

using test::error_of;
using test::spit;
using test::TemporaryFolder;

TEST(FilesTest, WhatIsThereAndWhatIsNot) {
  const TemporaryFolder folder;
  spit(folder / "file", "");
  EXPECT_TRUE(path_exists(folder / "file"));
  EXPECT_FALSE(is_folder(folder / "file"));
  EXPECT_TRUE(is_folder(folder.path()));
  for (const char* name : {"none", "none/deeper", "file/deeper"}) {
    EXPECT_FALSE(path_exists(folder / name)) << name;
    EXPECT_FALSE(is_folder(folder / name)) << name;
  }
  ASSERT_EQ(symlink("nowhere", (folder / "dangling").c_str()), 0);
  EXPECT_FALSE(path_exists(folder / "dangling"));
}

TEST(FilesTest, WhatCannotBeLookedAtIsAnErrorWithItsPath) {
  const TemporaryFolder folder;
  ASSERT_EQ(symlink("loop", (folder / "loop").c_str()), 0);
  const std::string loop = folder / "loop", name(300, 'x'), many = ": Too many levels of symbolic links",
                    longest = folder / name;
  EXPECT_EQ(error_of([&] { path_exists(loop); }), "cannot look at " + loop + many);
  EXPECT_EQ(error_of([&] { is_folder(loop); }), "cannot look at " + loop + many);
  EXPECT_EQ(error_of([&] { folder_entries(loop); }), "cannot read the folder " + loop + many);
  EXPECT_EQ(error_of([&] { canonical_path(loop); }), "cannot look at " + loop + many);
  EXPECT_EQ(error_of([&] { path_exists(longest); }), "cannot look at " + longest + ": File name too long");
  EXPECT_EQ(error_of([&] { require_run_folder(loop); }), "cannot look at " + loop + many);
  EXPECT_EQ(error_of([&] { run_folders(loop); }), "cannot look at " + loop + "/config.toml" + many);
}

TEST(FilesTest, APathHasOneName) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "run");
  std::filesystem::create_directory_symlink(folder / "run", folder / "link");
  const std::string run = std::filesystem::canonical(folder / "run").string();
  for (const char* name : {"run", "run/", "./run/.", "link", "link/", "x/../run", "run/checkpoints/.."})
    EXPECT_EQ(canonical_path(folder / name), run) << name;
  EXPECT_EQ(canonical_path(folder / "new/"), std::filesystem::canonical(folder.path()).string() + "/new");
  EXPECT_EQ(canonical_path("new-one/"), (std::filesystem::current_path() / "new-one").string());
}

TEST(FilesTest, SeedsComeByTheirNumbers) {
  const TemporaryFolder folder;
  for (const char* seed : {"seed-10", "seed-9", "seed-0", "notes"}) {
    std::filesystem::create_directory(folder / seed);
    spit(folder / (std::string(seed) + "/config.toml"), "");
  }
  std::filesystem::create_directory(folder / "seed-1");  // begun by nobody
  EXPECT_EQ(run_folders(folder.path()),
            (std::vector<std::string>{folder / "seed-0", folder / "seed-9", folder / "seed-10"}));
  EXPECT_EQ(run_folders(folder / "seed-9"), std::vector<std::string>{folder / "seed-9"});
}

}  // namespace
}  // namespace deepq
