// Taxi-v4 and Taxi-v3: fetch a passenger from one of four pads and set them down at another, in a 5 x 5 town with
// walls. Actions: south (0), north (1), east (2), west (3), pick up (4), set down (5). State: ((row * 5 + column) * 5 +
// passenger) * 4 + destination, pads counted red, green, yellow, blue; passenger 4 is in the taxi.
// Source: Dietterich 2000, "Hierarchical reinforcement learning with the MAXQ value function decomposition". Equal to
// Gymnasium's toy_text/taxi.py: https://gymnasium.farama.org/environments/toy_text/taxi/
#pragma once

#include <string>

#include "deepq/env/env_options.h"
#include "deepq/env/tabular_env.h"

namespace deepq {

class Taxi final : public TabularEnv {
 public:
  // Without rain and fickle passengers both are the same. With them Gymnasium's v3 had mistakes, for which it has been
  // withdrawn; here it refuses them.
  enum class Variant { kV4, kV3 };

  // Throws deepq::Error for options that the variant lacks and for values that are no probability.
  explicit Taxi(const TaxiOptions& options = {}, Variant variant = Variant::kV4);

  std::span<const float> reset(std::optional<uint64_t> seed) override;
  Step step(int64_t action) override;
  LegalActions legal_actions() const override;
  bool serialize(Archive& archive) override;

  // The taxi is T with and t without the passenger.
  std::string render_text() const override;
  Picture picture() const override;

 private:
  TaxiOptions options_;
  bool will_change_destination_ = false;  // on the first move with the passenger
  mutable uint64_t legal_ = 0;
};

}  // namespace deepq
