// A Gymnasium environment, a Python object, as one of the library's. Takes the GIL for each call, so it may be stepped
// from any thread. Whatever is wrong with what Python hands over is a deepq::Error; SyncVectorEnv adds environment,
// copy and step.
#pragma once

#include "python/gym_spec.h"

namespace deepq::python {

class GymEnv final : public Env {
 public:
  // `description`: deepq._environments.Description. Its close(), if there is one, is called at the end.
  explicit GymEnv(nb::object description);
  ~GymEnv() override;
  GymEnv(const GymEnv&) = delete;
  GymEnv& operator=(const GymEnv&) = delete;

  const EnvSpec& spec() const override { return spec_.env; }
  // Observations are the typed ones alone: no floats are made of them.
  std::span<const float> reset(std::optional<uint64_t> seed) override;
  Step step(int64_t action) override;
  ObservationRow typed_observation() const override { return ObservationRow(observation_); }
  LegalActions legal_actions() const override { return LegalActions(legal_); }
  // What render() gives, where the environment was made to draw: an array [height, width, 3].
  Picture picture() const override;

 private:
  nb::object action_of(int64_t action);  // as NumPy's integer, which is what environments are used to
  Step take_step(nb::handle result);

  GymSpec spec_;
  nb::object reset_, step_, close_, render_;  // the last two: None where there is none
  nb::object integer_;                        // the type of the space's numbers
  std::vector<nb::object> actions_;           // the first of them, made when they are first taken
  nb::object masks_;                          // of an info; None: all actions are legal, always
  std::vector<std::byte> observation_;        // its numbers
  std::vector<uint64_t> legal_;               // bits
};

// Makes a GymEnv of what `make` returns, every time.
EnvFactory gym_factory(nb::object make);

}  // namespace deepq::python
