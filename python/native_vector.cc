#include "python/native_vector.h"

#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <memory>

#include "deepq/config/run_config.h"
#include "deepq/core/error.h"
#include "deepq/env/registry.h"
#include "python/pictures.h"

namespace nb = nanobind;

namespace deepq::python {
namespace {

// How an episode that has ended is followed by the next: Gymnasium's AutoresetMode.
enum class Autoreset { kNextStep, kSameStep, kDisabled };

template <class T>
using Vector = nb::ndarray<const T, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

// A new array that NumPy owns, as what was handed out before is the caller's.
template <class T>
class Array {
 public:
  explicit Array(std::vector<size_t> shape) : shape_(std::move(shape)) {
    size_t size = 1;
    for (const size_t dimension : shape_) size *= dimension;
    data_ = std::make_unique<T[]>(size + 1);  // an address for an array of none
  }
  T* data() { return data_.get(); }
  nb::object take() {
    T* const kept = data_.release();
    const nb::capsule owner(kept, [](void* p) noexcept { delete[] static_cast<T*>(p); });
    return nb::cast(nb::ndarray<nb::numpy, T>(kept, shape_.size(), shape_.data(), owner));
  }

 private:
  std::vector<size_t> shape_;
  std::unique_ptr<T[]> data_;
};

// Observations of all copies, in the space's own type: bytes, until they are an array.
class Batch {
 public:
  Batch(const ObservationLeaf& leaf, size_t count) : leaf_(leaf), count_(count) {}

  template <class Fill>  // (bytes of the first copy)
  nb::object filled(const Fill& fill) const {
    if (leaf_.kind == ObservationKind::kDiscrete) return of<int64_t>({count_}, fill);
    std::vector<size_t> shape{count_};
    for (const int64_t dimension : leaf_.shape) shape.push_back(static_cast<size_t>(dimension));
    return leaf_.holds_bytes() ? of<uint8_t>(shape, fill) : of<float>(shape, fill);
  }

 private:
  template <class T, class Fill>
  static nb::object of(std::vector<size_t> shape, const Fill& fill) {
    Array<T> array(std::move(shape));
    fill(reinterpret_cast<std::byte*>(array.data()));
    return array.take();
  }

  const ObservationLeaf& leaf_;
  size_t count_;
};

class NativeVector {
 public:
  NativeVector(const RunConfig& config, int64_t count, int64_t max_episode_steps, const std::string& autoreset)
      : limit_(max_episode_steps),
        autoreset_(autoreset == "SameStep"   ? Autoreset::kSameStep
                   : autoreset == "Disabled" ? Autoreset::kDisabled
                                             : Autoreset::kNextStep) {
    if (count < 1) throw Error::of("num_envs is ", count, "; allowed: at least 1");
    const EnvFactory make = find_env(config.env.id, config.env_options);
    for (int64_t i = 0; i < count; ++i) envs_.push_back(make());
    layout_ = ObservationLayout(spec().observation_space).without_legal_actions();
    size_ = static_cast<size_t>(layout_.number_bytes());
    observations_.resize(envs_.size() * size_);
    lengths_.resize(envs_.size());
    ended_.resize(envs_.size(), 1);
  }
  NativeVector(NativeVector&&) = default;

  // The observations, and which actions are legal (None: all). `chosen`: the copies that begin anew; none: all.
  nb::tuple reset(const std::vector<std::optional<uint64_t>>& seeds, const std::optional<std::vector<bool>>& chosen) {
    if (seeds.size() != envs_.size() || (chosen && chosen->size() != envs_.size()))
      throw Error::of("there are ", seeds.size(), " seeds for ", envs_.size(), " copies; allowed: one for each");
    for (size_t i = 0; i < envs_.size(); ++i)
      if (!chosen || (*chosen)[i]) begin(i, seeds[i]);
    return nb::make_tuple(observed(), legal_now());
  }

