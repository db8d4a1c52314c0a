#include "deepq/train/run_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "deepq/core/error.h"

namespace deepq {
namespace {

namespace fs = std::filesystem;

// The name of something in the folder that only a run leaves there, or "".
std::string trace_of_run(const fs::path& folder) {
  for (const char* name : {"config.toml", "episodes.csv", "metrics.csv", "evaluations.csv", "summary.json"})
    if (fs::exists(folder / name)) return name;
  std::error_code none;
  return fs::is_empty(folder / "checkpoints", none) || none ? "" : "checkpoints";
}

}  // namespace

RunLock::RunLock(const std::string& folder) : file_(folder + "/.lock", O_RDWR | O_CREAT) {
  while (flock(file_.descriptor(), LOCK_EX | LOCK_NB) < 0) {
    if (errno == EWOULDBLOCK) throw Error::of(folder, " is in use: another deepq is training in it");
    if (errno != EINTR) return;
  }
}

RunLock create_run_folder(const std::string& path) {
  if (path.empty()) throw Error("the run folder's name is empty");
  std::error_code error;
  fs::create_directories(fs::path(path) / "checkpoints", error);
  if (error) throw Error::of("cannot make the run folder ", path, ": ", error.message());
  if (access(path.c_str(), W_OK | X_OK) < 0) throw_system_error("write to the run folder", path);
  RunLock lock(path);
  const std::string trace = trace_of_run(path);
  if (!trace.empty()) throw Error::of(path, " already holds a run (", trace, "); resume it or choose another folder");
  return lock;
}

void require_run_folder(const std::string& path) {
  std::error_code none;
  if (!fs::exists(path, none)) throw Error::of("there is no run folder ", path);
  if (!fs::is_directory(path, none)) throw Error::of(path, " is not a run folder: it is a file");
  for (const char* name : {"config.toml", "checkpoints"})
    if (!fs::exists(fs::path(path) / name, none)) throw Error::of(path, " is not a run folder: it has no ", name);
}

std::string read_file(const std::string& path) {
  const PosixFile file(path, O_RDONLY);
  std::string content;
  constexpr size_t kChunk = 1 << 16;
  for (;;) {
    const size_t before = content.size();
    content.resize(before + kChunk);
    const ssize_t got = read(file.descriptor(), content.data() + before, kChunk);
    if (got < 0 && errno != EINTR) throw_system_error("read", path);
    content.resize(before + static_cast<size_t>(got < 0 ? 0 : got));
    if (got == 0) return content;
  }
}

void write_file_atomically(const std::string& path, const std::string& content) {
  AtomicFile atomic(path);
  atomic.file().write(content);
  atomic.commit();
}

}  // namespace deepq
