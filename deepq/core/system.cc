#include "deepq/core/system.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

namespace deepq::system {
namespace {

// Repeats a system call that a signal interrupted.
template <class Call>
auto again(Call call) {
  decltype(call()) result;
  do result = call();
  while (result < 0 && errno == EINTR);
  return result;
}

int flags_of(Access access) {
  switch (access) {
    case Access::kRead:
      return O_RDONLY;
    case Access::kReadAny:
      // A link is refused, and a pipe is opened without waiting for who writes into it.
      return O_RDONLY | O_NOFOLLOW | O_NONBLOCK;
    case Access::kReadFolder:
      return O_RDONLY | O_DIRECTORY;
    case Access::kAppend:
      return O_WRONLY | O_CREAT | O_APPEND;
    case Access::kReadWrite:
      return O_RDWR | O_CREAT;
    case Access::kWriteNew:
      return O_WRONLY | O_CREAT | O_EXCL;
  }
  return O_RDONLY;
}

}  // namespace

void unmap(void* memory, size_t bytes) noexcept { munmap(memory, bytes); }

int64_t process_id() { return getpid(); }

void at_fork(void (*before)(), void (*in_parent)(), void (*in_child)()) { pthread_atfork(before, in_parent, in_child); }

Descriptor open_file(const std::string& path, Access access) {
  constexpr mode_t kReadableByAll = 0666;  // less the umask
  return again([&] { return open(path.c_str(), flags_of(access) | O_CLOEXEC, kReadableByAll); });
}

// Not again after EINTR: close(2) has let go of the descriptor by then, and its number may be another's.
bool close_file(Descriptor file) noexcept { return close(file) == 0 || errno == EINTR; }

Descriptor duplicate(Descriptor file) { return fcntl(file, F_DUPFD_CLOEXEC, 0); }

std::optional<FileFacts> file_facts(Descriptor file) {
  struct stat facts {};
  if (fstat(file, &facts) < 0) return {};
  return FileFacts{.size = facts.st_size, .is_plain = S_ISREG(facts.st_mode), .has_name = facts.st_nlink > 0};
}

int64_t read_some(Descriptor file, std::span<std::byte> into) {
  return again([&] { return read(file, into.data(), into.size()); });
}

bool write_all(Descriptor file, std::span<const Bytes> pieces) {
  std::array<iovec, 64> batch;          // a checkpoint's tensors in one or two calls; Linux takes 1024
  for (size_t first = 0, done = 0;;) {  // bytes of the first piece that are written
    while (first < pieces.size() && done >= pieces[first].size()) done -= pieces[first++].size();
    if (first == pieces.size()) return true;
    const size_t count = std::min(batch.size(), pieces.size() - first);
    for (size_t i = 0; i < count; ++i) {
      const Bytes piece = pieces[first + i].subspan(i == 0 ? done : 0);
      batch[i] = {const_cast<std::byte*>(piece.data()), piece.size()};
    }
    const ssize_t written = again([&] { return writev(file, batch.data(), static_cast<int>(count)); });
    if (written < 0) return false;
    done += static_cast<size_t>(written);
  }
}

bool cut_file(Descriptor file, int64_t size) {
  return again([&] { return ftruncate(file, size); }) == 0;
}

// Some file systems cannot sync a folder and say EINVAL; there is nothing more to be done on them.
bool sync_file(Descriptor file) {
  return again([&] { return fsync(file); }) == 0 || errno == EINVAL;
}

void* map_file(Descriptor file, size_t bytes) {
  void* memory = mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE, file, 0);
  return memory == MAP_FAILED ? nullptr : memory;
}

Lock lock_file(Descriptor file, bool alone) {
  if (again([&] { return flock(file, (alone ? LOCK_EX : LOCK_SH) | LOCK_NB); }) == 0) return Lock::kHad;
  return errno == EWOULDBLOCK ? Lock::kTaken : Lock::kUnknown;
}

bool rename_file(const std::string& from, const std::string& to) { return std::rename(from.c_str(), to.c_str()) == 0; }
bool remove_file(const std::string& path) { return unlink(path.c_str()) == 0; }
bool exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }
bool may_read(const std::string& path) { return access(path.c_str(), R_OK) == 0; }
bool may_write_in(const std::string& folder) { return access(folder.c_str(), W_OK | X_OK) == 0; }

bool is_terminal(Stream stream) { return isatty(static_cast<int>(stream)) == 1; }

TerminalSize terminal_size(Stream stream) {
  winsize size{};
  if (ioctl(static_cast<int>(stream), TIOCGWINSZ, &size) != 0) return {};
  return {.columns = size.ws_col, .rows = size.ws_row};
}

bool reader_is_gone(Stream stream) {
  pollfd output{.fd = static_cast<int>(stream), .events = POLLOUT, .revents = 0};
  return poll(&output, 1, 0) > 0 && (output.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0;
}

int64_t physical_memory() { return int64_t{sysconf(_SC_PHYS_PAGES)} * sysconf(_SC_PAGESIZE); }

}  // namespace deepq::system
