// What the library and the program ask of the operating system; system.cc (POSIX) with system_linux.cc alone include
// its headers, so that another system is other such files (signal handlers are cli/signals.cc's and
// python/interrupt.cc's). No policy is here: a call that a signal interrupted is made again, and what fails says so by
// its result, with the reason in errno.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace deepq::system {

// Whole pages, zero when they are first touched, and huge ones where that saves misses. Null where there are none.
void* map_memory(size_t bytes);
void unmap(void* memory, size_t bytes) noexcept;

int64_t process_id();
bool in_main_thread();

// Are called around every fork() of the process: before it, and after it in the parent and in the child.
void at_fork(void (*before)(), void (*in_parent)(), void (*in_child)());

// An open file, by its number; below 0: none.
using Descriptor = int;
enum class Access {
  kRead,
  kReadAny,     // without waiting for what is no plain file, and not through a link
  kReadFolder,  // to sync it
  kAppend,      // at the end; made where it is missing
  kReadWrite,   // the same, anywhere
  kWriteNew     // fails where there is one
};

// The program's children do not inherit it. New files are readable by all, less the umask.
Descriptor open_file(const std::string& path, Access access);
// The descriptor is gone whatever the answer; false: what was written may not be there.
bool close_file(Descriptor file) noexcept;
Descriptor duplicate(Descriptor file);  // shares its locks

struct FileFacts {
  int64_t size = 0;
  bool is_plain = false;  // no folder, pipe or device
  bool has_name = false;  // it was not removed since
};
std::optional<FileFacts> file_facts(Descriptor file);

int64_t read_some(Descriptor file, std::span<std::byte> into);  // bytes read, 0 at the end, -1
using Bytes = std::span<const std::byte>;
bool write_all(Descriptor file, std::span<const Bytes> pieces);  // in order, in few calls
bool cut_file(Descriptor file, int64_t size);
bool sync_file(Descriptor file);                // to the disk; a folder too, where the file system can
void* map_file(Descriptor file, size_t bytes);  // read-only; null on failure

// Advisory locks, which end with the last descriptor that shares them. kUnknown: the file system may know none.
enum class Lock { kHad, kTaken, kUnknown };
Lock lock_file(Descriptor file, bool alone);  // does not wait

bool rename_file(const std::string& from, const std::string& to);
bool remove_file(const std::string& path);
bool exists(const std::string& path);
bool may_read(const std::string& path);
bool may_write_in(const std::string& folder);

// Another program, found by its name in PATH, that reads what is written to it; what it writes itself goes nowhere.
// Null where it cannot be started.
class ReadingProcess {
 public:
  virtual ~ReadingProcess() = default;
  virtual bool write(Bytes bytes) = 0;  // false: it has gone
  virtual int finish() = 0;             // its exit status, when it has read everything
};
std::unique_ptr<ReadingProcess> start_reader(const std::vector<std::string>& command);

enum class Stream { kOutput = 1, kErrors = 2 };
bool is_terminal(Stream stream);
struct TerminalSize {
  int columns = 0, rows = 0;  // 0: unknown
};
TerminalSize terminal_size(Stream stream);
bool reader_is_gone(Stream stream);  // of a pipe, say

int64_t core_count();  // that this process may use
int64_t physical_memory();

}  // namespace deepq::system
