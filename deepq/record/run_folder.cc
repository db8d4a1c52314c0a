#include "deepq/record/run_folder.h"

#include <filesystem>
#include <system_error>

#include "deepq/core/error.h"
#include "deepq/core/threads.h"
#include "deepq/record/files.h"

namespace deepq {
namespace {

namespace fs = std::filesystem;

// The name of something in the folder that only a run leaves there, or "".
std::string trace_of_run(const fs::path& folder) {
  for (const char* name : kFilesOfARun)
    if (path_exists((folder / name).string())) return name;
  std::error_code none;
  // An empty folder of checkpoints may be left by a run that was refused.
  return fs::is_empty(folder / kCheckpointFolder, none) || none ? "" : kCheckpointFolder;
}

bool holds_run(const std::string& folder) {
  return path_exists(config_path(folder)) && is_folder(checkpoint_folder(folder));
}

// The folders in `folder` that hold a run.
std::vector<std::string> runs_in(const std::string& folder) {
  std::vector<std::string> runs;
  for (const std::string& path : folder_entries(folder))
    if (holds_run(path)) runs.push_back(path);
  return runs;
}

// What a run or a reader of it needs; its report can be made again.
bool is_needed(const std::string& name) {
  for (const char* one : kFilesOfARun)
    if (name == one) return true;
  return name == kFailureFile || name == kLockFile || name.starts_with(kEventFileBegin);
}

void make_folder(const std::string& named, const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) throw Error::of("cannot make the run folder ", named, ": ", error.message());
}

std::string runs_text(const std::vector<std::string>& runs) {
  return std::to_string(runs.size()) + (runs.size() == 1 ? " run, " : " runs, e.g. ") + runs.front();
}

}  // namespace

// A reader that asks is_held() has the lock for an instant, so the first refusal is not the last word.
RunLock::RunLock(const std::string& folder) : file_(lock_path(folder), system::Access::kReadWrite) {
  // Twenty times 5 ms, a tenth of a second: a training that holds the lock keeps it for longer.
  constexpr int kTries = 20;
  for (int refused = 0; system::lock_file(file_.descriptor(), true) == system::Lock::kTaken;) {
    if (++refused == kTries) throw Error::of(folder, " is in use: another deepq is training in it");
    sleep_milliseconds(5);
  }
}

bool RunLock::is_held(const std::string& folder) {
  const std::string path = lock_path(folder);
  if (!system::may_read(path)) return false;
  const PosixFile file(path, system::Access::kRead);
  return system::lock_file(file.descriptor(), false) == system::Lock::kTaken;
}

void make_folder(const std::string& path) { make_folder(path, path); }

void require_no_run(const std::string& path) {
  if (!path_exists(path)) return;
  if (const std::string trace = trace_of_run(path); !trace.empty())
    throw Error::of(path, " already holds a run (", trace, "); to go on: deepq resume ", path,
                    ", or in Python learn(folder=) after DQN.load; otherwise choose another folder");
}

void require_no_file_of_run(const std::string& path) {
  const fs::path file = canonical_path(path);
  const fs::path folder = file.parent_path();
  const bool among_checkpoints = folder.filename() == kCheckpointFolder && holds_run(folder.parent_path().string());
  if (!among_checkpoints && !(is_needed(file.filename().string()) && holds_run(folder.string()))) return;
  throw Error::of("'", path, "' belongs to the run in ", (among_checkpoints ? folder.parent_path() : folder).string(),
                  "; choose another file");
}

RunLock create_run_folder(const std::string& path) {
  if (path.empty()) throw Error("the run folder's name is empty");
  const fs::path parent = fs::path(canonical_path(path)).parent_path();
  if (holds_run(parent.string()))
    throw Error::of(path, " lies in the folder of a run, ", parent.string(), "; choose another folder");
  // A group, or a folder of groups: a run in it would be taken for one of theirs.
  if (is_folder(path) && !path_exists(config_path(path)))
    if (const auto runs = runs_in(path); !runs.empty())
      throw Error::of(path, " holds ", runs_text(runs), "; a run needs a folder of its own, such as ", path, "/run");
  make_folder(path, checkpoint_folder(path));
  if (!system::may_write_in(path)) throw_system_error("write to the run folder", path);
  // Asked again under the lock: of two that begin at once only one may find the folder empty.
  RunLock lock(path);
  require_no_run(path);
  return lock;
}

void require_run_folder(const std::string& path) {
  require_exists(path);
  if (!is_folder(path)) throw Error::of(path, " is not a run folder: it is a file");
  if (!path_exists(config_path(path)))
    // The likeliest slip: the folder that the run lies in.
    if (const auto runs = runs_below(path); !runs.empty())
      throw Error::of(path, " holds ", runs.size(), runs.size() == 1 ? " run" : " runs", "; choose one, e.g. ",
                      runs.front());
  for (const char* name : {kConfigFile, kCheckpointFolder})
    if (!path_exists(path + "/" + name)) throw Error::of(path, " is not a run folder: it has no ", name);
}

std::vector<std::string> runs_below(const std::string& folder) {
  if (!is_folder(folder) || path_exists(config_path(folder))) return {};
  std::vector<std::string> runs = runs_in(folder);
  if (!runs.empty()) return runs;
  for (const std::string& path : folder_entries(folder)) {
    if (!is_folder(path)) continue;
    // A folder of groups: one level deeper, and no further.
    const std::vector<std::string> deeper = runs_in(path);
    runs.insert(runs.end(), deeper.begin(), deeper.end());
  }
  return runs;
}

std::vector<std::string> run_folders(const std::string& folder) {
  // A run, even an unreadable one: whoever reads it says what is wrong.
  if (path_exists(config_path(folder)) || !is_folder(folder)) return {folder};
  std::vector<std::string> seeds;
  for (const std::string& path : folder_entries(folder))
    if (fs::path(path).filename().string().starts_with(kSeedFolderBegin) && path_exists(config_path(path)))
      seeds.push_back(path);
  return seeds.empty() ? std::vector{folder} : seeds;
}

std::string read_file(const std::string& path) {
  const PosixFile file(path, system::Access::kRead);
  std::string content;
  constexpr size_t kChunk = 1 << 16;
  for (;;) {
    // In pieces until the end: what is no regular file does not know its size.
    const size_t before = content.size();
    content.resize(before + kChunk);
    const int64_t got =
        system::read_some(file.descriptor(), std::as_writable_bytes(std::span(content).subspan(before)));
    if (got < 0) throw_system_error("read", path);
    content.resize(before + static_cast<size_t>(got));
    if (got == 0) return content;
  }
}

void write_file_atomically(const std::string& path, const std::string& content) {
  AtomicFile atomic(path);
  atomic.file().write(content);
  atomic.commit();
}

}  // namespace deepq
