// Runs the deepq program as its users do: arguments in, exit status and both streams out.
#pragma once

#include <gtest/gtest.h>
#include <sys/types.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace deepq::cli {

using Arguments = std::vector<std::string>;

struct Result {
  int status = -1;  // 128 + the signal's number when one killed it
  std::string out, err;
};

struct StartOptions {
  std::string folder = ".";        // where it runs
  int64_t largest_file_bytes = 0;  // writing more fails as on a full disk; 0: no limit
  bool terminal = false;           // stderr is a terminal
  bool terminal_too = false;       // and so is stdout: Result::err has both
};

// A started program; its streams go to files of their own.
class Process {
 public:
  explicit Process(const Arguments& arguments, const StartOptions& options = {});
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // Both throw after a minute, and when the program ends before.
  void wait_until(const std::function<bool()>& condition);
  void wait_for_output(const std::string& text);  // on stdout

  void send(int signal);
  Result finish();

 private:
  std::string prefix_;
  pid_t pid_ = -1;
  int terminal_ = -1;
};

Result run_program(const Arguments& arguments, const StartOptions& options = {});

std::string file_text(const std::string& path);
void write_text(const std::string& path, const std::string& text);

// Each test has a new empty folder, removed after it.
class CliTest : public testing::Test {
 protected:
  CliTest();
  ~CliTest() override;

  std::string path(const std::string& name) const { return folder_ + "/" + name; }

  // `deepq train --preset chapter`, short and quick, into path(name).
  Arguments short_training(const std::string& name, const Arguments& more = {}, int64_t env_steps = 400) const;
  nlohmann::json summary(const std::string& name) const;

  // Fails unless the program refuses with status 2 and one line that holds all of `parts`.
  void expect_refusal(const Arguments& arguments, const std::vector<std::string>& parts,
                      const StartOptions& options = {}) const;

  std::string folder_;
};

}  // namespace deepq::cli
