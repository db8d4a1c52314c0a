#include "deepq/core/streams.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace deepq {
namespace {

constexpr uint64_t kRuns = 100;
constexpr int64_t kCopies = 256, kEpisodes = 200;

// Two evaluations in a row during training, the one after it, three that users asked for, two probes.
std::vector<EpisodeStreams> episodes_of(uint64_t run) {
  std::vector<EpisodeStreams> all{
      {run, Stream::kEvaluation, 0, 0}, {run, Stream::kEvaluation, 0, kEpisodes}, {run, Stream::kFinalEvaluation}};
  for (uint64_t number = 0; number < 3; ++number) all.push_back({run, Stream::kChosenEvaluation, number});
  for (const int64_t moment : {0, 1000}) all.push_back(probe_streams(static_cast<int64_t>(run), moment));
  return all;
}

std::vector<uint64_t> world_seeds_of(uint64_t run, SeedWidth width) {
  std::vector<uint64_t> seeds;
  for (int64_t copy = 0; copy < kCopies; ++copy) {
    seeds.push_back(world_seed(run, copy, width));
    seeds.push_back(world_seed_after_loading(run, copy, width));
  }
  for (const EpisodeStreams& streams : episodes_of(run))
    for (int64_t episode = 0; episode < kEpisodes; ++episode) seeds.push_back(streams.world_seed(episode, width));
  return seeds;
}

size_t repeats(std::vector<uint64_t> values) {
  const size_t count = values.size();
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return count - values.size();
}

// Of every stream that a run may draw from, as the environments and algorithms open them.
std::vector<uint64_t> first_draws_of(uint64_t run) {
  std::vector<uint64_t> draws;
  for (const uint64_t seed : world_seeds_of(run, SeedWidth::k64)) draws.push_back(Random(seed).next_u64());
  for (const Stream purpose : {Stream::kInitialization, Stream::kExploration, Stream::kSampling, Stream::kExperiment})
    draws.push_back(random_stream(run, purpose).next_u64());
  for (const EpisodeStreams& streams : episodes_of(run))
    for (int64_t episode = 0; episode < kEpisodes; ++episode) draws.push_back(streams.exploration(episode).next_u64());
  return draws;
}

TEST(Streams, NoTwoMeetOverAHundredSeedsInARow) {
  std::vector<uint64_t> all;
  for (uint64_t run = 0; run < kRuns; ++run) {
    const std::vector<uint64_t> draws = first_draws_of(run);
    all.insert(all.end(), draws.begin(), draws.end());
  }
  EXPECT_EQ(repeats(all), 0u);
}

TEST(Streams, ShortSeedsFitAndNeverRepeatWithinARun) {
  std::vector<uint64_t> runs;
  for (uint64_t run = 0; run < kRuns; ++run) runs.push_back(run);
  for (const uint64_t wide : {(uint64_t{1} << 31) - 1, uint64_t{1} << 31, uint64_t{1} << 40, ~uint64_t{0}})
    runs.push_back(wide);
  for (const uint64_t run : runs) {
    const std::vector<uint64_t> seeds = world_seeds_of(run, SeedWidth::k31);
    EXPECT_LT(*std::max_element(seeds.begin(), seeds.end()), uint64_t{1} << 31) << run;
    EXPECT_EQ(repeats(seeds), 0u) << run;
  }
}

// So many that numbers drawn at random below 2^31 would repeat some 20 times.
TEST(Streams, ShortSeedsOfManyEvaluationsNeverRepeat) {
  const EpisodeStreams streams{3, Stream::kEvaluation};
  std::vector<uint64_t> seeds;
  for (int64_t episode = 0; episode < 300'000; ++episode) seeds.push_back(streams.world_seed(episode, SeedWidth::k31));
  EXPECT_EQ(repeats(seeds), 0u);
}

// Found by search: runs for whose copies the permutation gives the run's own seed, which copy 0 has.
TEST(Streams, NoOtherCopyGetsTheRunsOwnSeed) {
  for (const auto& [run, copy] : {std::pair{5'429'183, 17}, std::pair{14'207'450, 169}}) {
    const auto own = static_cast<uint64_t>(run);
    EXPECT_EQ(world_seed(own, 0, SeedWidth::k31), own);
    EXPECT_NE(world_seed(own, copy, SeedWidth::k31), own);
    EXPECT_EQ(repeats(world_seeds_of(own, SeedWidth::k31)), 0u);
  }
}

// A few of 25,600 numbers below 2^31 may be alike by chance; neighbours that share their copies make thousands.
TEST(Streams, ShortSeedsOfNeighboringRunsAreOthers) {
  std::vector<uint64_t> all;
  for (uint64_t run = 0; run < kRuns; ++run)
    for (int64_t copy = 0; copy < kCopies; ++copy) all.push_back(world_seed(run, copy, SeedWidth::k31));
  EXPECT_LE(repeats(all), 3u);
}

TEST(Streams, TheFirstCopyHasTheRunsOwnSeed) {
  for (const uint64_t run : {uint64_t{0}, uint64_t{7}, (uint64_t{1} << 31) - 1}) {
    EXPECT_EQ(world_seed(run, 0, SeedWidth::k64), run);
    EXPECT_EQ(world_seed(run, 0, SeedWidth::k31), run);
  }
  EXPECT_EQ(world_seed(uint64_t{1} << 40, 0, SeedWidth::k64), uint64_t{1} << 40);
  EXPECT_LT(world_seed(uint64_t{1} << 40, 0, SeedWidth::k31), uint64_t{1} << 31);
}

TEST(Streams, AnEpisodeIsTheSameWhateverItWasCountedFrom) {
  const EpisodeStreams from_the_first{3, Stream::kEvaluation}, later{3, Stream::kEvaluation, 0, 10};
  for (const SeedWidth width : {SeedWidth::k31, SeedWidth::k64})
    EXPECT_EQ(from_the_first.world_seed(12, width), later.world_seed(2, width));
  EXPECT_EQ(from_the_first.exploration(12).next_u64(), later.exploration(2).next_u64());
}

}  // namespace
}  // namespace deepq
