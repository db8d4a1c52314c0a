#include "deepq/record/checkpoint.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "deepq/core/crc32c.h"
#include "deepq/core/error.h"
#include "deepq/record/files.h"
#include "deepq/record/posix_file.h"
#include "deepq/record/run_paths.h"

namespace deepq {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "checkpoint-";
constexpr std::string_view kDamagedSuffix = ".damaged";
constexpr std::string_view kOldTemporarySuffix = ".tmp";  // today's temporary files are AtomicFile's own business
constexpr std::string_view kFormat = "deepq-checkpoint";
constexpr std::string_view kVersion = "1";
constexpr std::string_view kChecksums =
    "~checksums";  // the smallest dtype and a name after all others: the last in the file

// What newest_checkpoint may set aside: not an unreadable disk, nor a file for a newer deepq.
class DamagedError : public Error {
 public:
  using Error::Error;
};

std::string file_name(int64_t env_steps) {
  std::array<char, 32> name;
  // Twelve digits, so that names sort as numbers do.
  std::snprintf(name.data(), name.size(), "%012lld", static_cast<long long>(env_steps));
  return std::string(kPrefix) + name.data() + std::string(kCheckpointSuffix);
}

// The number of env_steps in a checkpoint's name; nothing for any other name.
std::optional<int64_t> number_in(std::string_view name) {
  if (!name.starts_with(kPrefix) || !name.ends_with(kCheckpointSuffix) ||
      name.size() <= kPrefix.size() + kCheckpointSuffix.size())
    return {};
  const std::string_view digits = name.substr(kPrefix.size(), name.size() - kPrefix.size() - kCheckpointSuffix.size());
  int64_t number = 0;
  const auto [end, error] = std::from_chars(digits.begin(), digits.end(), number);
  if (error != std::errc() || end != digits.end() || number < 0) return {};
  return number;
}

struct Listing {
  std::vector<CheckpointName> checkpoints;  // newest first
  std::vector<std::string> leftovers;       // temporary files of writers that were killed
  std::vector<CheckpointName> set_aside;    // as damaged, under another name
};

Listing list_checkpoints(const std::string& folder) {
  Listing listing;
  const auto is_one_with = [](std::string_view name, std::string_view suffix) {
    return name.ends_with(suffix) ? number_in(name.substr(0, name.size() - suffix.size())) : std::nullopt;
  };
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    // Whatever has another name is not ours and stays.
    if (const auto number = number_in(name))
      listing.checkpoints.push_back({*number, it->path().string()});
    else if (is_one_with(name, kOldTemporarySuffix))
      listing.leftovers.push_back(it->path().string());
    else if (const auto damaged = is_one_with(name, kDamagedSuffix))
      listing.set_aside.push_back({*damaged, it->path().string()});
  }
  if (error) throw Error::of("cannot read the folder ", folder, ": ", error.message());
  std::sort(listing.checkpoints.begin(), listing.checkpoints.end(),
            [](const CheckpointName& a, const CheckpointName& b) { return a.env_steps > b.env_steps; });
  return listing;
}

// Removes all but the newest `keep`, and never `written`.
void prune(const std::string& folder, int64_t keep, int64_t written) {
  const Listing listing = list_checkpoints(folder);
  // Called when the new one is whole on the disk. That may have the lowest number: a run can go back to an older one.
  for (size_t i = static_cast<size_t>(std::max<int64_t>(keep, 1)); i < listing.checkpoints.size(); ++i)
    if (listing.checkpoints[i].env_steps != written) remove_file(listing.checkpoints[i].path);
  for (const std::string& leftover : listing.leftovers) remove_file(leftover);
}

// CRCs of the header and of the tensors in file order, the checksums themselves left out.
std::vector<uint32_t> compute_checksums(std::span<const std::byte> header, const TensorMap& tensors) {
  // The header too: it says what the bytes mean.
  std::vector<uint32_t> checksums{crc32c(header)};
  for (const auto* named : safetensors_order(tensors))
    if (named->first != kChecksums) checksums.push_back(crc32c(named->second.bytes));
  return checksums;
}

// Throws DamagedError that names the first part whose checksum does not fit.
void verify_checksums(std::span<const std::byte> header, const TensorMap& tensors) {
  const auto stored = tensors.find(kChecksums);
  if (stored == tensors.end()) throw DamagedError("it is not a checkpoint of deepq: it has no tensor '~checksums'");
  const std::vector<uint32_t> computed = compute_checksums(header, tensors);
  const auto computed_bytes = std::as_bytes(std::span(computed));
  const auto stored_bytes = stored->second.bytes;
  // Four bytes for the header and for each tensor.
  if (stored_bytes.size() != computed_bytes.size()) throw DamagedError("it has not one checksum for each tensor");
  const auto order = safetensors_order(tensors);
  for (size_t i = 0; i < computed.size(); ++i)
    if (std::memcmp(&stored_bytes[i * 4], &computed_bytes[i * 4], 4) != 0)
      throw DamagedError("the checksum of " + (i == 0 ? "the header" : "tensor '" + order[i - 1]->first + "'") +
                         " does not fit");
}

Safetensors parse_or_damaged(std::span<const std::byte> file) try {
  return parse_safetensors(file);
} catch (const Error& error) {
  throw DamagedError(error.what());
}

