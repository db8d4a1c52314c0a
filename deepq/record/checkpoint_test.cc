#include "deepq/record/checkpoint.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

#include "deepq/core/crc32c.h"
#include "tests/test_support.h"

namespace deepq {
namespace {

using test::error_of;
using test::slurp;
using test::spit;
using test::TemporaryFolder;

// The state of something small: numbers of every size, a text, nothing at all.
struct State {
  int64_t updates = 12345;
  float gain = 0.5f;
  bool flag = true;
  std::vector<double> moments = {1, -2, 3.25};
  std::vector<float> nothing = {};
  std::string name = "CartPole-v1";

  void serialize(Archive& archive) {
    const auto scope = archive.scope("state");
    archive.value("updates", updates, kCount);
    archive.value("gain", gain);
    archive.value("flag", flag);
    archive.vector("moments", moments);
    archive.vector("nothing", nothing);
    archive.text("name", name);
  }
  bool operator==(const State&) const = default;
};

void write_state(const std::string& folder, int64_t env_steps, State state = {}, int64_t keep = 100) {
  Archive archive;
  state.serialize(archive);
  write_checkpoint(folder, env_steps, archive, {{"env", "CartPole-v1"}}, keep);
}

State read_state(const CheckpointFile& file) {
  State state{0, 0, false, {}, {1}, ""};
  Archive archive(file.tensors());
  state.serialize(archive);
  return state;
}

std::string name_of(int64_t env_steps) {
  const std::string digits = std::to_string(env_steps);
  return "checkpoint-" + std::string(12 - digits.size(), '0') + digits + ".safetensors";
}

std::string error_reading(const std::string& path) {
  return error_of([&] { CheckpointFile file(path); });
}

TEST(Checkpoint, ComesBackTheSame) {
  const TemporaryFolder folder;
  write_state(folder.path(), 12'345);
  EXPECT_EQ(folder.names(), std::vector<std::string>{"checkpoint-000000012345.safetensors"});
  std::vector<std::string> set_aside;
  const CheckpointFile moved = newest_checkpoint(folder.path(), set_aside);
  EXPECT_EQ(read_state(moved), State{});
  EXPECT_EQ(moved.tensors().size(), 6u) << "the checksums are not the caller's";
  EXPECT_EQ(moved.metadata(), (Metadata{{"env", "CartPole-v1"}, {"format", "deepq-checkpoint"}, {"version", "1"}}));
  EXPECT_EQ(moved.path(), folder / name_of(12'345));
  EXPECT_TRUE(set_aside.empty());
}

TEST(Checkpoint, ManyTensorsAreWrittenInOrder) {
  const TemporaryFolder folder;
  Archive archive;
  std::vector<std::vector<int64_t>> arrays(3000);
  for (size_t i = 0; i < arrays.size(); ++i) {
    arrays[i].assign(i % 50, static_cast<int64_t>(i));
    archive.array("array" + std::to_string(i), arrays[i], kCount);
  }
  write_checkpoint(folder.path(), 1, archive, {}, 1);
  const CheckpointFile file(folder / name_of(1));
  for (size_t i = 0; i < arrays.size(); ++i) {
    const auto bytes = file.tensors().find("array" + std::to_string(i))->second.bytes;
    ASSERT_EQ(bytes.size(), arrays[i].size() * 8);
    ASSERT_TRUE(std::ranges::equal(bytes, std::as_bytes(std::span(arrays[i]))));
  }
}

std::string error_parsing(const std::string& file) {
  return error_of([&] { parse_checkpoint(std::as_bytes(std::span(file))); });
}

TEST(Checkpoint, EveryFlippedBitIsFound) {
  const TemporaryFolder folder;
  write_state(folder.path(), 1);
  std::string file = slurp(folder / name_of(1));
  ASSERT_EQ(error_parsing(file), "no error");
  ASSERT_GT(file.size(), 500u);
  for (size_t bit = 0; bit < file.size() * 8; ++bit) {
    const char before = file[bit / 8];
    file[bit / 8] = static_cast<char>(before ^ 1 << bit % 8);
    ASSERT_NE(error_parsing(file), "no error") << "bit " << bit;
    file[bit / 8] = before;
  }
}

TEST(Checkpoint, EveryTruncationIsFound) {
  const TemporaryFolder folder;
  write_state(folder.path(), 1);
  const std::string whole = slurp(folder / name_of(1));
  for (size_t size = 0; size < whole.size(); ++size)
    ASSERT_NE(error_parsing(whole.substr(0, size)), "no error") << size;
  EXPECT_EQ(error_parsing(whole + "x"), "safetensors: there are bytes after the last tensor");
}

TEST(Checkpoint, DamageIsNamed) {
  const TemporaryFolder folder;
  write_state(folder.path(), 1);
  const std::string whole = slurp(folder / name_of(1)), path = folder / "damaged";
  const auto with_changed_byte = [&](size_t at) {
    std::string damaged = whole;
    damaged[at] ^= 1;
    return error_parsing(damaged);
  };
  EXPECT_EQ(with_changed_byte(whole.rfind("CartPole-v1")), "the checksum of tensor 'state/name' does not fit");
  EXPECT_EQ(with_changed_byte(whole.find("state/name")), "the checksum of the header does not fit");
  EXPECT_EQ(with_changed_byte(whole.size() - 1), "the checksum of tensor 'state/name' does not fit")
      << "the last checksum belongs to the last tensor";
  spit(path, "this is no safetensors file at all");
  EXPECT_EQ(error_reading(path),
            path + " cannot be used: safetensors: the header is longer than the file, or than the format allows");
  EXPECT_EQ(error_reading(folder / "none"), "cannot open " + (folder / "none") + ": No such file or directory");
  EXPECT_EQ(error_reading(folder.path()), "cannot use " + folder.path() + ": it is not a plain file");
}

TEST(Checkpoint, AForeignSafetensorsFileIsNamed) {
  const float weights[] = {1, -2};
  const TensorMap tensors{{"w", {Dtype::kF32, {2}, std::as_bytes(std::span(weights))}}};
  EXPECT_EQ(error_parsing(safetensors_header(tensors, {}) + std::string(reinterpret_cast<const char*>(weights), 8)),
            "it is not a checkpoint of deepq: it has no tensor '~checksums'");
}

TEST(Checkpoint, ChecksumsOfAnotherCountAreNamed) {
  const std::string_view data = "abcdefgh";
  const auto bytes = std::as_bytes(std::span(data));
  for (const size_t count : {0u, 4u}) {  // eight bytes would fit: the header's and one tensor's
    const TensorMap tensors{{"w", {Dtype::kU8, {4}, bytes.first(4)}},
                            {"~checksums", {Dtype::kU8, {static_cast<int64_t>(count)}, bytes.first(count)}}};
    EXPECT_EQ(error_parsing(safetensors_header(tensors, {}) + std::string(data.substr(0, 4 + count))),
              "it has not one checksum for each tensor");
  }
}

// Rewrites the metadata, with checksums that fit.
void rewrite(const std::string& folder, int64_t env_steps, const std::string& from, const std::string& to) {
  const std::string path = folder + "/" + name_of(env_steps);
  std::string file = slurp(path);
  file.replace(file.find(from), from.size(), to);
  uint64_t header_length = 0;
  std::memcpy(&header_length, file.data(), 8);
  const uint32_t crc = crc32c(std::as_bytes(std::span(file).first(8 + header_length)));
  const size_t checksum_count = State{}.moments.size() + 4;  // six tensors and the header
  std::memcpy(file.data() + file.size() - 4 * checksum_count, &crc, 4);
  spit(path, file);
}

TEST(Checkpoint, AnotherFormatOrANewerVersionIsNamed) {
  const TemporaryFolder folder;
  write_state(folder.path(), 1);
  rewrite(folder.path(), 1, "deepq-checkpoint", "deepq-chicken-pt");
  EXPECT_EQ(error_reading(folder / name_of(1)),
            (folder / name_of(1)) + " cannot be used: it is not a checkpoint of deepq");
  write_state(folder.path(), 2);
  rewrite(folder.path(), 2, "\"version\":\"1\"", "\"version\":\"2\"");
  const std::string newer = (folder / name_of(2)) +
                            " cannot be used: it was written by a newer deepq (checkpoint version 2; this one reads 1)";
  EXPECT_EQ(error_reading(folder / name_of(2)), newer);
  std::vector<std::string> set_aside;
  EXPECT_EQ(error_of([&] { newest_checkpoint(folder.path(), set_aside); }), newer) << "a good file is not set aside";
  EXPECT_TRUE(set_aside.empty());
}

TEST(Checkpoint, OlderOnesArePruned) {
  const TemporaryFolder folder;
  for (const int64_t env_steps : {30, 9, 100}) write_state(folder.path(), env_steps);
  spit(folder / "checkpoint-12.txt", "");
  spit(folder / (name_of(5) + ".damaged"), "");
  write_state(folder.path(), 200, {}, 2);
  EXPECT_EQ(folder.names(),
            (std::vector<std::string>{name_of(5) + ".damaged", name_of(100), name_of(200), "checkpoint-12.txt"}));
  write_state(folder.path(), 50, {}, 1);
  EXPECT_EQ(folder.names(),
            (std::vector<std::string>{name_of(5) + ".damaged", name_of(50), name_of(200), "checkpoint-12.txt"}))
      << "the one just written stays";
}

TEST(Checkpoint, WhatAKilledWriterLeftIsRemoved) {
  const TemporaryFolder folder;
  spit(folder / (name_of(1) + ".tmp"), "half");
  spit(folder / "notes.tmp", "mine");
  write_state(folder.path(), 2);
  EXPECT_EQ(folder.names(), (std::vector<std::string>{name_of(2), "notes.tmp"}));
}

TEST(Checkpoint, DamagedOnesAreSetAside) {
  const TemporaryFolder folder;
  for (const int64_t env_steps : {1, 2, 3}) write_state(folder.path(), env_steps, {.updates = env_steps});
  spit(folder / name_of(3), "");
  std::string damaged = slurp(folder / name_of(2));
  damaged.back() ^= 1;
  spit(folder / name_of(2), damaged);
  std::vector<std::string> set_aside;
  EXPECT_EQ(read_state(newest_checkpoint(folder.path(), set_aside)).updates, 1);
  EXPECT_EQ(folder.names(), (std::vector<std::string>{name_of(1), name_of(2) + ".damaged", name_of(3) + ".damaged"}));
  ASSERT_EQ(set_aside.size(), 2u);
  EXPECT_EQ(set_aside[0], (folder / name_of(3)) +
                              " cannot be used: safetensors: the file is shorter than its length field; renamed to " +
                              (folder / name_of(3)) + ".damaged");
  EXPECT_EQ(set_aside[1], (folder / name_of(2)) +
                              " cannot be used: the checksum of tensor 'state/name' does not fit; renamed to " +
                              (folder / name_of(2)) + ".damaged");
}

TEST(Checkpoint, NoneIsAnError) {
  const TemporaryFolder folder;
  std::vector<std::string> set_aside;
  EXPECT_EQ(error_of([&] { newest_checkpoint(folder.path(), set_aside); }),
            "there is no whole checkpoint in " + folder.path());
  EXPECT_EQ(error_of([&] { newest_checkpoint(folder / "none", set_aside); }),
            "cannot read the folder " + (folder / "none") + ": No such file or directory");
}

TEST(Checkpoint, WhetherOneWasEverFinished) {
  const TemporaryFolder folder;
  EXPECT_FALSE(has_checkpoint(folder.path()));
  for (const std::string& name : {name_of(1) + ".tmp", std::string("notes.safetensors"), std::string("x.damaged")})
    spit(folder / name, "");
  EXPECT_FALSE(has_checkpoint(folder.path())) << "what a killed writer left, and other people's files";
  spit(folder / (name_of(1) + ".damaged"), "");
  EXPECT_TRUE(has_checkpoint(folder.path())) << "one was set aside";
  std::filesystem::remove(folder / (name_of(1) + ".damaged"));
  write_state(folder.path(), 2);
  EXPECT_TRUE(has_checkpoint(folder.path()));
  EXPECT_EQ(error_of([&] { has_checkpoint(folder / "none"); }),
            "cannot read the folder " + (folder / "none") + ": No such file or directory");
}

TEST(Checkpoint, AFailedWriteCostsNothing) {
  const TemporaryFolder folder;
  write_state(folder.path(), 1, {.updates = 1});
  const State large{.moments = std::vector<double>(100'000, 1.0)};
  {
    const test::FileSizeLimit limit(50'000);
    EXPECT_EQ(error_of([&] { write_state(folder.path(), 2, large, 1); }),
              "cannot write " + (folder / name_of(2)) + ": File too large");
  }
  EXPECT_EQ(folder.names(), std::vector<std::string>{name_of(1)});
  std::vector<std::string> set_aside;
  EXPECT_EQ(read_state(newest_checkpoint(folder.path(), set_aside)).updates, 1);
  EXPECT_TRUE(set_aside.empty());
  EXPECT_EQ(error_of([&] { write_state(folder / "none", 2); }),
            "cannot open " + (folder / ("none/" + name_of(2))) + ": No such file or directory");
}

TEST(Checkpoint, AFullOrReadOnlyDiskCostsNothing) {
  const TemporaryFolder folder;
  const test::TinyDisk disk(folder.path(), 1 << 16);
  if (!disk.mounted()) GTEST_SKIP() << "only root can mount";
  write_state(folder.path(), 1, {.updates = 1});
  const State large{.moments = std::vector<double>(100'000, 1.0)};
  EXPECT_EQ(error_of([&] { write_state(folder.path(), 2, large, 1); }),
            "cannot write " + (folder / name_of(2)) + ": No space left on device");
  disk.make_read_only();
  EXPECT_EQ(error_of([&] { write_state(folder.path(), 3, {}, 1); }),
            "cannot open " + (folder / name_of(3)) + ": Read-only file system");
  EXPECT_EQ(folder.names(), std::vector<std::string>{name_of(1)});
  std::vector<std::string> set_aside;
  EXPECT_EQ(read_state(newest_checkpoint(folder.path(), set_aside)).updates, 1);
}

// A writer is killed at many instants; the newest checkpoint is whole each time, and nothing has to be set aside.
TEST(Checkpoint, AKillCostsNothing) {
  const TemporaryFolder folder;
  write_state(folder.path(), 1, {.updates = 1});
  for (int kill_number = 0; kill_number < 25; ++kill_number) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      for (int64_t env_steps = 2;; ++env_steps)
        write_state(folder.path(), env_steps, {.updates = env_steps, .moments = std::vector<double>(50'000, 1.0)}, 2);
    }
    usleep(static_cast<useconds_t>(1000 + 700 * kill_number));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    std::vector<std::string> set_aside;
    const CheckpointFile newest = newest_checkpoint(folder.path(), set_aside);
    EXPECT_TRUE(set_aside.empty()) << set_aside[0];
    EXPECT_EQ(newest.path(), folder / name_of(read_state(newest).updates));
  }
}

}  // namespace
}  // namespace deepq
