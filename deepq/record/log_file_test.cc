#include "deepq/record/log_file.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "tests/test_support.h"

namespace deepq {
namespace {

using test::error_of;
using test::slurp;
using test::TemporaryFolder;

TEST(LogFile, BuffersAndGoesOnWhereItEnded) {
  const TemporaryFolder folder;
  {
    LogFile log(folder / "log");
    EXPECT_EQ(log.length(), 0);
    log.append("one\n");
    EXPECT_EQ(log.length(), 4);
    EXPECT_EQ(slurp(folder / "log"), "") << "still in the buffer";
    log.flush();
    EXPECT_EQ(slurp(folder / "log"), "one\n");
    log.append("two\n");
  }
  EXPECT_EQ(slurp(folder / "log"), "one\ntwo\n") << "the destructor flushes";
  LogFile log(folder / "log");
  EXPECT_EQ(log.length(), 8);
  log.append("three\n");
  log.sync();
  EXPECT_EQ(slurp(folder / "log"), "one\ntwo\nthree\n");
}

TEST(LogFile, GetsItsLineEndsBack) {
  for (const char* saved : {"a,b\r\n1,2\r\n",
                            "\xEF\xBB\xBF"
                            "a,b\r\n1,2\r\n",
                            "\xEF\xBB\xBF"
                            "a,b\n1,2\n"}) {
    const TemporaryFolder folder;
    test::spit(folder / "log", saved);
    {
      LogFile log(folder / "log", LogStart::kGoOn, "a,b\n");
      EXPECT_EQ(log.length(), 8);
      log.append("3,4\n");
    }
    EXPECT_EQ(slurp(folder / "log"), "a,b\n1,2\n3,4\n");
  }
}

TEST(LogFile, LargeAmountsDoNotWait) {
  const TemporaryFolder folder;
  LogFile log(folder / "log");
  for (int i = 0; i < 70; ++i) log.append(std::string(1000, 'x'));
  EXPECT_GE(slurp(folder / "log").size(), 65'536u);
}

TEST(LogFile, IsFlushedWhenASecondHasPassed) {
  const TemporaryFolder folder;
  LogFile log(folder / "log");
  log.append("row\n");
  log.flush_if_due();
  EXPECT_EQ(slurp(folder / "log"), "");
  std::this_thread::sleep_for(std::chrono::milliseconds(1010));
  log.flush_if_due();
  EXPECT_EQ(slurp(folder / "log"), "row\n");
}

TEST(LogFile, AResumeCutsWhatCameAfterTheCheckpoint) {
  const TemporaryFolder folder;
  Archive saved;
  {
    LogFile log(folder / "log");
    log.append("kept\n");
    log.serialize(saved);
    EXPECT_EQ(slurp(folder / "log"), "kept\n") << "a checkpoint counts on what is on the disk";
    log.append("written after the checkpoint, before the kill\n");
  }
  LogFile log(folder / "log");
  log.append("what a constructor put in (a header) goes too\n");
  Archive loading(saved.tensors());
  log.serialize(loading);
  EXPECT_EQ(log.length(), 5);
  log.append("again\n");
  log.flush();
  EXPECT_EQ(slurp(folder / "log"), "kept\nagain\n");
}

TEST(LogFile, AFileShorterThanTheCheckpointSaysIsSetAsideAndBeginsAnew) {
  const TemporaryFolder folder;
  Archive saved;
  {
    LogFile log(folder / "log", LogStart::kGoOn, "head\n");
    log.append("12345\n");
    log.serialize(saved);
  }
  test::spit(folder / "log", "head\n12");
  LogFile log(folder / "log", LogStart::kGoOn, "head\n");
  log.append("buffered bytes do not count");
  Archive loading(saved.tensors());
  log.serialize(loading);
  EXPECT_EQ(log.take_notice(), (folder / "log") +
                                   " is not what the checkpoint was written with (7 bytes of 11 or other ones): it "
                                   "begins anew, and the old one is " +
                                   (folder / "log.damaged"));
  EXPECT_EQ(log.take_notice(), "");
  log.append("6\n");
  log.flush();
  EXPECT_EQ(slurp(folder / "log"), "head\n6\n");
  EXPECT_EQ(slurp(folder / "log.damaged"), "head\n12");
}

TEST(LogFile, AFullDiskIsAnErrorAndLeavesWholeLines) {
  const TemporaryFolder folder;
  LogFile log(folder / "log");
  log.append("first\n");
  log.flush();
  log.append("second, too long\n");
  {
    const test::FileSizeLimit limit(10);
    EXPECT_EQ(error_of([&] { log.flush(); }), "cannot write " + (folder / "log") + ": File too large");
    EXPECT_EQ(slurp(folder / "log"), "first\n") << "no half line";
  }
  log.flush();
  EXPECT_EQ(slurp(folder / "log"), "first\nsecond, too long\n") << "nothing is lost when there is room again";
}

TEST(LogFile, ARealFullDisk) {
  const TemporaryFolder folder;
  const test::TinyDisk disk(folder.path(), 1 << 14);
  if (!disk.mounted()) GTEST_SKIP() << "only root can mount";
  LogFile log(folder / "log");
  log.append("first\n");
  log.flush();
  log.append(std::string(1 << 15, 'x'));
  EXPECT_EQ(error_of([&] { log.flush(); }), "cannot write " + (folder / "log") + ": No space left on device");
  EXPECT_EQ(slurp(folder / "log"), "first\n");
}

TEST(LogFile, CannotBeOpened) {
  const TemporaryFolder folder;
  EXPECT_EQ(error_of([&] { LogFile(folder.path()); }), "cannot open " + folder.path() + ": Is a directory");
  EXPECT_EQ(error_of([&] { LogFile(folder / "no/log"); }),
            "cannot open " + (folder / "no/log") + ": No such file or directory");
  EXPECT_EQ(error_of([] { LogFile("/dev/null"); }), "cannot use /dev/null: it is not a plain file");
}

}  // namespace
}  // namespace deepq
