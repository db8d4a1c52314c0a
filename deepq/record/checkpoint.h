// Checkpoints: one safetensors file each, `checkpoints/checkpoint-000000012345.safetensors` (the number is env_steps),
// that holds the whole state of a run. The last tensor, "~checksums" (U8), holds CRC-32Cs as little-endian u32: of
// everything before the data, then of each tensor in file order. Written to a temporary file in the same folder, fsync,
// rename, fsync of the folder, and only then older ones are pruned: a kill at any instant, a full disk or a flipped bit
// never costs the last good one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "deepq/core/archive.h"
#include "deepq/core/safetensors.h"
#include "deepq/record/posix_file.h"

namespace deepq {

inline constexpr std::string_view kCheckpointSuffix = ".safetensors";

// Whether the path names a checkpoint by itself, and not a run's folder; it may not be there.
bool is_checkpoint_file(const std::string& path);

// Where the checkpoint of this step lies in the run's folder.
std::string checkpoint_path(const std::string& run, int64_t env_steps);

// Streams the archive into `folder`, then removes all but the newest `keep` checkpoints and what killed writers left
// there. The file's metadata are `metadata` and "format", "version". Throws deepq::Error (disk full, read-only ...);
// what was there before stays.
void write_checkpoint(const std::string& folder, int64_t env_steps, const Archive& archive, const Metadata& metadata,
                      int64_t keep);

// The same for one file of any name, beside which nothing is removed.
void write_checkpoint_file(const std::string& path, const Archive& archive, const Metadata& metadata);

// The same file in memory, where there are no folders.
std::string checkpoint_bytes(const Archive& archive, const Metadata& metadata);

// The same file under another name.
void copy_checkpoint_file(const std::string& from, const std::string& to);

// Verifies a checkpoint in memory. The tensors are views into `file`, the checksums left out. Throws deepq::Error that
// says what is wrong: truncated, checksum of tensor NAME, not a checkpoint of deepq, written by a newer deepq.
Safetensors parse_checkpoint(std::span<const std::byte> file);

// A checkpoint file mapped into memory and verified.
class CheckpointFile {
 public:
  // Throws deepq::Error that names the file and what is wrong.
  explicit CheckpointFile(const std::string& path);

  const TensorMap& tensors() const { return contents_.tensors; }  // the archive's; they live as long as this object
  const Metadata& metadata() const { return contents_.metadata; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  MappedFile file_;
  Safetensors contents_;
};

// The newest checkpoint in `folder` that is whole. Damaged newer ones are renamed to "*.damaged", where the disk lets
// them, and reported, one line each, in `set_aside`, at every later call too; one by a newer deepq is not damaged and
// an error. Throws deepq::Error when there is none.
CheckpointFile newest_checkpoint(const std::string& folder, std::vector<std::string>& set_aside);

// The name of the newest checkpoint in `folder`, whole or not, and the environment steps that it says; nothing where
// there is none.
struct CheckpointName {
  int64_t env_steps = 0;
  std::string path;
};
std::optional<CheckpointName> newest_checkpoint_name(const std::string& folder);

// Whether a checkpoint was ever finished in `folder`: one lies there, whole, damaged or set aside as damaged. What a
// killed writer left is none. Throws deepq::Error for a folder that cannot be read.
bool has_checkpoint(const std::string& folder);

}  // namespace deepq
