#include "deepq/core/random.h"

#include <bit>
#include <cmath>
#include <numbers>

#include "deepq/core/archive.h"
#include "deepq/core/error.h"

namespace deepq {
namespace {

uint32_t xor_shift(uint32_t value) { return value ^ (value >> 16); }

uint32_t hash_mix(uint32_t value, uint32_t& hash_constant) {
  value ^= hash_constant;
  hash_constant *= 0x931e8875u;
  return xor_shift(value * hash_constant);
}

uint32_t mix(uint32_t x, uint32_t y) { return xor_shift(0xca01f9ddu * x - 0x4973f715u * y); }

}  // namespace

SeedSequence::SeedSequence(uint64_t entropy, std::vector<uint32_t> spawn_key) {
  // NumPy's SeedSequence, word by word (numpy/random/bit_generator.pyx): a seed here is that seed there.
  std::vector<uint32_t> words{static_cast<uint32_t>(entropy)};
  if (entropy >> 32) words.push_back(static_cast<uint32_t>(entropy >> 32));
  // NumPy pads before a spawn key, else seed and key could run into each other.
  if (!spawn_key.empty()) words.resize(pool_.size(), 0);
  words.insert(words.end(), spawn_key.begin(), spawn_key.end());

  uint32_t hash_constant = 0x43b0d7e5u;
  for (size_t i = 0; i < pool_.size(); ++i) pool_[i] = hash_mix(i < words.size() ? words[i] : 0, hash_constant);
  for (size_t from = 0; from < pool_.size(); ++from)
    for (size_t to = 0; to < pool_.size(); ++to)
      if (from != to) pool_[to] = mix(pool_[to], hash_mix(pool_[from], hash_constant));
  for (size_t from = pool_.size(); from < words.size(); ++from)
    for (uint32_t& to : pool_) to = mix(to, hash_mix(words[from], hash_constant));
}

std::vector<uint32_t> SeedSequence::generate_state(size_t word_count) const {
  std::vector<uint32_t> state(word_count);
  uint32_t hash_constant = 0x8b51f9ddu;
  for (size_t i = 0; i < word_count; ++i) {
    const uint32_t value = pool_[i % pool_.size()] ^ hash_constant;
    hash_constant *= 0x58f38dedu;
    state[i] = xor_shift(value * hash_constant);
  }
  return state;
}

Random::Random(uint64_t seed, std::vector<uint32_t> spawn_key) {
  const std::vector<uint32_t> words = SeedSequence(seed, std::move(spawn_key)).generate_state(8);
  const auto word64 = [&](size_t i) { return words[2 * i] | (uint64_t{words[2 * i + 1]} << 32); };
  // pcg64_srandom: the increment must be odd; one step before the state is added, one after.
  increment_ = (((Word128{word64(2)} << 64) | word64(3)) << 1) | 1;
  next_u64();
  state_ += (Word128{word64(0)} << 64) | word64(1);
  next_u64();
}

uint64_t Random::next_u64() {
  // PCG's own for 128 bits (O'Neill 2014).
  constexpr Word128 kMultiplier = (Word128{0x2360ed051fc65da4u} << 64) | 0x4385df649fccf645u;
  state_ = state_ * kMultiplier + increment_;
  // PCG XSL-RR: the halves folded, turned by the topmost six bits.
  const uint64_t folded = static_cast<uint64_t>(state_ >> 64) ^ static_cast<uint64_t>(state_);
  const unsigned rotation = static_cast<unsigned>(state_ >> 122);
  return (folded >> rotation) | (folded << ((64 - rotation) & 63));
}

uint32_t Random::next_u32() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  const uint64_t both = next_u64();
  has_spare_ = true;  // the low half first, as NumPy's next_uint32
  spare_ = static_cast<uint32_t>(both >> 32);
  return static_cast<uint32_t>(both);
}

// 53 bits, as NumPy's next_double.
double Random::uniform() { return static_cast<double>(next_u64() >> 11) * 0x1.0p-53; }

double Random::uniform(double low, double high) { return low + (high - low) * uniform(); }

double Random::normal(Math math) {
  if (has_spare_normal_) {
    has_spare_normal_ = false;
    return spare_normal_;
  }
  // Box and Muller 1958: two uniform numbers make two normal ones; the second is kept for the next call.
  const double radius = std::sqrt(-2 * math.log(1 - uniform()));  // 1 - u, for log(0)
  const double angle = 2 * std::numbers::pi * uniform();
  spare_normal_ = radius * math.sin(angle);
  has_spare_normal_ = true;
  return radius * math.cos(angle);
}

// Lemire 2019, "Fast random integer generation in an interval": multiply, keep the high half, reject the few biased
// draws.
uint64_t Random::below(uint64_t bound) {
  DEEPQ_ASSERT(bound >= 1);
  if (bound == 1) return 0;
  if (bound == uint64_t{1} << 32) return next_u32();
  if (bound < uint64_t{1} << 32) {
    const auto range = static_cast<uint32_t>(bound);
    uint64_t product = uint64_t{next_u32()} * range;
    if (static_cast<uint32_t>(product) < range) {
      const uint32_t threshold = -range % range;  // 2^32 mod range, a division that few draws pay
      while (static_cast<uint32_t>(product) < threshold) product = uint64_t{next_u32()} * range;
    }
    return product >> 32;
  }
  Word128 product = Word128{next_u64()} * bound;
  if (static_cast<uint64_t>(product) < bound) {
    const uint64_t threshold = -bound % bound;
    while (static_cast<uint64_t>(product) < threshold) product = Word128{next_u64()} * bound;
  }
  return static_cast<uint64_t>(product >> 64);
}

void Random::serialize(Archive& archive) {
  std::array<uint64_t, 8> words{static_cast<uint64_t>(state_),
                                static_cast<uint64_t>(state_ >> 64),
                                static_cast<uint64_t>(increment_),
                                static_cast<uint64_t>(increment_ >> 64),
                                spare_,
                                has_spare_,
                                std::bit_cast<uint64_t>(spare_normal_),
                                has_spare_normal_};
  archive.array("random", words, kAnyValue<uint64_t>);
  archive.check("random[2] modulo 2", words[2] % 2, {1, 1});  // else it would not go through all its states
  archive.check("random[4]", words[4], {0, kAnyValue<uint32_t>.most});
  archive.check("random[5]", words[5], {0, 1});
  archive.check("random[6] as a number", std::bit_cast<double>(words[6]), kAnyValue<double>);
  archive.check("random[7]", words[7], {0, 1});
  state_ = (Word128{words[1]} << 64) | words[0];
  increment_ = (Word128{words[3]} << 64) | words[2];
  spare_ = static_cast<uint32_t>(words[4]);
  has_spare_ = words[5] != 0;
  spare_normal_ = std::bit_cast<double>(words[6]);
  has_spare_normal_ = words[7] != 0;
}

}  // namespace deepq
