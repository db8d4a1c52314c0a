// system.h for WebAssembly with WASI, with system_memory.cc in system.cc's place: one process with one thread and no
// locks, terminals or memory maps. Files are there where the host opened their folders.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include "deepq/core/system.h"

namespace deepq::system {
namespace {

int flags_of(Access access) {
  switch (access) {
    case Access::kReadFolder:
      return O_RDONLY | O_DIRECTORY;
    case Access::kAppend:
      return O_WRONLY | O_CREAT | O_APPEND;
    case Access::kReadWrite:
      return O_RDWR | O_CREAT;
    case Access::kWriteNew:
      return O_WRONLY | O_CREAT | O_EXCL;
    default:
      return O_RDONLY;
  }
}

}  // namespace

int64_t process_id() { return 1; }
bool in_main_thread() { return true; }

Descriptor open_file(const std::string& path, Access access) { return open(path.c_str(), flags_of(access), 0666); }
bool close_file(Descriptor file) noexcept { return close(file) == 0; }
Descriptor duplicate(Descriptor) { return -1; }

std::optional<FileFacts> file_facts(Descriptor file) {
  struct stat facts {};
  if (fstat(file, &facts) < 0) return {};
  return FileFacts{.size = facts.st_size, .is_plain = S_ISREG(facts.st_mode), .has_name = facts.st_nlink > 0};
}

int64_t read_some(Descriptor file, std::span<std::byte> into) { return read(file, into.data(), into.size()); }

bool write_all(Descriptor file, std::span<const Bytes> pieces) {
  for (Bytes piece : pieces)
    while (!piece.empty()) {
      const ssize_t written = write(file, piece.data(), piece.size());
      if (written < 0) return false;
      piece = piece.subspan(static_cast<size_t>(written));
    }
  return true;
}

bool cut_file(Descriptor file, int64_t size) { return ftruncate(file, size) == 0; }
bool sync_file(Descriptor file) { return fsync(file) == 0; }

// A copy: nothing that maps files writes to them.
void* map_file(Descriptor file, size_t bytes) {
  auto* const memory = static_cast<std::byte*>(map_memory(bytes));
  for (size_t done = 0; memory && done < bytes;) {
    const ssize_t count = pread(file, memory + done, bytes - done, static_cast<off_t>(done));
    if (count <= 0) return unmap(memory, bytes), nullptr;
    done += static_cast<size_t>(count);
  }
  return memory;
}

Lock lock_file(Descriptor, bool) { return Lock::kUnknown; }

bool rename_file(const std::string& from, const std::string& to) { return std::rename(from.c_str(), to.c_str()) == 0; }
bool remove_file(const std::string& path) { return unlink(path.c_str()) == 0; }
bool exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }
bool may_read(const std::string& path) { return access(path.c_str(), R_OK) == 0; }
bool may_write_in(const std::string& folder) { return access(folder.c_str(), W_OK) == 0; }

std::unique_ptr<ReadingProcess> start_reader(const std::vector<std::string>&) { return nullptr; }

bool is_terminal(Stream) { return false; }
TerminalSize terminal_size(Stream) { return {}; }
bool reader_is_gone(Stream) { return false; }

int64_t core_count() { return 1; }
int64_t physical_memory() { return int64_t{4} << 30; }  // what 32 bits address

}  // namespace deepq::system
