#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "deepq/record/posix_file.h"
#include "deepq/record/run_folder.h"
#include "tests/test_support.h"

namespace deepq {
namespace {

using test::slurp;
using test::spit;
using test::TemporaryFolder;

TEST(AtomicFile, WritersOfOneFileDoNotDisturbEachOther) {
  const TemporaryFolder folder;
  const std::string path = folder / "x";
  std::atomic<int> failures = 0;
  std::vector<std::jthread> writers;
  for (char who = 'a'; who < 'a' + 8; ++who)
    writers.emplace_back([&, who] {
      for (int i = 0; i < 25; ++i) {
        try {
          write_file_atomically(path, std::string(20'000, who));
        } catch (const Error& error) {
          ++failures;
        }
      }
    });
  writers.clear();
  EXPECT_EQ(failures, 0);
  const std::string whole = slurp(path);
  EXPECT_EQ(whole, std::string(20'000, whole[0])) << "one writer's, whole";
  EXPECT_EQ(folder.names(), std::vector<std::string>{"x"});
}

TEST(AtomicFile, TwoWaitingWritersBothCommit) {
  const TemporaryFolder folder;
  AtomicFile first(folder / "x"), second(folder / "x"), third(folder / "y");
  first.file().write("first");
  second.file().write("second");
  third.file().write("third");
  second.commit();
  EXPECT_EQ(slurp(folder / "x"), "second");
  first.commit();
  third.commit();
  EXPECT_EQ(slurp(folder / "x"), "first") << "the last one to commit";
  EXPECT_EQ(slurp(folder / "y"), "third");
  EXPECT_EQ(folder.names(), (std::vector<std::string>{"x", "y"}));
}

TEST(AtomicFile, WhatAKilledWriterLeftIsRemovedAndALivingOnesIsNot) {
  const TemporaryFolder folder;
  const pid_t child = fork();
  if (child == 0) {
    AtomicFile file(folder / "x");
    file.file().write("half");
    raise(SIGKILL);
  }
  waitpid(child, nullptr, 0);
  spit(folder / "x.tmp", "of an older deepq");
  spit(folder / "notes.tmp", "mine");
  EXPECT_EQ(folder.names().size(), 3u);
  AtomicFile living(folder / "x");
  living.file().write("living");
  EXPECT_EQ(folder.names().size(), 2u) << "notes.tmp and the living one's";
  write_file_atomically(folder / "z", "z");
  living.commit();
  EXPECT_EQ(slurp(folder / "x"), "living");
  EXPECT_EQ(folder.names(), (std::vector<std::string>{"notes.tmp", "x", "z"}));
}

TEST(AtomicFile, ALongNameHasRoom) {
  const TemporaryFolder folder;
  const std::string name(255, 'n');
  write_file_atomically(folder / name, "text");
  EXPECT_EQ(slurp(folder / name), "text");
}

}  // namespace
}  // namespace deepq