  // Observations, rewards, terminated, truncated, legal actions; of the mode SameStep also the observations and legal
  // actions that episodes ended in, where one has (else None).
  nb::tuple step(const Vector<int64_t>& actions) {
    check(actions);
    const size_t count = envs_.size();
    Array<double> rewards({count});
    Array<bool> terminated({count}), truncated({count});
    for (size_t i = 0; i < count; ++i) {
      const bool begins = autoreset_ == Autoreset::kNextStep && ended_[i] != 0;
      const Step step = begins ? Step{} : step_of(i, actions.data()[i]);
      if (begins) {
        begin(i, std::nullopt);
      } else {
        take(i, step.observation);
        ++lengths_[i];
      }
      rewards.data()[i] = step.reward;
      terminated.data()[i] = step.terminated;
      truncated.data()[i] = step.truncated || (!begins && limit_ > 0 && lengths_[i] >= limit_);
      ended_[i] = terminated.data()[i] || truncated.data()[i];
    }
    nb::object final = nb::none(), final_legal = nb::none();
    if (autoreset_ == Autoreset::kSameStep && std::ranges::count(ended_, 1) > 0) {
      final = observed();
      final_legal = legal_now();
      for (size_t i = 0; i < count; ++i)
        if (ended_[i] != 0) begin(i, std::nullopt);
    }
    return nb::make_tuple(observed(), rewards.take(), terminated.take(), truncated.take(), legal_now(), final,
                          final_legal);
  }

  const EnvSpec& spec() const { return envs_[0]->spec(); }
  std::string text(size_t copy) const { return envs_.at(copy)->render_text(); }
  nb::object picture(size_t copy) const { return picture_array(envs_.at(copy)->picture()); }

 private:
  void check(const Vector<int64_t>& actions) const {
    if (actions.size() != envs_.size())
      throw Error::of("there are ", actions.size(), " actions for ", envs_.size(), " copies; allowed: one for each");
    for (size_t i = 0; i < envs_.size(); ++i) {
      if (ended_[i] != 0 && autoreset_ != Autoreset::kNextStep)
        throw Error::of("environment '", spec().id, "', copy ", i, ": the episode is over; allowed: reset()");
      const int64_t action = actions.data()[i];
      if (action < 0 || action >= spec().action_count)
        throw Error::of("environment '", spec().id, "', copy ", i, ": the action is ", action, "; allowed: 0 to ",
                        spec().action_count - 1);
    }
  }
  // What is illegal is for the environment to refuse: Gymnasium's Taxi takes every action.
  Step step_of(size_t copy, int64_t action) try { return envs_[copy]->step(action); } catch (const Error& error) {
    throw Error::of("environment '", spec().id, "', copy ", copy, ": ", error.what());
  }
  void begin(size_t copy, std::optional<uint64_t> seed) {
    take(copy, envs_[copy]->reset(seed));
    lengths_[copy] = 0;
    ended_[copy] = 0;
  }
  void take(size_t copy, std::span<const float> floats) {
    const std::span<std::byte> to = std::span(observations_).subspan(copy * size_, size_);
    const ObservationRow typed = envs_[copy]->typed_observation();
    if (typed.empty())
      layout_.take_numbers(floats, to);
    else
      std::ranges::copy(typed.bytes(), to.begin());
  }
  nb::object observed() const {
    return Batch(spec().observation_space.leaf(), envs_.size()).filled([&](std::byte* to) {
      std::ranges::copy(observations_, to);
    });
  }
  size_t legal_actions() const { return static_cast<size_t>(spec().observation_space.legal_actions()); }
  nb::object legal_now() const {
    const size_t actions = legal_actions();
    if (actions == 0) return nb::none();
    Array<int8_t> masks({envs_.size(), actions});
    for (size_t i = 0; i < envs_.size(); ++i) {
      const LegalActions legal = envs_[i]->legal_actions();
      for (size_t a = 0; a < actions; ++a) masks.data()[i * actions + a] = legal(a);
    }
    return masks.take();
  }

  int64_t limit_;
  Autoreset autoreset_;
  std::vector<std::unique_ptr<Env>> envs_;
  ObservationLayout layout_;
  size_t size_ = 0;                      // bytes of an observation
  std::vector<std::byte> observations_;  // of all copies, now
  std::vector<int64_t> lengths_;         // of the episodes, so far
  std::vector<uint8_t> ended_;           // no episode goes on
};

}  // namespace

void bind_native_vector(nb::module_& m) {
  nb::class_<NativeVector>(m, "NativeVector", "Copies of one of the library's own environments, stepped together.")
      .def(nb::init<const RunConfig&, int64_t, int64_t, const std::string&>(), nb::arg("config"), nb::arg("count"),
           nb::arg("max_episode_steps"), nb::arg("autoreset"))
      .def("reset", &NativeVector::reset, nb::arg("seeds"), nb::arg("chosen").none() = nb::none())
      .def("step", &NativeVector::step, nb::arg("actions"))
      .def("text", &NativeVector::text, nb::arg("copy"))
      .def("picture", &NativeVector::picture, nb::arg("copy"));
}

}  // namespace deepq::python
