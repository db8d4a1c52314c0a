#include "deepq/nn/learning_engine.h"

#include <optional>

#include "deepq/core/error.h"
#include "deepq/nn/copy_parameters.h"
#include "deepq/nn/optimizer.h"

namespace deepq {
namespace {

// The processor's: two networks and an optimiser, whose kernels network.engine chooses.
class HostEngine final : public LearningEngine {
 public:
  explicit HostEngine(const EngineSpec& spec)
      : online_(spec.network, spec.shape, spec.online_rows, Trainable::kYes),
        optimizer_(spec.optimizer, spec.network.numerics(), online_.trained_parameters().size()) {
    if (spec.target_rows > 0) target_.emplace(spec.network, spec.shape, spec.target_rows, Trainable::kNo);
  }

  void initialize(Random& random) override {
    online_.initialize(random);
    if (target_) target_->blend_from(online_, 1.0);
  }

  int64_t output_size() const override { return online_.output_size(); }
  bool noisy() const override { return online_.noisy(); }

  int64_t memory_size() const override { return online_.memory_size(); }

  Rows forward(ParameterCopy copy, Rows input, int64_t rows, std::span<const float> fractions,
               const Sequences& sequences) override {
    return at(copy).forward(input, rows, fractions, sequences);
  }
  Rows output(ParameterCopy copy) override { return at(copy).output(); }
  void sample_noise(ParameterCopy copy, Random& random) override { at(copy).sample_noise(random); }
  void mute_noise() override { online_.mute_noise(); }

  Rows output_gradient() override { return online_.output_gradient(); }
  void backward() override { online_.backward(); }
  double step(double learning_rate) override {
    const double norm =
        optimizer_.step(online_.trained_gradients(), online_.trained_parameters(), learning_rate, online_.team());
    online_.parameters_changed();
    return norm;
  }
  int64_t steps() const override { return optimizer_.steps(); }

  void set_input_statistics(std::span<const float> mean, std::span<const float> scale) override {
    online_.set_input_statistics(mean, scale);
    if (target_) target_->set_input_statistics(mean, scale);
  }

  void sync_target(double tau) override { at(ParameterCopy::kTarget).blend_from(online_, tau); }

  void take_parameters(const Network& from, NetworkPart part) override {
    copy_parameters(from, online_, part);
    if (target_) target_->blend_from(online_, 1.0);
  }

  const Network& network(ParameterCopy copy) const override {
    DEEPQ_ASSERT(copy == ParameterCopy::kOnline || target_);
    return copy == ParameterCopy::kOnline ? online_ : *target_;
  }

  void serialize(Archive& archive) override {
    serialize(archive, "online", online_);
    if (target_) serialize(archive, "target", *target_);
    optimizer_.serialize(archive, online_);
  }

 private:
  Network& at(ParameterCopy copy) { return const_cast<Network&>(network(copy)); }

  static void serialize(Archive& archive, std::string_view name, Network& network) {
    const auto scope = archive.scope(name);
    network.serialize(archive, network.parameters());
    if (archive.loading()) network.parameters_changed();
  }

  Network online_;
  std::optional<Network> target_;
  Optimizer optimizer_;
};

}  // namespace

std::unique_ptr<LearningEngine> make_engine(const EngineSpec& spec) { return std::make_unique<HostEngine>(spec); }

int64_t engine_bytes(const EngineSpec& spec) {
  const int64_t online = Network::bytes(spec.network, spec.shape, spec.online_rows, Trainable::kYes);
  // The optimiser's two moments, each as large as the parameters.
  const int64_t moments = 2 * Network::arena_bytes(spec.network, spec.shape);
  if (spec.target_rows == 0) return online + moments;
  return online + moments + Network::bytes(spec.network, spec.shape, spec.target_rows, Trainable::kNo);
}

}  // namespace deepq
