// The run folder, and how each of its files (run_paths.h) is kept whole. Everything that opens a file for writing is
// here or in log_file.h and checkpoint.h.
#pragma once

#include <string>
#include <vector>

#include "deepq/record/posix_file.h"
#include "deepq/record/run_paths.h"  // IWYU pragma: export

namespace deepq {

// Held while a run writes into its folder, so that two never do: an advisory lock (flock) on FOLDER/.lock, which ends
// with the process, however it ends. The file stays. Where the file system knows no locks, nothing is guarded.
class RunLock {
 public:
  // Throws deepq::Error when another run, in this process or another, holds it.
  explicit RunLock(const std::string& folder);

  // Whether a run is writing into the folder now.
  static bool is_held(const std::string& folder);

 private:
  PosixFile file_;
};

// Throws deepq::Error, which says how to go on, when a run lies in `path` itself, and for a folder within a run's: one
// folder holds one run, or runs in folders of their own.
void require_no_run(const std::string& path);

// Throws deepq::Error when writing to `path` would cost a run a file that it needs: its settings, logs, checkpoints.
void require_no_file_of_run(const std::string& path);

// With its parents, if it is not there yet.
void make_folder(const std::string& path);

// Makes `path` ready for a new run. Throws deepq::Error when it already holds one or several, lies within one, is a
// file, or cannot be written.
RunLock create_run_folder(const std::string& path);

// Throws deepq::Error when `path` is not a folder that create_run_folder made; names the runs in it, where it holds
// some.
void require_run_folder(const std::string& path);

// The runs in a folder that is none itself, or where there are none, in its folders; by name.
std::vector<std::string> runs_below(const std::string& folder);

// The folder itself when it holds a run; otherwise its seed-* folders that hold one, by number; else itself.
std::vector<std::string> run_folders(const std::string& folder);

// Whole file as a string; throws deepq::Error that names the file.
std::string read_file(const std::string& path);

// Replaces the file atomically: temporary file in the same folder, fsync, rename, fsync of the folder. On failure (a
// full disk, say) throws deepq::Error and the old file stays as it was.
void write_file_atomically(const std::string& path, const std::string& content);

}  // namespace deepq
