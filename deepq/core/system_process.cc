// Of system.h what starts other programs (POSIX).
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "deepq/core/system.h"

extern char** environ;

namespace deepq::system {
namespace {

class Child final : public ReadingProcess {
 public:
  Child(pid_t process, Descriptor pipe) : process_(process), pipe_(pipe) {}
  ~Child() override {
    if (process_ > 0) finish();
  }

  bool write(Bytes bytes) override { return pipe_ >= 0 && write_all(pipe_, std::span(&bytes, 1)); }

  int finish() override {
    if (pipe_ >= 0) close_file(std::exchange(pipe_, -1));
    int status = 0;
    while (process_ > 0 && waitpid(process_, &status, 0) < 0 && errno == EINTR) {
    }
    process_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  pid_t process_;
  Descriptor pipe_;
};

}  // namespace

std::unique_ptr<ReadingProcess> start_reader(const std::vector<std::string>& command) {
  std::array<int, 2> pipe{};
  if (::pipe(pipe.data()) != 0) return nullptr;
  // Neither end is anybody else's; pipe2() is not everywhere.
  for (const int end : pipe) fcntl(end, F_SETFD, FD_CLOEXEC);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, pipe[0], STDIN_FILENO);
  for (const int output : {STDOUT_FILENO, STDERR_FILENO})
    posix_spawn_file_actions_addopen(&actions, output, "/dev/null", O_WRONLY, 0);
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  pid_t process = -1;
  const int failed = posix_spawnp(&process, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close_file(pipe[0]);
  if (failed == 0) return std::make_unique<Child>(process, pipe[1]);
  close_file(pipe[1]);
  errno = failed;
  return nullptr;
}

}  // namespace deepq::system
