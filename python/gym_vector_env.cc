#include "python/gym_vector_env.h"

#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <cmath>

#include "deepq/core/finite.h"

namespace deepq::python {
namespace {

// A NumPy array with a copy of the numbers; the environment may keep it.
template <class T>
nb::object numpy_array(std::span<const T> values) {
  // NumPy owns the copy: the capsule deletes it when the array goes, which may be long after the step.
  auto* const data = new T[values.size()];
  std::ranges::copy(values, data);
  const nb::capsule owner(data, [](void* p) noexcept { delete[] static_cast<T*>(p); });
  return nb::cast(nb::ndarray<nb::numpy, T, nb::ndim<1>>(data, {values.size()}, owner));
}

nb::object mask_of(const std::vector<bool>& ended) {
  auto* const data = new bool[ended.size()];
  std::ranges::copy(ended, data);
  const nb::capsule owner(data, [](void* p) noexcept { delete[] static_cast<bool*>(p); });
  return nb::cast(nb::ndarray<nb::numpy, bool, nb::ndim<1>>(data, {ended.size()}, owner));
}

nb::handle item(nb::handle tuple, Py_ssize_t i) { return {PyTuple_GetItem(tuple.ptr(), i)}; }

void require_tuple(nb::handle result, size_t size, const char* function) {
  if (!PyTuple_Check(result.ptr()) || nb::len(result) != size)
    throw Error::of(function, " returned a ", class_name(result), "; allowed: a tuple of ", size);
}

}  // namespace

GymVectorEnv::GymVectorEnv(nb::object description, uint64_t run_seed)
    : gym_(description),
      reset_(description.attr("reset")),
      step_(description.attr("step")),
      send_(description.attr("send")),
      receive_(description.attr("receive")),
      masks_(description.attr("action_masks")),
      final_masks_(description.attr("final_action_masks")),
      run_seed_(run_seed) {
  const std::string mode = nb::cast<std::string>(description.attr("autoreset"));
  autoreset_ = mode == "SameStep"   ? Autoreset::kSameStep
               : mode == "Disabled" ? Autoreset::kDisabled
                                    : Autoreset::kNextStep;
  spec_ = gym_.env;
  make_room(static_cast<size_t>(nb::cast<int64_t>(description.attr("count"))));
  // Only NextStep has steps that begin an episode and take no action; elsewhere skipped_ stays empty.
  if (autoreset_ == Autoreset::kNextStep) skipped_.resize(copies());
  if (nb::cast<bool>(description.attr("lives_count"))) {
    lives_.resize(copies());
    life_lost_.resize(copies());
  }
  std::vector<int64_t> seeds;
  for (int64_t i = 0; i < count(); ++i)
    seeds.push_back(static_cast<int64_t>(world_seed(run_seed, i, spec_.seed_width)));
  reset_all(seeds);
}

GymVectorEnv::~GymVectorEnv() {
  const nb::gil_scoped_acquire gil;
  // Members are destroyed after this body, when the GIL is no longer held.
  for (nb::object* function :
       {&reset_, &step_, &send_, &receive_, &masks_, &final_masks_, &gym_.parts, &gym_.action_of})
    function->reset();
}

void GymVectorEnv::refuse(size_t copy, const std::string& what) const {
  throw Error::of("environment '", spec_.id, "', copy ", copy, ", step ", steps_, ": ", what);
}

// As if no step had ever been taken.
void GymVectorEnv::reset_all(const std::vector<int64_t>& seeds) {
  const nb::gil_scoped_acquire gil;
  try {
    call_python([&] {
      // A list of seeds, which Gymnasium's vectors hand to their copies one by one.
      const nb::object result = reset_(nb::arg("seed") = seeds);
      require_tuple(result, 2, "reset");
      take_rows(item(result, 0), observations_);
      take_legal_actions(item(result, 1), observations_, Moment::kReset);
      take_lives(item(result, 1));
    });
  } catch (const Error& error) {
    throw Error::of("environment '", spec_.id, "', reset after step ", steps_, ": ", error.what());
  }
  next_observations_ = observations_;
  std::ranges::fill(terminated_, uint8_t{0});
  require_legal_actions();
  std::ranges::fill(rewards_, 0);
  std::ranges::fill(episode_returns_, 0);
  std::ranges::fill(episode_lengths_, 0);
  for (auto* flags : {&terminated_, &truncated_, &skipped_, &life_lost_}) std::ranges::fill(*flags, uint8_t{0});
}

// Leaf by leaf: a batch has an array for each.
void GymVectorEnv::take_rows(nb::handle batch, std::vector<std::byte>& rows) {
  const bool several = !gym_.parts.is_none();
  const nb::object parts = several ? gym_.parts(batch) : nb::none();
  for (size_t leaf = 0; leaf < gym_.leaves.size(); ++leaf) {
    const std::string what = gym_.name_of(leaf, "the batch of observations");
    const nb::object array = several ? nb::object(parts[leaf]) : nb::borrow(batch);
    const size_t bytes = layout_.leaf(row(rows, 0), leaf).size();
    // Rows that are one leaf and nothing else lie as the batch does.
    const bool direct = bytes == static_cast<size_t>(layout_.row_bytes());
    if (!direct) plain_.resize(copies() * bytes);
    const std::span<std::byte> all = direct ? std::span(rows) : std::span(plain_);
    const auto bad = gym_.take_leaf(leaf, array, count(), all, what);
    const ObservationLeaf& one = gym_.leaves[leaf];
    if (bad)
      refuse(bad->index,
             gym_.name_of(leaf) + " is " + bad->text + "; allowed: " + WholeNumbers{one.start, one.count}.text());
    for (size_t i = 0; i < copies(); ++i) {
      const std::span<std::byte> of_copy = all.subspan(i * bytes, bytes);
      require_finite(leaf, i, of_copy, "");
      if (!direct) std::ranges::copy(of_copy, layout_.leaf(row(rows, i), leaf).begin());
    }
  }
}

void GymVectorEnv::require_finite(size_t leaf, size_t copy, std::span<std::byte> of_leaf,
                                  const std::string& which) const {
  if (gym_.leaves[leaf].kind != ObservationKind::kReal) return;
  const std::span<float> reals = numbers<float>(of_leaf);
  const std::string& name = gym_.leaves[leaf].name;
  if (!all_finite(reals)) refuse(copy, which + (name.empty() ? "" : "'" + name + "': ") + not_finite_text(reals));
}

// Of the states that `infos` are of: where an episode ended in the mode SameStep that is the next one's first.
void GymVectorEnv::take_legal_actions(nb::handle infos, std::vector<std::byte>& rows, Moment moment) {
  if (masks_.is_none()) return;
  const nb::object masks = masks_(infos);
  for (size_t i = 0; i < copies(); ++i) {
    if (moment == Moment::kResetOfEnded && !has_ended(i)) continue;
    const bool true_end =
        moment == Moment::kStep && autoreset_ != Autoreset::kSameStep && terminated(static_cast<int64_t>(i));
    try {
      gym_.take_legal_actions(nb::object(masks[i]), true_end, layout_.legal(row(rows, i)));
    } catch (const Error& error) {
      refuse(i, error.what());
    }
  }
}

// An action is chosen there, too, where other copies go on, and ignored: behind a true end nothing need be legal.
void GymVectorEnv::allow_all_where_the_next_step_is_skipped() {
  for (size_t i = 0; i < copies() && layout_.legal_words() > 0; ++i)
    for (int64_t a = 0; has_ended(i) && a < spec_.observation_space.legal_actions(); ++a)
      allow(layout_.legal(row(observations_, i)), static_cast<size_t>(a));
}

void GymVectorEnv::require_legal_actions() const {
  if (masks_.is_none()) return;
  for (size_t i = 0; i < copies(); ++i) {
    const auto copy = static_cast<int64_t>(i);
    const bool acted_on = autoreset_ != Autoreset::kNextStep || !ended(copy);
    if ((acted_on && !has_choice(action_space_, observations().legal(copy))) ||
        (!terminated(copy) && !has_choice(action_space_, next_observations().legal(copy))))
      refuse(i, "no action is legal; allowed: at a true end alone");
  }
}

template <class Call>
void GymVectorEnv::with_step_context(const Call& call) const {
  const nb::gil_scoped_acquire gil;
  try {
    call_python(call);
  } catch (const Error& error) {
    const std::string where = "environment '" + spec_.id + "', ";
    // refuse() has named environment and copy already.
    if (std::string_view(error.what()).starts_with(where)) throw;
    throw Error::of(where, "step ", steps_, ": ", error.what());
  }
}

void GymVectorEnv::begin_step() {
  // Without halves of its own the environment steps as a whole in receive().
  if (send_.is_none()) return;
  with_step_context([&] { send_(chosen()); });
}

void GymVectorEnv::receive() {
  for (size_t i = 0; i < copies(); ++i) {
    // The flags are still those of the step before: what ended then only begins its next episode now.
    if (!skipped_.empty()) skipped_[i] = has_ended(i);
    if (!has_ended(i)) continue;
    episode_returns_[i] = 0;
    episode_lengths_[i] = 0;
  }
  with_step_context([&] { take_step(); });
  require_next_step();
  count_episodes();
}

// In the mode NextStep the step that begins an episode ends none; where nothing declares the mode, it may be another.
void GymVectorEnv::require_next_step() const {
  for (size_t i = 0; i < skipped_.size(); ++i)
    if (skipped_[i] && has_ended(i))
      refuse(i,
             "an episode ended in the step that only begins it, as autoreset mode NextStep has it; an environment that "
             "does otherwise says so in metadata['autoreset_mode'] (SameStep, Disabled)");
}

nb::object GymVectorEnv::chosen() const {
  std::vector<int64_t> actions = actions_;
  for (int64_t& action : actions) action += spec_.action_start;
  nb::object array = numpy_array(std::span<const int64_t>(actions));
  if (!gym_.action_of.is_none()) return gym_.action_of(array);
  return gym_.action_dtype == "int64" ? array : nb::object(array.attr("astype")(gym_.action_dtype));
}

void GymVectorEnv::take_step() {
  const nb::object result = receive_.is_none() ? step_(chosen()) : receive_();
  require_tuple(result, 5, "step");
  // Flags first: take_lives() asks which episodes have ended.
  take_results(result);
  take_legal_actions(item(result, 4), next_observations_, Moment::kStep);
  take_lives(item(result, 4));
  // The next step acts on what step returned; for copies that ended, the lines below tell the two apart.
  observations_ = next_observations_;
  if (any_ended()) {
    if (autoreset_ == Autoreset::kNextStep) {
      refuse_final_observations(item(result, 4));
      allow_all_where_the_next_step_is_skipped();
    }
    if (autoreset_ == Autoreset::kSameStep) take_final_observations(item(result, 4));
    if (autoreset_ == Autoreset::kDisabled) reset_ended();
  }
  require_legal_actions();
}

void GymVectorEnv::take_results(nb::handle result) {
  take_rows(item(result, 0), next_observations_);
  // In double, as returns are summed.
  const nb::object rewards = nb::module_::import_("numpy").attr("asarray")(item(result, 1), "float64");
  if (nb::len(rewards) != copies())
    throw Error::of("there are ", nb::len(rewards), " rewards for ", copies(), " copies");
  for (size_t i = 0; i < copies(); ++i) {
    rewards_[i] = take_number(rewards[i], "the reward");
    if (!std::isfinite(rewards_[i]))
      refuse(i, "the reward is " + number_text(rewards_[i]) + "; allowed: finite numbers");
  }
  copy_flags(item(result, 2), terminated_, "the batch of terminated");
  copy_flags(item(result, 3), truncated_, "the batch of truncated");
}

// In the step that ends an episode they may already be the next one's.
void GymVectorEnv::take_lives(nb::handle infos) {
  if (lives_.empty()) return;
  const nb::object lives = infos["lives"];
  for (size_t i = 0; i < copies(); ++i) {
    const auto now = nb::cast<int64_t>(nb::int_(lives[i]));
    life_lost_[i] = !has_ended(i) && now < lives_[i];
    lives_[i] = now;
  }
}

// What step returned for an ended copy already belongs to its next episode.
void GymVectorEnv::take_final_observations(nb::handle infos) {
  if (!PyDict_Check(infos.ptr()) || !nb::cast<bool>(infos.attr("__contains__")("final_obs")))
    throw Error("an episode ended and infos has no 'final_obs', which autoreset mode SameStep promises");
  const nb::object last = infos["final_obs"], masks = masks_.is_none() ? nb::none() : final_masks_(infos);
  for (size_t i = 0; i < copies(); ++i) {
    if (!has_ended(i)) continue;
    const std::span<std::byte> whole = row(next_observations_, i);
    gym_.take_observation(nb::object(last[i]), numbers_of(whole));
    for (size_t leaf = 0; leaf < gym_.leaves.size(); ++leaf)
      require_finite(leaf, i, layout_.leaf(whole, leaf), "final ");
    if (masks.is_none()) continue;
    const nb::object mask(masks[i]);
    // Cut off, it goes on being worth what may be done there.
    if (mask.is_none() && !terminated(static_cast<int64_t>(i)))
      refuse(i,
             "an episode was cut off, and nobody says which actions were legal in its last state; allowed: "
             "infos['final_info']['action_mask'], or another autoreset mode than SameStep");
    gym_.take_legal_actions(mask, true, layout_.legal(whole));
  }
}

void GymVectorEnv::refuse_final_observations(nb::handle infos) const {
  for (const char* name : {"final_obs", "final_observation"})
    if (PyDict_Check(infos.ptr()) && nb::cast<bool>(infos.attr("__contains__")(name)))
      throw Error::of("infos has '", name,
                      "', as autoreset mode SameStep has it; metadata['autoreset_mode'] is NextStep or is not there");
}

void GymVectorEnv::reset_ended() {
  std::vector<bool> ended(copies());
  for (size_t i = 0; i < copies(); ++i) ended[i] = has_ended(i);
  nb::dict options;
  options["reset_mask"] = mask_of(ended);
  const nb::object result = reset_(nb::arg("options") = options);
  require_tuple(result, 2, "reset");
  std::vector<std::byte> fresh(observations_.size());
  take_rows(item(result, 0), fresh);
  take_legal_actions(item(result, 1), fresh, Moment::kResetOfEnded);
  for (size_t i = 0; i < copies(); ++i)
    // next_observations_ keeps the last observation of the ended episode; only what is acted on next is replaced.
    if (ended[i]) std::ranges::copy(row(fresh, i), row(observations_, i).begin());
}

void GymVectorEnv::count_episodes() {
  for (size_t i = 0; i < copies(); ++i) {
    if (!skipped_.empty() && skipped_[i]) continue;
    episode_returns_[i] += rewards_[i];
    ++episode_lengths_[i];
  }
}

bool GymVectorEnv::any_ended() const {
  for (size_t i = 0; i < copies(); ++i)
    if (has_ended(i)) return true;
  return false;
}

void GymVectorEnv::serialize(Archive& archive) {
  serialize_results(archive);
  if (!archive.loading()) return;
  // New episodes with seeds of their own: a resumed run is not the unbroken one, and says so.
  restored_exactly_ = false;
  std::vector<int64_t> seeds(copies());
  for (int64_t& seed : seeds) seed = static_cast<int64_t>(next_seed_after_loading(run_seed_));
  reset_all(seeds);
}

}  // namespace deepq::python
