#include "deepq/record/run_folder.h"

#include <gtest/gtest.h>

#include "tests/test_support.h"

namespace deepq {
namespace {

using test::error_of;
using test::slurp;
using test::spit;
using test::TemporaryFolder;

TEST(RunFolder, IsMadeWithItsParents) {
  const TemporaryFolder folder;
  const std::string path = folder / "a/b/run";
  create_run_folder(path);
  EXPECT_TRUE(std::filesystem::is_directory(path + "/checkpoints"));
  EXPECT_EQ(error_of([&] { create_run_folder(path); }), "no error") << "it holds no run yet";
}

TEST(RunFolder, ARunIsNeverOverwritten) {
  for (const char* trace :
       {"config.toml", "episodes.csv", "summary.json", "checkpoints/checkpoint-000000000001.safetensors"}) {
    const TemporaryFolder folder;
    create_run_folder(folder.path());
    spit(folder / trace, "");
    const std::string named = std::string(trace).substr(0, std::string(trace).find('/'));
    EXPECT_EQ(error_of([&] { create_run_folder(folder.path()); }),
              folder.path() + " already holds a run (" + named + "); to go on: deepq resume " + folder.path() +
                  ", or in Python learn(folder=) after DQN.load; otherwise choose another folder");
  }
}

TEST(RunFolder, IsLockedWhileARunWritesIntoIt) {
  const TemporaryFolder folder;
  const std::string error = folder.path() + " is in use: another deepq is training in it";
  {
    const RunLock lock = create_run_folder(folder.path());
    EXPECT_EQ(error_of([&] { RunLock second(folder.path()); }), error);
    EXPECT_EQ(error_of([&] { create_run_folder(folder.path()); }), error);
  }
  EXPECT_EQ(error_of([&] { RunLock next(folder.path()); }), "no error");
}

TEST(RunFolder, OtherFilesInItAreNoObstacle) {
  const TemporaryFolder folder;
  spit(folder / "notes.txt", "mine");
  create_run_folder(folder.path());
  EXPECT_EQ(slurp(folder / "notes.txt"), "mine");
}

TEST(RunFolder, CannotBeMadeInAFileOrWithoutAName) {
  const TemporaryFolder folder;
  spit(folder / "file", "");
  EXPECT_EQ(error_of([&] { create_run_folder(folder / "file"); }),
            "cannot make the run folder " + (folder / "file") + ": Not a directory");
  EXPECT_EQ(error_of([&] { create_run_folder(folder / "file/run"); }),
            "cannot make the run folder " + (folder / "file/run") + ": Not a directory");
  EXPECT_EQ(error_of([] { create_run_folder(""); }), "the run folder's name is empty");
}

TEST(RunFolder, CannotBeMadeOnAReadOnlyDisk) {
  const TemporaryFolder folder;
  const test::TinyDisk disk(folder.path(), 1 << 16);
  if (!disk.mounted()) GTEST_SKIP() << "only root can mount";
  std::filesystem::create_directories(folder / "old/checkpoints");
  disk.make_read_only();
  EXPECT_EQ(error_of([&] { create_run_folder(folder / "run"); }),
            "cannot make the run folder " + (folder / "run") + ": Read-only file system");
  EXPECT_EQ(error_of([&] { create_run_folder(folder / "old"); }),
            "cannot write to the run folder " + (folder / "old") + ": Read-only file system");
  EXPECT_EQ(error_of([&] { write_file_atomically(folder / "x", "y"); }),
            "cannot open " + (folder / "x") + ": Read-only file system");
}

TEST(RunFolder, OnlyARunIsARun) {
  const TemporaryFolder folder;
  EXPECT_EQ(error_of([&] { require_run_folder(folder / "none"); }), "there is no file or folder " + (folder / "none"));
  spit(folder / "file", "");
  EXPECT_EQ(error_of([&] { require_run_folder(folder / "file"); }),
            (folder / "file") + " is not a run folder: it is a file");
  EXPECT_EQ(error_of([&] { require_run_folder(folder.path()); }),
            folder.path() + " is not a run folder: it has no config.toml");
  spit(folder / "config.toml", "");
  EXPECT_EQ(error_of([&] { require_run_folder(folder.path()); }),
            folder.path() + " is not a run folder: it has no checkpoints");
  std::filesystem::create_directory(folder / "checkpoints");
  EXPECT_EQ(error_of([&] { require_run_folder(folder.path()); }), "no error");
}

TEST(RunFolder, ARunAndAGroupShareNoFolder) {
  const TemporaryFolder folder;
  for (const char* run : {"group/seed-0", "group/seed-1", "run"}) {
    create_run_folder(folder / run);
    spit(folder / run + "/config.toml", "");
  }
  EXPECT_EQ(error_of([&] { create_run_folder(folder / "group"); }),
            folder / "group holds 2 runs, e.g. " + (folder / "group/seed-0") +
                "; a run needs a folder of its own, such as " + (folder / "group/run"));
  EXPECT_FALSE(std::filesystem::exists(folder / "group/checkpoints")) << "nothing is touched";
  EXPECT_EQ(error_of([&] { create_run_folder(folder / "run/seed-0"); }),
            folder / "run/seed-0 lies in the folder of a run, " + (folder / "run") + "; choose another folder");
  EXPECT_EQ(
      error_of([&] { create_run_folder(folder / "group/../run/seed-0"); }),
      folder / "group/../run/seed-0 lies in the folder of a run, " + (folder / "run") + "; choose another folder");
  EXPECT_EQ(error_of([&] { create_run_folder(folder / "group/seed-2"); }), "no error");
  spit(folder / "config.toml", "");  // of a user, beside the runs
  EXPECT_EQ(error_of([&] { create_run_folder(folder / "other"); }), "no error");
}

TEST(RunFolder, WhatHoldsRunsNamesThem) {
  const TemporaryFolder folder;
  for (const char* run : {"a/seed-10", "a/seed-9", "b/run"}) {
    create_run_folder(folder / run);
    spit(folder / run + "/config.toml", "");
  }
  EXPECT_EQ(error_of([&] { require_run_folder(folder / "a"); }),
            folder / "a holds 2 runs; choose one, e.g. " + (folder / "a/seed-9"));
  EXPECT_EQ(error_of([&] { require_run_folder(folder / "b"); }),
            folder / "b holds 1 run; choose one, e.g. " + (folder / "b/run"));
  EXPECT_EQ(error_of([&] { require_run_folder(folder.path()); }),
            folder.path() + " holds 3 runs; choose one, e.g. " + (folder / "a/seed-9"));
  EXPECT_EQ(error_of([&] { require_run_folder(folder / "a/seed-9"); }), "no error");
}

TEST(Files, AreReadWhole) {
  const TemporaryFolder folder;
  std::string content;
  for (int i = 0; i < 200'000; ++i) content += static_cast<char>(i * 7);
  spit(folder / "x", content);
  EXPECT_EQ(read_file(folder / "x"), content);
  EXPECT_EQ(error_of([&] { read_file(folder / "y"); }),
            "cannot open " + (folder / "y") + ": No such file or directory");
  EXPECT_EQ(error_of([&] { read_file(folder.path()); }), "cannot read " + folder.path() + ": Is a directory");
}

TEST(Files, AreReplacedWhole) {
  const TemporaryFolder folder;
  spit(folder / "x.tmp", "what a killed writer left");
  write_file_atomically(folder / "x", "one");
  EXPECT_EQ(slurp(folder / "x"), "one");
  write_file_atomically(folder / "x", "two");
  EXPECT_EQ(slurp(folder / "x"), "two");
  EXPECT_EQ(folder.names(), std::vector<std::string>{"x"});
}

TEST(Files, AFailedWriteLeavesTheOldOne) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "x", "old");
  {
    const test::FileSizeLimit limit(1000);
    EXPECT_EQ(error_of([&] { write_file_atomically(folder / "x", std::string(1001, 'n')); }),
              "cannot write " + (folder / "x") + ": File too large");
  }
  EXPECT_EQ(slurp(folder / "x"), "old");
  EXPECT_EQ(folder.names(), std::vector<std::string>{"x"}) << "the temporary file is gone";
}

TEST(Files, AFullDiskLeavesTheOldOne) {
  const TemporaryFolder folder;
  const test::TinyDisk disk(folder.path(), 1 << 16);
  if (!disk.mounted()) GTEST_SKIP() << "only root can mount";
  write_file_atomically(folder / "x", "old");
  EXPECT_EQ(error_of([&] { write_file_atomically(folder / "x", std::string(1 << 17, 'n')); }),
            "cannot write " + (folder / "x") + ": No space left on device");
  EXPECT_EQ(slurp(folder / "x"), "old");
  EXPECT_EQ(folder.names(), std::vector<std::string>{"x"});
}

TEST(Files, AFolderIsNotReplaced) {
  const TemporaryFolder folder;
  create_run_folder(folder / "x");
  EXPECT_EQ(error_of([&] { write_file_atomically(folder / "x", "y"); }),
            "cannot replace " + (folder / "x") + ": Is a directory");
  EXPECT_EQ(folder.names(), std::vector<std::string>{"x"});
}

}  // namespace
}  // namespace deepq
