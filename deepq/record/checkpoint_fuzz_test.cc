// Mutated checkpoints, with and without checksums that fit: only success or a deepq::Error may come out, and what comes
// out as a success can be read to the last byte. The mutations are the same in every run.
#include <gtest/gtest.h>

#include <cstring>

#include "deepq/core/crc32c.h"
#include "deepq/core/error.h"
#include "deepq/core/random.h"
#include "deepq/record/checkpoint.h"
#include "tests/damaged_files.h"
#include "tests/test_support.h"

namespace deepq {
namespace {

using test::header_bytes, test::mutated;

std::string small_checkpoint(const std::string& folder) {
  std::vector<double> moments = {1, 2, 3};
  std::vector<float> weights = {1, 2};
  bool flag = true;
  Archive archive;
  archive.array("moments", moments);
  archive.array("weights", weights, {1, 2});
  archive.value("flag", flag);
  write_checkpoint(folder, 1, archive, {{"env", "x"}}, 1);
  return test::slurp(folder + "/checkpoint-000000000001.safetensors");
}

// Makes the length field and the header's checksum fit the edits, so that they reach what lies behind these checks.
void repair(std::string& file, uint64_t header, size_t checksums_at_end) {
  const uint64_t length = header - 8;
  std::memcpy(file.data(), &length, 8);
  if (file.size() < header + checksums_at_end) return;
  const uint32_t crc = crc32c(std::as_bytes(std::span(file).first(header)));
  std::memcpy(file.data() + file.size() - checksums_at_end, &crc, 4);
}

TEST(CheckpointFuzz, GivesTheStateOrAnError) {
  const test::TemporaryFolder folder;
  const std::string whole = small_checkpoint(folder.path());
  constexpr size_t kChecksumBytes = 4 * 4;  // three tensors and the header
  Random random(3);
  int read = 0, refused = 0;
  uint64_t sum = 0;
  for (int i = 0; i < 6000; ++i) {
    std::string file = mutated(whole, random);
    if (i % 4 != 0) repair(file, header_bytes(whole) + file.size() - whole.size(), kChecksumBytes);
    try {
      for (const auto& [name, tensor] : parse_checkpoint(std::as_bytes(std::span(file))).tensors)
        for (const std::byte byte : tensor.bytes) sum += static_cast<uint64_t>(byte) + name.size();
      ++read;
    } catch (const Error&) {
      ++refused;
    }
  }
  EXPECT_GT(read, 10) << "some edits (of a name, of metadata) leave a good file";
  EXPECT_GT(refused, 4000);
  EXPECT_GT(sum, 0u);
}

}  // namespace
}  // namespace deepq
