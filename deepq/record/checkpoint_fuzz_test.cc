// Mutated checkpoints, with and without checksums that fit: only success or a deepq::Error may come out, and what comes
// out as a success can be read to the last byte. The mutations are the same in every run.
#include <gtest/gtest.h>

#include <cstring>

#include "deepq/core/crc32c.h"
#include "deepq/core/error.h"
#include "deepq/core/random.h"
#include "deepq/record/checkpoint.h"
#include "tests/test_support.h"

namespace deepq {
namespace {

constexpr std::string_view kPieces[] = {"[",
                                        "]",
                                        "{",
                                        "}",
                                        "\"",
                                        ",",
                                        ":",
                                        "0",
                                        "-1",
                                        "18446744073709551615",
                                        "1e9",
                                        "null",
                                        "true",
                                        "\"F64\"",
                                        "\"U8\"",
                                        "\"__metadata__\":",
                                        "\"~checksums\"",
                                        "[0,0]",
                                        "\xff",
                                        "\\u0000"};

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

uint64_t header_bytes(const std::string& file) {
  uint64_t length = 0;
  std::memcpy(&length, file.data(), 8);
  return 8 + length;
}

std::string mutated(std::string file, Random& random) {
  const uint64_t header = header_bytes(file);
  const uint64_t edits = 1 + random.below(3);
  for (uint64_t edit = 0; edit < edits; ++edit) {
    const size_t at = 8 + random.below(std::min<uint64_t>(header, file.size() - 8));
    switch (random.below(4)) {
      case 0:
        file.insert(at, kPieces[random.below(std::size(kPieces))]);
        break;
      case 1:
        file.erase(at, random.below(12));
        break;
      case 2:
        file[random.below(file.size())] = static_cast<char>(random.below(256));
        break;
      default:
        file.replace(at, 1, std::to_string(random.below(100)));
        break;
    }
  }
  return file;
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
