// Random numbers, equal to NumPy's bit for bit: SeedSequence and PCG64 (XSL-RR 128/64, O'Neill 2014), as used by
// numpy.random.default_rng and so by every Gymnasium environment. One generator serves the whole library.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "deepq/core/math.h"

namespace deepq {

class Archive;

// numpy.random.SeedSequence(entropy, spawn_key=spawn_key): mixes a seed into as many well-spread words as wanted.
class SeedSequence {
 public:
  explicit SeedSequence(uint64_t entropy, std::vector<uint32_t> spawn_key = {});
  std::vector<uint32_t> generate_state(std::size_t word_count) const;

 private:
  std::array<uint32_t, 4> pool_{};
};

// numpy.random.Generator(PCG64(SeedSequence(seed, spawn_key))).
class Random {
 public:
  explicit Random(uint64_t seed = 0, std::vector<uint32_t> spawn_key = {});

  uint64_t next_u64();
  uint32_t next_u32();                      // halves of a 64-bit draw, low one first, as NumPy does
  double uniform();                         // [0, 1), 53 bits: Generator.random()
  double uniform(double low, double high);  // Generator.uniform(low, high)
  double normal(Math math = {});            // standard normal, by Box and Muller 1958, in pairs; not NumPy's way
  bool has_spare_normal() const { return has_spare_normal_; }  // the pair's other one comes next
  uint64_t below(uint64_t bound);  // [0, bound), unbiased: Generator.integers(0, bound); bound >= 1

  void serialize(Archive& archive);

 private:
  __extension__ using Word128 = unsigned __int128;
  Word128 state_ = 0;
  Word128 increment_ = 0;
  uint32_t spare_ = 0;
  bool has_spare_ = false;
  double spare_normal_ = 0;
  bool has_spare_normal_ = false;
};

}  // namespace deepq
