// AtomicFile (posix_file.h): temporary files that know whether their writer lives.
#include <atomic>
#include <filesystem>
#include <utility>

#include "deepq/record/posix_file.h"

namespace deepq {
namespace {

constexpr std::string_view kTemporaryPrefix = ".deepq-", kTemporarySuffix = ".tmp";

// Own to the process and the call; where another machine or container shares the folder, open(2) says that it is taken.
std::string next_name(const std::string& folder) {
  static std::atomic<uint64_t> count{0};
  return folder + "/" + std::string(kTemporaryPrefix) + std::to_string(system::process_id()) + "-" +
         std::to_string(count++) + std::string(kTemporarySuffix);
}

// Whether the file is this writer's for good: a cleaner may have come between open and lock, and have it locked, or
// have removed it already. Where the file system knows no locks, nothing is ever removed.
bool make_own(const PosixFile& file) {
  const system::Lock lock = system::lock_file(file.descriptor(), true);
  if (lock != system::Lock::kHad) return lock != system::Lock::kTaken;
  // Locked and still with a name in the folder: nobody has removed it in between.
  const auto facts = system::file_facts(file.descriptor());
  return !facts || facts->has_name;
}

bool is_temporary(const std::string& name, const std::string& target) {
  if (name.starts_with(kTemporaryPrefix) && name.ends_with(kTemporarySuffix)) return true;
  return name == target + std::string(kTemporarySuffix);  // of deepq before each writer had its own
}

// A lock that can be had is nobody's. What cannot be looked at or removed stays: it is in nobody's way.
void remove_left_ones(const std::string& folder, const std::string& target) {
  std::error_code error;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string path = it->path().string();
    if (!is_temporary(it->path().filename().string(), target)) continue;
    const system::Descriptor file = system::open_file(path, system::Access::kReadAny);
    if (file < 0) continue;
    if (system::lock_file(file, true) == system::Lock::kHad) system::remove_file(path);
    system::close_file(file);
  }
}

}  // namespace

AtomicFile::AtomicFile(std::string path) : path_(std::move(path)) {
  const size_t slash = path_.rfind('/');
  remove_left_ones(folder_of(path_), slash == std::string::npos ? path_ : path_.substr(slash + 1));
  open_temporary();
}

void AtomicFile::open_temporary() {
  for (;;) {
    temporary_ = next_name(folder_of(path_));
    // What a dead process of the same number left is passed over; kWriteNew refuses what comes in between.
    if (system::exists(temporary_)) continue;
    file_ = PosixFile(temporary_, system::Access::kWriteNew, path_);
    if (make_own(file_)) return;
  }
}

AtomicFile::~AtomicFile() {
  if (!temporary_.empty()) system::remove_file(temporary_);
}

// The lock outlives the close, in a second descriptor, until the file has its new name.
void AtomicFile::commit() {
  // The data before the name: after a power cut the name must never lead to an empty file.
  file_.sync();
  const system::Descriptor locked = system::duplicate(file_.descriptor());
  try {
    file_.close();
    if (!system::rename_file(temporary_, path_)) throw_system_error("replace", path_);
  } catch (...) {
    if (locked >= 0) system::close_file(locked);
    throw;
  }
  if (locked >= 0) system::close_file(locked);
  temporary_.clear();
  sync_folder(folder_of(path_));  // only then does the new name last
}

}  // namespace deepq
