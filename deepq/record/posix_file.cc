#include "deepq/record/posix_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <system_error>
#include <utility>

#include "deepq/core/error.h"

namespace deepq {
namespace {

// Repeats a system call that a signal interrupted.
template <class Call>
auto again(Call call) {
  decltype(call()) result;
  do result = call();
  while (result < 0 && errno == EINTR);
  return result;
}

// Some file systems cannot sync a folder and say EINVAL; there is nothing more to be done on them.
void sync_descriptor(int descriptor, const std::string& path) {
  if (again([&] { return fsync(descriptor); }) < 0 && errno != EINVAL) throw_system_error("write", path);
}

// Drops the first `bytes` of the pieces.
std::span<iovec> drop_front(std::span<iovec> pieces, size_t bytes) {
  while (!pieces.empty() && bytes >= pieces.front().iov_len) {
    bytes -= pieces.front().iov_len;
    pieces = pieces.subspan(1);
  }
  if (!pieces.empty()) {
    pieces.front().iov_base = static_cast<std::byte*>(pieces.front().iov_base) + bytes;
    pieces.front().iov_len -= bytes;
  }
  return pieces;
}

}  // namespace

void throw_system_error(std::string_view what, const std::string& path) {
  throw Error::of("cannot ", what, " ", path, ": ", std::generic_category().message(errno));
}

PosixFile::PosixFile(const std::string& path, int flags, const std::string& shown_as)
    : path_(shown_as.empty() ? path : shown_as) {
  constexpr mode_t kReadableByAll = 0666;  // less the umask
  descriptor_ = again([&] { return open(path.c_str(), flags | O_CLOEXEC, kReadableByAll); });
  if (descriptor_ < 0) throw_system_error("open", path_);
}

PosixFile::PosixFile(PosixFile&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

PosixFile& PosixFile::operator=(PosixFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

int64_t PosixFile::size() const {
  struct stat facts {};
  if (fstat(descriptor_, &facts) < 0) throw_system_error("read", path_);
  if (!S_ISREG(facts.st_mode)) throw Error::of("cannot use ", path_, ": it is not a plain file");
  return facts.st_size;
}

void PosixFile::write(std::string_view text) {
  iovec piece{const_cast<char*>(text.data()), text.size()};
  write(std::span(&piece, 1));
}

void PosixFile::write(std::span<iovec> pieces) {
  std::span<iovec> left = drop_front(pieces, 0);  // empty ones fall away
  while (!left.empty()) {
    const int count = static_cast<int>(std::min<size_t>(left.size(), IOV_MAX));
    const ssize_t written = again([&] { return writev(descriptor_, left.data(), count); });
    if (written < 0) throw_system_error("write", path_);
    left = drop_front(left, static_cast<size_t>(written));
  }
}

void PosixFile::sync() { sync_descriptor(descriptor_, path_); }

void PosixFile::cut(int64_t size) {
  if (again([&] { return ftruncate(descriptor_, size); }) < 0) throw_system_error("cut", path_);
}

// After close(2) the descriptor is gone whatever the answer, EINTR included.
void PosixFile::close() {
  if (::close(std::exchange(descriptor_, -1)) < 0 && errno != EINTR) throw_system_error("write", path_);
}

void PosixFile::close_quietly() noexcept {
  if (descriptor_ >= 0) ::close(descriptor_);
}

MappedFile::MappedFile(const std::string& path) {
  const PosixFile file(path, O_RDONLY);
  size_ = static_cast<size_t>(file.size());
  if (size_ == 0) return;
  void* memory = mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file.descriptor(), 0);
  if (memory == MAP_FAILED) throw_system_error("read", path);
  memory_ = memory;
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : memory_(std::exchange(other.memory_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile::~MappedFile() {
  if (memory_) munmap(memory_, size_);
}

void sync_folder(const std::string& folder) {
  const PosixFile opened(folder, O_RDONLY | O_DIRECTORY);
  sync_descriptor(opened.descriptor(), folder);
}

void remove_file(const std::string& path) {
  if (unlink(path.c_str()) < 0 && errno != ENOENT) throw_system_error("remove", path);
}

std::string folder_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace deepq
