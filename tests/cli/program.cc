#include "tests/cli/program.h"

#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace deepq::cli {
namespace {

void require(bool condition, const char* what) {
  if (!condition) throw std::runtime_error(what);
}

std::string new_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "deepq-cli-test-XXXXXX").string();
  require(mkdtemp(name.data()) != nullptr, "mkdtemp");
  return name;
}

// In the child, between fork and exec.
[[noreturn]] void become_program(std::vector<char*>& argv, const StartOptions& options, int out, int err) {
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  if (options.largest_file_bytes > 0) {
    const auto bytes = static_cast<rlim_t>(options.largest_file_bytes);
    const rlimit limit{bytes, bytes};
    setrlimit(RLIMIT_FSIZE, &limit);
    signal(SIGXFSZ, SIG_DFL);  // which would end it; the program makes an error of it
  }
  if (chdir(options.folder.c_str()) == 0) execv(argv[0], argv.data());
  _exit(127);
}

std::string everything_from(int descriptor) {
  std::string text;
  char buffer[4096];
  for (ssize_t got; (got = read(descriptor, buffer, sizeof(buffer))) > 0;)
    text.append(buffer, static_cast<size_t>(got));
  return text;
}

}  // namespace

Process::Process(const Arguments& arguments, const StartOptions& options) : prefix_(new_folder()) {
  std::vector<std::string> words{DEEPQ_PROGRAM_PATH};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const int out = open((prefix_ + "/out").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  int err = -1;
  if (options.terminal)
    require(openpty(&terminal_, &err, nullptr, nullptr, nullptr) == 0, "openpty");
  else
    err = open((prefix_ + "/err").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  pid_ = fork();
  if (pid_ == 0) become_program(argv, options, options.terminal && options.terminal_too ? err : out, err);
  close(out);
  close(err);
  require(pid_ > 0, "fork");
}

Process::~Process() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  if (terminal_ >= 0) close(terminal_);
  std::filesystem::remove_all(prefix_);
}

void Process::wait_for_output(const std::string& text) {
  wait_until([&] { return file_text(prefix_ + "/out").find(text) != std::string::npos; });
}

void Process::wait_until(const std::function<bool()>& condition) {
  siginfo_t ended = {};
  for (int tries = 0; tries < 30'000 && ended.si_pid == 0; ++tries) {
    if (condition()) return;
    waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOHANG | WNOWAIT);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  throw std::runtime_error("what the test waits for has not come");
}

void Process::send(int signal) { kill(pid_, signal); }

Result Process::finish() {
  const std::string shown = terminal_ >= 0 ? everything_from(terminal_) : "";  // ends when the program does
  int state = 0;
  waitpid(pid_, &state, 0);
  pid_ = -1;
  return {.status = WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state),
          .out = file_text(prefix_ + "/out"),
          .err = terminal_ >= 0 ? shown : file_text(prefix_ + "/err")};
}

Result run_program(const Arguments& arguments, const StartOptions& options) {
  return Process(arguments, options).finish();
}

std::string file_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) ADD_FAILURE() << "cannot read " << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void write_text(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  if (!file.flush()) ADD_FAILURE() << "cannot write " << path;
}

CliTest::CliTest() : folder_(new_folder()) {}

CliTest::~CliTest() { std::filesystem::remove_all(folder_); }

Arguments CliTest::short_training(const std::string& name, const Arguments& more, int64_t env_steps) const {
  Arguments arguments{"train",
                      "--preset",
                      "chapter",
                      "--out",
                      path(name),
                      "--steps",
                      std::to_string(env_steps),
                      "--set",
                      "eval.final_episodes=1",
                      "network.hidden_sizes=[16]"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

nlohmann::json CliTest::summary(const std::string& name) const {
  return nlohmann::json::parse(file_text(path(name + "/summary.json")));
}

void CliTest::expect_refusal(const Arguments& arguments, const std::vector<std::string>& parts,
                             const StartOptions& options) const {
  std::string command = "deepq";
  for (const std::string& argument : arguments) command += " " + argument;
  SCOPED_TRACE(command);
  const Result result = run_program(arguments, options);
  EXPECT_EQ(result.status, 2);
  EXPECT_EQ(result.out, "");
  EXPECT_TRUE(result.err.starts_with("deepq: ")) << result.err;
  EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
  for (const std::string& part : parts)
    EXPECT_NE(result.err.find(part), std::string::npos) << part << "\nis not in\n" << result.err;
}

}  // namespace deepq::cli
