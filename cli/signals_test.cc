#include "cli/signals.h"

#include <gtest/gtest.h>
#include <signal.h>

namespace deepq::cli {
namespace {

// Each in a process of its own, as the signals' state lasts for the process.
void stop_once(int signal) {
  const std::atomic<bool>& stop = stop_on_signals();
  if (stop || signal_status() != 0) exit(1);
  raise(signal);
  exit(stop ? signal_status() : 2);
}

void stop_twice() {
  stop_on_signals();
  set_farewell("to go on: deepq resume runs/a\n");
  raise(SIGINT);
  raise(SIGINT);
  exit(0);
}

TEST(SignalsDeathTest, TheFirstOneAsksToStop) {
  EXPECT_EXIT(stop_once(SIGINT), testing::ExitedWithCode(130), "");
  EXPECT_EXIT(stop_once(SIGTERM), testing::ExitedWithCode(143), "");
  EXPECT_EXIT(stop_once(SIGHUP), testing::ExitedWithCode(129), "");
}

void hang_up_that_is_ignored() {
  signal(SIGHUP, SIG_IGN);
  const std::atomic<bool>& stop = stop_on_signals();
  raise(SIGHUP);
  exit(stop ? 1 : signal_status());
}

TEST(SignalsDeathTest, WhatWasIgnoredBeforeStaysSo) {
  EXPECT_EXIT(hang_up_that_is_ignored(), testing::ExitedWithCode(0), "");
}

TEST(SignalsDeathTest, TheSecondOneEndsTheProgramAtOnceAndSaysHowToGoOn) {
  EXPECT_EXIT(stop_twice(), testing::ExitedWithCode(130), "^to go on: deepq resume runs/a\n$");
}

}  // namespace
}  // namespace deepq::cli
