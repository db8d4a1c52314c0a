// Files as run_folder, log_file and checkpoint need them. They go on after signals and short writes, and every failure
// is a deepq::Error with the path and the system's reason: "cannot write PATH: No space left on device".
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "deepq/core/system.h"

namespace deepq {

// Throws the Error for the last failed call: "cannot DO PATH: REASON".
[[noreturn]] void throw_system_error(std::string_view what, const std::string& path);

// An open file; closed with the object.
class PosixFile {
 public:
  PosixFile() = default;
  // Errors name `shown_as` in place of the path, unless it is "".
  PosixFile(const std::string& path, system::Access access, const std::string& shown_as = "");
  ~PosixFile() { close_quietly(); }
  PosixFile(PosixFile&& other) noexcept;
  PosixFile& operator=(PosixFile&& other) noexcept;

  system::Descriptor descriptor() const { return descriptor_; }
  int64_t size() const;  // Error when it is not a plain file
  void write(std::string_view text);
  void write(std::span<const system::Bytes> pieces);  // in order, in few calls
  void sync();
  void cut(int64_t size);
  void close();  // unlike the destructor it reports the errors that some file systems keep until then

 private:
  void close_quietly() noexcept;

  std::string path_;
  system::Descriptor descriptor_ = -1;
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

// Nothing happens where there is none.
void remove_file(const std::string& path);

// "." for a bare name.
std::string folder_of(const std::string& path);

// Writes a file of another name in the same folder and puts it in PATH's place at commit, in one step that survives a
// kill or a power cut. Without a commit PATH stays as it was. Several writers of one PATH do not disturb each other:
// each has a temporary file of its own, which it holds locked (flock); what killed writers left has no lock, and the
// next writer in the folder removes it.
class AtomicFile {
 public:
  explicit AtomicFile(std::string path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  PosixFile& file() { return file_; }
  void commit();

 private:
  void open_temporary();

  std::string path_, temporary_;
  PosixFile file_;
};

}  // namespace deepq