Safetensors parse_named(std::span<const std::byte> file, const std::string& path) {
  const auto message = [&](const Error& error) { return path + " cannot be used: " + error.what(); };
  try {
    return parse_checkpoint(file);
  } catch (const DamagedError& error) {
    // The kind of error is kept: only what is damaged is set aside.
    throw DamagedError(message(error));
  } catch (const Error& error) {
    throw Error(message(error));
  }
}

}  // namespace

namespace {

// Hands the file over, piece by piece: `use` takes std::span<const system::Bytes>.
template <class Use>
void with_pieces(const Archive& archive, const Metadata& metadata, const Use& use) {
  TensorMap tensors = archive.tensors();
  // The header holds their place and is summed up by them: so the place is kept before they are known.
  std::vector<uint32_t> checksums(tensors.size() + 1);
  const auto checksum_bytes = std::as_bytes(std::span(checksums));
  tensors[std::string(kChecksums)] = {Dtype::kU8, {static_cast<int64_t>(checksum_bytes.size())}, checksum_bytes};
  DEEPQ_ASSERT(safetensors_order(tensors).back()->first == kChecksums);
  Metadata complete = metadata;
  complete["format"] = kFormat;
  complete["version"] = kVersion;

  const std::string header = safetensors_header(tensors, complete);
  std::ranges::copy(compute_checksums(std::as_bytes(std::span(header)), tensors), checksums.begin());
  std::vector<system::Bytes> pieces{std::as_bytes(std::span(header))};
  for (const auto* named : safetensors_order(tensors)) pieces.push_back(named->second.bytes);
  use(std::span<const system::Bytes>(pieces));
}

}  // namespace

void write_checkpoint_file(const std::string& path, const Archive& archive, const Metadata& metadata) {
  with_pieces(archive, metadata, [&](std::span<const system::Bytes> pieces) {
    AtomicFile atomic(path);
    atomic.file().write(pieces);
    atomic.commit();
  });
}

bool is_checkpoint_file(const std::string& path) { return path.ends_with(kCheckpointSuffix) && !is_folder(path); }

std::string checkpoint_path(const std::string& run, int64_t env_steps) {
  return checkpoint_folder(run) + "/" + file_name(env_steps);
}

std::string checkpoint_bytes(const Archive& archive, const Metadata& metadata) {
  std::string file;
  with_pieces(archive, metadata, [&](std::span<const system::Bytes> pieces) {
    for (const system::Bytes& piece : pieces) file.append(reinterpret_cast<const char*>(piece.data()), piece.size());
  });
  return file;
}

void write_checkpoint(const std::string& folder, int64_t env_steps, const Archive& archive, const Metadata& metadata,
                      int64_t keep) {
  // The new one is whole before an old one goes: at every moment one can be loaded.
  write_checkpoint_file(folder + "/" + file_name(env_steps), archive, metadata);
  prune(folder, keep, env_steps);
}

void copy_checkpoint_file(const std::string& from, const std::string& to) {
  const MappedFile file(from);
  const system::Bytes whole = file.bytes();
  AtomicFile copy(to);
  copy.file().write(std::span(&whole, 1));
  copy.commit();
}

// Later versions must keep the checksums as they are: only then can "newer" be told from "damaged".
Safetensors parse_checkpoint(std::span<const std::byte> file) {
  Safetensors contents = parse_or_damaged(file);
  // Before anything else is believed, the version among it.
  verify_checksums(file.first(contents.header_bytes), contents.tensors);
  if (contents.metadata["format"] != kFormat) throw DamagedError("it is not a checkpoint of deepq");
  if (const std::string& version = contents.metadata["version"]; version != kVersion)
    throw Error::of("it was written by a newer deepq (checkpoint version ", version, "; this one reads ", kVersion,
                    ")");
  contents.tensors.erase(contents.tensors.find(kChecksums));
  return contents;
}

CheckpointFile::CheckpointFile(const std::string& path)
    : path_(path), file_(path), contents_(parse_named(file_.bytes(), path)) {}

CheckpointFile newest_checkpoint(const std::string& folder, std::vector<std::string>& set_aside) {
  const Listing listing = list_checkpoints(folder);
  // Newest first; a damaged one costs what came after the one before.
  for (const CheckpointName& entry : listing.checkpoints) {
    try {
      CheckpointFile newest(entry.path);
      for (const CheckpointName& before : listing.set_aside)  // whoever loads the folder next is to know it, too
        if (before.env_steps > entry.env_steps)
          set_aside.push_back(before.path + " was set aside as damaged; that of step " +
                              std::to_string(entry.env_steps) + " is taken");
      return newest;
    } catch (const DamagedError& error) {
      const std::string aside = entry.path + std::string(kDamagedSuffix);
      const bool renamed = system::rename_file(entry.path, aside);  // not on a read-only disk
      set_aside.push_back(std::string(error.what()) + (renamed ? "; renamed to " + aside : "; it stays where it is"));
    }
  }
  throw Error::of("there is no whole checkpoint in ", folder);
}

std::optional<CheckpointName> newest_checkpoint_name(const std::string& folder) {
  const Listing listing = list_checkpoints(folder);
  if (listing.checkpoints.empty()) return {};
  return listing.checkpoints.front();
}

bool has_checkpoint(const std::string& folder) {
  const Listing listing = list_checkpoints(folder);
  return !listing.checkpoints.empty() || !listing.set_aside.empty();
}

}  // namespace deepq
