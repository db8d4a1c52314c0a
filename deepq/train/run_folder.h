// The run folder's files, and how each is kept whole: config.toml, episodes.csv, metrics.csv, evaluations.csv,
// events.out.tfevents.*, checkpoints/, summary.json, report.html. Everything that opens a file for writing is here or
// in log_file.h and checkpoint.h.
#pragma once

#include <string>
#include <vector>

namespace deepq {

// Makes `path` ready for a new run. Throws deepq::Error when it already holds one, is a file, or cannot be written.
void create_run_folder(const std::string& path);

// Throws deepq::Error when `path` is not a folder that create_run_folder made.
void require_run_folder(const std::string& path);

// Whole file as a string; throws deepq::Error that names the file.
std::string read_file(const std::string& path);

// Replaces the file atomically: temporary file in the same folder, fsync, rename, fsync of the folder. On failure (a
// full disk, say) throws deepq::Error and the old file stays as it was.
void write_file_atomically(const std::string& path, const std::string& content);

}  // namespace deepq
