// The few system calls behind run_folder, log_file and checkpoint. They go on after signals and short writes, and every
// failure is a deepq::Error with the path and the system's reason: "cannot write PATH: No space left on device".
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace deepq {

// Throws the Error for the last failed call: "cannot DO PATH: REASON".
[[noreturn]] void throw_system_error(std::string_view what, const std::string& path);

// An open file; closed with the object.
class PosixFile {
 public:
  PosixFile() = default;
  PosixFile(const std::string& path, int flags);  // flags of open(2); new files are readable by all
  ~PosixFile() { close_quietly(); }
  PosixFile(PosixFile&& other) noexcept;
  PosixFile& operator=(PosixFile&& other) noexcept;

  int descriptor() const { return descriptor_; }
  int64_t size() const;  // Error when it is not a plain file
  void write(std::string_view text);
  void write(std::span<iovec> pieces);  // in order, in few calls; the pieces are used up
  void sync();
  void cut(int64_t size);
  void close();  // unlike the destructor it reports the errors that some file systems keep until then

 private:
  void close_quietly() noexcept;

  std::string path_;
  int descriptor_ = -1;
};

// A whole file mapped read-only into memory.
class MappedFile {
 public:
  explicit MappedFile(const std::string& path);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&&) = delete;

  std::span<const std::byte> bytes() const { return {static_cast<const std::byte*>(memory_), size_}; }

 private:
  void* memory_ = nullptr;  // null for an empty file
  size_t size_ = 0;
};

// fsync of a folder: after it a rename or a new file in it survives a power cut.
void sync_folder(const std::string& folder);

// "." for a bare name.
std::string folder_of(const std::string& path);

constexpr std::string_view kTemporarySuffix = ".tmp";

// Writes "PATH.tmp" and replaces PATH by it at commit, in one step that survives a kill or a power cut. Without a
// commit PATH stays as it was.
class AtomicFile {
 public:
  explicit AtomicFile(std::string path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  PosixFile& file() { return file_; }
  void commit();

 private:
  std::string path_, temporary_;
  PosixFile file_;
  bool committed_ = false;
};

}  // namespace deepq
