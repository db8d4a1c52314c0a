#include "cli/front.h"

#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "cli/program.h"

namespace deepq::cli {
namespace {

struct Ended {
  int status = 0;
  std::string out, err;
};

Ended run(std::vector<std::string> words) {
  std::vector<char*> argv;
  words.insert(words.begin(), "deepq");
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const int status = run_program(static_cast<int>(words.size()), argv.data());
  std::string out = testing::internal::GetCapturedStdout();
  return {.status = status, .out = std::move(out), .err = testing::internal::GetCapturedStderr()};
}

std::set<std::string> matches(const std::string& text, const std::string& pattern) {
  const std::regex regex(pattern);
  std::set<std::string> found;
  for (std::sregex_iterator it(text.begin(), text.end(), regex), end; it != end; ++it) found.insert((*it)[1]);
  return found;
}

// Whatever stands before a command, it ends with a line. (CLI11 keeps such words where no command finds them.)
TEST(Front, EveryFlagBeforeEveryCommand) {
  const std::set<std::string> commands = matches(run({"--help"}).out, "\\n  ([a-z]+) ");
  std::set<std::string> flags;
  for (const std::string& command : commands) flags.merge(matches(run({command, "--help"}).out, "(--[a-z-]+)"));
  EXPECT_EQ(commands.size(), 17u);
  EXPECT_GT(flags.size(), 25u);
  for (const std::string& command : commands) {
    const std::string help = run({"help", command}).out;
    if (command != "help") {
      EXPECT_EQ(run({"--help", command}).out, help);
    }
    for (const std::string& flag : flags) {
      if (flag == "--help") continue;
      for (const char* const value : {"", "=1"}) {
        const Ended ended = run({flag + value, command});
        EXPECT_EQ(ended.status, 2) << flag << " " << command;
        EXPECT_EQ(ended.out, "");
        EXPECT_EQ(ended.err.find('\n') + 1, ended.err.size()) << ended.err;
        const bool taken = help.find("\n  " + flag + " ") != std::string::npos;
        const std::string reason =
            taken ? flag + " belongs after the command: deepq " + command + " " + flag : "unknown flag '" + flag + "'";
        EXPECT_NE(ended.err.find(reason), std::string::npos) << ended.err;
      }
    }
  }
}

}  // namespace
}  // namespace deepq::cli
