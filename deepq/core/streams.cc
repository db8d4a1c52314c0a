#include "deepq/core/streams.h"

#include <vector>

#include "deepq/core/error.h"

namespace deepq {
namespace {

constexpr int kBits = 31;
constexpr uint64_t kLimit = uint64_t{1} << kBits;

std::vector<uint32_t> spawn_key(Stream purpose, uint64_t number, uint64_t episode) {
  const auto low = [](uint64_t value) { return static_cast<uint32_t>(value); };
  const auto high = [](uint64_t value) { return static_cast<uint32_t>(value >> 32); };
  return {static_cast<uint32_t>(purpose), low(number), high(number), low(episode), high(episode)};
}

// A permutation of the numbers below 2^31 that is the run's own: different indices never give the same seed. Each
// line of a round can be undone.
uint64_t permuted(uint64_t run_seed, uint64_t index) {
  constexpr size_t kRounds = 4;
  const auto keys = SeedSequence(run_seed, {static_cast<uint32_t>(Stream::kWorld)}).generate_state(2 * kRounds);
  for (size_t round = 0; round < kRounds; ++round) {
    index = (index * (keys[2 * round] | 1) + keys[2 * round + 1]) % kLimit;  // an odd factor has an inverse modulo 2^31
    index ^= index >> (kBits / 2 + 1);  // the high half is as it was: it gives the low half back
  }
  return index;
}

// Each purpose has a part of the indices for itself; those of which a run may want the most have the largest.
uint64_t index_of(Stream purpose, uint64_t number, uint64_t episode) {
  const auto part = [](int bits, uint64_t within) { return (uint64_t{1} << bits) | (within % (uint64_t{1} << bits)); };
  switch (purpose) {
    case Stream::kWorld:
      return number % (uint64_t{1} << 27);
    case Stream::kWorldAfterLoading:
      return part(27, number);
    case Stream::kFinalEvaluation:
      return part(28, episode);
    case Stream::kEvaluation:
      return part(29, episode);
    default:  // too many numbers to count through: a place of its own for each, which hardly ever overlap
      return part(30, SeedSequence(number, {static_cast<uint32_t>(purpose)}).generate_state(1)[0] + episode);
  }
}

bool is_run_seed(Stream purpose, uint64_t number) { return purpose == Stream::kWorld && number == 0; }

// Where the run's seed would come out it has been given to copy 0 already; what copy 0 would have had is free instead.
uint64_t seed31(uint64_t run_seed, Stream purpose, uint64_t number, uint64_t episode) {
  if (is_run_seed(purpose, number) && run_seed < kLimit) return run_seed;
  const uint64_t seed = permuted(run_seed, index_of(purpose, number, episode));
  return seed == run_seed ? permuted(run_seed, index_of(Stream::kWorld, 0, 0)) : seed;
}

uint64_t seed_of(uint64_t run_seed, Stream purpose, uint64_t number, uint64_t episode, SeedWidth width) {
  if (width == SeedWidth::k31) return seed31(run_seed, purpose, number, episode);
  if (is_run_seed(purpose, number)) return run_seed;
  const auto words = SeedSequence(run_seed, spawn_key(purpose, number, episode)).generate_state(2);
  return words[0] | (uint64_t{words[1]} << 32);
}

}  // namespace

Random random_stream(uint64_t run_seed, Stream purpose) { return Random(run_seed, {static_cast<uint32_t>(purpose)}); }

uint64_t world_seed(uint64_t run_seed, int64_t copy, SeedWidth width) {
  DEEPQ_ASSERT(copy >= 0);
  return seed_of(run_seed, Stream::kWorld, static_cast<uint64_t>(copy), 0, width);
}

uint64_t world_seed_after_loading(uint64_t run_seed, int64_t number, SeedWidth width) {
  return seed_of(run_seed, Stream::kWorldAfterLoading, static_cast<uint64_t>(number), 0, width);
}

uint64_t EpisodeStreams::world_seed(int64_t episode, SeedWidth width) const {
  return seed_of(run_seed, purpose, number, static_cast<uint64_t>(first_episode + episode), width);
}

Random EpisodeStreams::exploration(int64_t episode) const {
  std::vector<uint32_t> key = spawn_key(purpose, number, static_cast<uint64_t>(first_episode + episode));
  key.push_back(1);  // beside the world's
  return Random(run_seed, std::move(key));
}

}  // namespace deepq
