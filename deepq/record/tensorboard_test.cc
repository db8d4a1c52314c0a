#include "deepq/record/tensorboard.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <functional>
#include <map>

#include "deepq/core/crc32c.h"
#include "tests/test_support.h"

namespace deepq {
namespace {

using test::hex;
using test::slurp;
using test::TemporaryFolder;

// The data of every record, after their lengths and checksums have been verified.
std::vector<std::string> records(const std::string& file) {
  const auto check = [&](size_t at, size_t size) {
    uint32_t stored = 0;
    std::memcpy(&stored, file.data() + at + size, 4);
    const uint32_t crc = crc32c(std::as_bytes(std::span(file).subspan(at, size)));
    EXPECT_EQ(stored, ((crc >> 15) | (crc << 17)) + 0xa282ead8u) << "at byte " << at;
  };
  std::vector<std::string> result;
  for (size_t at = 0; at < file.size();) {
    uint64_t length = 0;
    std::memcpy(&length, file.data() + at, 8);
    check(at, 8);
    check(at + 12, length);
    result.push_back(file.substr(at + 12, length));
    at += 16 + length;
  }
  return result;
}

std::string event_file(const TemporaryFolder& folder) {
  std::vector<std::string> names = folder.names();
  std::erase_if(names, [](const std::string& name) { return name.ends_with(".damaged"); });
  EXPECT_EQ(names.size(), 1u);
  EXPECT_EQ(names[0].find("events.out.tfevents."), 0u);
  EXPECT_TRUE(names[0].ends_with(".deepq"));
  return folder / names[0];
}

// Bytes that TensorFlow writes for the same events.
TEST(TensorBoard, GoldenBytes) {
  std::string out;
  tensorboard::append_version(out, 0);
  EXPECT_EQ(hex(out), "1800000000000000a37f4b220900000000000000001a0d627261696e2e4576656e743a32eedf28a3");
  out.clear();
  tensorboard::append_scalars(out, 0, 1, std::array<tensorboard::Scalar, 1>{{{"a", 1.0}}});
  EXPECT_EQ(hex(out), "1700000000000000e7cef81e09000000000000000010012a0a0a080a0161150000803f759fac86");
}

TEST(TensorBoard, LongTagsAndLargeStepsHaveRightLengths) {
  std::string out;
  const std::string tag(200, 't');
  tensorboard::append_scalars(out, 1.5, 300, std::array<tensorboard::Scalar, 2>{{{tag, -2.0}, {"b", 0.5}}});
  const std::vector<std::string> all = records(out);
  ASSERT_EQ(all.size(), 1u);
  // Value 1: tag 1 + 2 + 200, simple_value 5 = 208; in the summary 1 + 2 + 208 = 211. Value 2: 3 + 5 = 8, in the
  // summary 10.
  const std::string wanted =
      "09000000000000f83f"
      "10ac02"
      "2add01"
      "0ad001"
      "0ac801" +
      hex(tag) +
      "15000000c0"
      "0a080a0162150000003f";
  EXPECT_EQ(hex(all[0]), wanted);
}

TEST(TensorBoard, BeginsWithVersionAndConfig) {
  const TemporaryFolder folder;
  { TensorBoardLog log(folder.path(), "a = 1\nb = 2\n"); }
  const std::vector<std::string> all = records(slurp(event_file(folder)));
  ASSERT_EQ(all.size(), 3u);
  EXPECT_NE(all[0].find("brain.Event:2"), std::string::npos);
  EXPECT_NE(all[1].find("config/text_summary"), std::string::npos);
  EXPECT_NE(all[1].find("    a = 1\n    b = 2\n"), std::string::npos);
}

TEST(TensorBoard, WritesEveryTag) {
  const TemporaryFolder folder;
  {
    TensorBoardLog log(folder.path(), "");
    log.on_episode({});
    log.on_metrics({});
    log.on_evaluation({});
    log.on_evaluation({.final = true});
  }
  const std::string file = slurp(event_file(folder));
  EXPECT_EQ(records(file).size(), 7u);
  for (const char* tag :
       {"train/return", "train/length", "train/epsilon", "train/loss", "train/mean_q", "train/max_abs_q",
        "train/grad_norm", "train/learning_rate", "eval/mean_return", "eval/std_return", "eval/min_return",
        "eval/max_return", "eval/mean_length", "final_eval/mean_return", "final_eval/mean_length"})
    EXPECT_NE(file.find(tag), std::string::npos) << tag;
}

struct Scalars {
  uint64_t step = 0;
  std::map<std::string, float> values;
};

// Of an event: 9 bytes of time, the step as a varint, then each tag followed by its value.
Scalars scalars_of(const std::string& event) {
  Scalars scalars;
  size_t at = 10;
  for (int shift = 0;; shift += 7, ++at) {
    scalars.step |= static_cast<uint64_t>(event[at] & 127) << shift;
    if ((event[at] & 128) == 0) break;
  }
  for (const char* kind : {"train/", "eval/"}) {
    for (size_t tag = event.find(kind, at); tag != std::string::npos; tag = event.find(kind, tag + 1)) {
      const std::string name = event.substr(tag, static_cast<unsigned char>(event[tag - 1]));
      std::memcpy(&scalars.values[name], event.data() + tag + name.size() + 1, sizeof(float));
    }
  }
  return scalars;
}

// The axis is environment steps, whatever else a record counts.
TEST(TensorBoard, EveryValueIsItsRecordsAtItsEnvironmentStep) {
  const TemporaryFolder folder;
  {
    TensorBoardLog log(folder.path(), "");
    log.on_episode({.episode = 3, .env_steps = 1000, .episode_return = 1.5, .length = 2, .epsilon = 0.25});
    MetricsRecord metrics{{.loss = 3, .mean_q = 4, .max_abs_q = 5, .grad_norm = 6}};
    metrics.env_steps = 2000;
    metrics.updates = 77;
    metrics.td_error_median = 0.5;
    metrics.td_error_p90 = 2;
    metrics.epsilon = 0.5;
    metrics.learning_rate = 7;
    log.on_metrics(metrics);
    log.on_evaluation({.env_steps = 3000,
                       .episodes = 10,
                       .mean_return = 8,
                       .std_return = 9,
                       .min_return = 10,
                       .max_return = 11,
                       .mean_length = 12});
  }
  const std::vector<std::string> all = records(slurp(event_file(folder)));
  ASSERT_EQ(all.size(), 6u);
  const Scalars episode = scalars_of(all[3]), metrics = scalars_of(all[4]), evaluation = scalars_of(all[5]);
  EXPECT_EQ(episode.step, 1000u);
  EXPECT_EQ(metrics.step, 2000u);
  EXPECT_EQ(evaluation.step, 3000u);
  using Values = std::map<std::string, float>;
  EXPECT_EQ(episode.values, (Values{{"train/return", 1.5f}, {"train/length", 2}, {"train/epsilon", 0.25f}}));
  EXPECT_EQ(metrics.values, (Values{{"train/loss", 3},
                                    {"train/mean_q", 4},
                                    {"train/max_abs_q", 5},
                                    {"train/grad_norm", 6},
                                    {"train/td_error_median", 0.5f},
                                    {"train/td_error_p90", 2},
                                    {"train/learning_rate", 7}}));
  EXPECT_EQ(evaluation.values, (Values{{"eval/mean_return", 8},
                                       {"eval/std_return", 9},
                                       {"eval/min_return", 10},
                                       {"eval/max_return", 11},
                                       {"eval/mean_length", 12}}));
}

// The tags that users of other libraries have in their charts.
TEST(TensorBoard, TagsOfOtherLibraries) {
  const auto tags = [](TagNames names) {
    const TemporaryFolder folder;
    {
      TensorBoardLog log(folder.path(), "");
      log.set_names(names);
      log.on_episode({.env_steps = 10, .episode_return = 1, .length = 10});
      log.on_episode({.env_steps = 30, .episode_return = 2, .length = 20});
      MetricsRecord metrics;
      metrics.env_steps_per_second = 40;
      metrics.updates_per_second = 20;
      log.on_metrics(metrics);
      log.on_evaluation({.final = true});
    }
    return slurp(event_file(folder));
  };
  const auto value_of = [](const std::string& file, const std::string& tag) {
    float value = 0;
    const size_t at = file.rfind(tag);
    EXPECT_NE(at, std::string::npos) << tag;
    if (at != std::string::npos) std::memcpy(&value, file.data() + at + tag.size() + 1, sizeof value);
    return value;
  };
  const std::string sb3 = tags(TagNames::kStableBaselines3), cleanrl = tags(TagNames::kCleanRl);
  EXPECT_EQ(value_of(sb3, "rollout/ep_rew_mean"), 1.5f);
  EXPECT_EQ(value_of(sb3, "rollout/ep_len_mean"), 15);
  EXPECT_EQ(value_of(sb3, "time/fps"), 40);
  for (const char* tag : {"rollout/exploration_rate", "train/n_updates", "final_eval/mean_reward"}) value_of(sb3, tag);
  EXPECT_EQ(value_of(cleanrl, "charts/episodic_return"), 2);
  EXPECT_EQ(value_of(cleanrl, "charts/episodic_length"), 20);
  EXPECT_EQ(value_of(cleanrl, "charts/SPS"), 40);
  for (const char* tag : {"losses/td_loss", "losses/q_values", "final_eval/episodic_return"}) value_of(cleanrl, tag);
  const std::string own = tags(TagNames::kDeepq);
  EXPECT_EQ(value_of(own, "time/steps_per_second"), 40);
  EXPECT_EQ(value_of(own, "time/updates_per_second"), 20);
  EXPECT_EQ(sb3.find("train/return"), std::string::npos);
}

TEST(TensorBoard, AResumeGoesOnInTheSameFile) {
  const TemporaryFolder folder;
  Archive saved;
  size_t length = 0;
  {
    TensorBoardLog log(folder.path(), "a = 1");
    log.on_episode({.env_steps = 10});
    log.serialize(saved);
    length = slurp(event_file(folder)).size();
    log.on_episode({.env_steps = 20});
  }
  std::filesystem::rename(event_file(folder), folder / "events.out.tfevents.1700000000.1.deepq");  // made long ago
  const std::string before = slurp(event_file(folder));
  ASSERT_GT(before.size(), length);
  TensorBoardLog log(folder.path(), "a = 1");
  Archive loading(saved.tensors());
  log.serialize(loading);
  EXPECT_EQ(slurp(event_file(folder)), before.substr(0, length));
  log.on_episode({.env_steps = 21});
  log.flush();
  const std::vector<std::string> all = records(slurp(event_file(folder)));
  ASSERT_EQ(all.size(), 5u);
  EXPECT_EQ(all[4].substr(9, 2), "\x10\x15") << "step 21";
}

// The curve eval/mean_return has no point of the evaluation after training.
TEST(TensorBoard, TheEvaluationAfterTrainingHasTagsOfItsOwn) {
  const TemporaryFolder folder;
  {
    TensorBoardLog log(folder.path(), "");
    log.on_evaluation({.final = true});
  }
  std::string last = records(slurp(event_file(folder))).back();
  for (size_t at = 0; (at = last.find("final_eval/")) != std::string::npos;) last.erase(at, 11);
  EXPECT_EQ(last.find("eval/"), std::string::npos);
}

TEST(TensorBoard, AFileThatWasLostBeginsAnew) {
  const auto records_after = [](const std::function<void(const std::string&)>& damage) {
    const TemporaryFolder folder;
    Archive saved;
    {
      TensorBoardLog log(folder.path(), "a = 1");
      log.on_episode({.env_steps = 10});
      log.serialize(saved);
    }
    damage(event_file(folder));
    std::string notice;
    {
      TensorBoardLog log(folder.path(), "a = 1");
      Archive loading(saved.tensors());
      log.serialize(loading);
      log.on_episode({.env_steps = 21});
      notice = log.take_notice();
    }
    return std::pair(records(slurp(event_file(folder))).size(), notice.empty());
  };
  const auto anew = std::pair(size_t{4}, false), gone_on = std::pair(size_t{5}, true);
  EXPECT_EQ(records_after([](const std::string& path) { std::filesystem::remove(path); }), anew);
  EXPECT_EQ(records_after([](const std::string& path) { test::spit(path, ""); }), anew);
  EXPECT_EQ(records_after([](const std::string& path) { test::spit(path, slurp(path).substr(0, 40)); }), anew);
  EXPECT_EQ(records_after([](const std::string& path) { test::spit(path, std::string(4096, '\0')); }), anew);
  EXPECT_EQ(records_after([](const std::string& path) { test::spit(path, slurp(path) + std::string(999, '\0')); }),
            gone_on);
}

}  // namespace
}  // namespace deepq
