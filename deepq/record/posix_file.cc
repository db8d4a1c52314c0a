#include "deepq/record/posix_file.h"

#include <cerrno>
#include <system_error>
#include <utility>

#include "deepq/core/error.h"

namespace deepq {

void throw_system_error(std::string_view what, const std::string& path) {
  throw Error::of("cannot ", what, " ", path, ": ", std::generic_category().message(errno));
}

PosixFile::PosixFile(const std::string& path, system::Access access, const std::string& shown_as)
    : path_(shown_as.empty() ? path : shown_as), descriptor_(system::open_file(path, access)) {
  if (descriptor_ < 0) throw_system_error("open", path_);
}

PosixFile::PosixFile(PosixFile&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

PosixFile& PosixFile::operator=(PosixFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);  // `other` closes what this one had
  return *this;
}

int64_t PosixFile::size() const {
  const auto facts = system::file_facts(descriptor_);
  if (!facts) throw_system_error("read", path_);
  if (!facts->is_plain) throw Error::of("cannot use ", path_, ": it is not a plain file");
  return facts->size;
}

void PosixFile::write(std::string_view text) {
  const system::Bytes piece = std::as_bytes(std::span(text));
  write(std::span(&piece, 1));
}

void PosixFile::write(std::span<const system::Bytes> pieces) {
  if (!system::write_all(descriptor_, pieces)) throw_system_error("write", path_);
}

void PosixFile::sync() {
  if (!system::sync_file(descriptor_)) throw_system_error("write", path_);
}

void PosixFile::cut(int64_t size) {
  if (!system::cut_file(descriptor_, size)) throw_system_error("cut", path_);
}

void PosixFile::close() {
  // Some file systems (NFS) say only here that a write has failed.
  if (!system::close_file(std::exchange(descriptor_, -1))) throw_system_error("write", path_);
}

void PosixFile::close_quietly() noexcept {
  if (descriptor_ >= 0) system::close_file(descriptor_);
}

MappedFile::MappedFile(const std::string& path) {
  const PosixFile file(path, system::Access::kRead);
  size_ = static_cast<size_t>(file.size());
  // mmap(2) refuses a length of 0.
  if (size_ == 0) return;
  memory_ = system::map_file(file.descriptor(), size_);
  if (!memory_) throw_system_error("read", path);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : memory_(std::exchange(other.memory_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile::~MappedFile() {
  if (memory_) system::unmap(memory_, size_);
}

void sync_folder(const std::string& folder) { PosixFile(folder, system::Access::kReadFolder).sync(); }

void remove_file(const std::string& path) {
  if (!system::remove_file(path) && errno != ENOENT) throw_system_error("remove", path);
}

std::string folder_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace deepq
