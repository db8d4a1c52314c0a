#include "deepq/env/history.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "deepq/core/error.h"

namespace deepq {
namespace {

// "wheels[1]" at time 2: "wheels[2,1]"; "position": "position[2]".
std::string name_at(const std::string& name, int64_t time) {
  const size_t bracket = name.ends_with(']') ? name.rfind('[') : std::string::npos;
  if (bracket == std::string::npos) return name + "[" + std::to_string(time) + "]";
  return name.substr(0, bracket + 1) + std::to_string(time) + "," + name.substr(bracket + 1);
}

// An infinite reward is refused by whoever takes it, by its own name and not as an observation.
float reward_seen(double reward) {
  constexpr double kMost = std::numeric_limits<float>::max();
  return std::isfinite(reward) ? static_cast<float>(std::clamp(reward, -kMost, kMost)) : 0;
}

size_t bytes_of(const ObservationLeaf& leaf) {
  return static_cast<size_t>(ObservationLayout(ObservationSpace({leaf})).number_bytes());
}

// Where each leaf begins in a row.
std::vector<size_t> offsets_in(const ObservationSpace& space) {
  const ObservationLayout layout(space);
  std::vector<std::byte> row(static_cast<size_t>(layout.row_bytes()));
  std::vector<size_t> offsets;
  for (size_t i = 0; i < space.seen().size(); ++i)
    offsets.push_back(static_cast<size_t>(layout.leaf(row, i).data() - row.data()));
  return offsets;
}

}  // namespace

ObservationHistory::ObservationHistory(const EnvSpec& spec, const HistoryOptions& options)
    : options_(options), actions_(spec.actions()), frames_(static_cast<size_t>(options.frame_stack)) {
  const ObservationSpace& within = spec.observation_space;
  const std::vector<size_t> from = offsets_in(within);
  const bool has_more = options.last_action || options.last_reward;
  std::vector<size_t> firsts;  // leaves of each of the environment's
  for (ObservationLeaf leaf : within.seen()) {
    const bool frames = leaf.kind == ObservationKind::kFrames;
    if (frames && frames_ > 1)
      throw Error::of("env.frame_stack is ", frames_, "; allowed for ", spec.id, ", whose observations are stacks of ",
                      leaf.shape[0], " frames: 1");
    // Beside others each has a name, and no stack of frames is one of several.
    if (has_more && (leaf.name.empty() || leaf.name.starts_with('['))) leaf.name = "observation" + leaf.name;
    if (has_more && frames) leaf.kind = ObservationKind::kBytes;
    leaf.low.clear(), leaf.high.clear();
    stacks_.push_back({.from = from[firsts.size()], .piece = bytes_of(leaf)});
    firsts.push_back(leaves_.size());
    if (leaf.kind == ObservationKind::kDiscrete)
      add_states(std::move(leaf));
    else
      add_numbers(std::move(leaf), within.is_single() && !has_more, stacks_.back());
  }
  const size_t last_leaves = leaves_.size();
  add_last_leaves();
  space_ = ObservationSpace(leaves_);
  space_.check("environment '" + spec.id + "', with its history: ");
  const std::vector<size_t> to = offsets_in(space_);
  for (size_t i = 0; i < stacks_.size(); ++i) stacks_[i].to = to[firsts[i]];
  if (options.last_action) action_at_ = to[last_leaves];
  if (options.last_reward) reward_at_ = to.back();
  if (within.legal_actions() > 0) space_ = space_.with_legal_actions(within.legal_actions());
}

// A leaf for each time. States lie side by side in a row, 8 bytes each.
void ObservationHistory::add_states(ObservationLeaf leaf) {
  const std::string name = leaf.name;
  for (int64_t time = 0; time < options_.frame_stack; ++time) {
    if (frames_ > 1) leaf.name = name_at(name, time);
    leaves_.push_back(leaf);
  }
}

void ObservationHistory::add_numbers(ObservationLeaf leaf, bool keeps_frames, Stack& stack) {
  if (frames_ > 1 && leaf.is_picture()) {
    leaf.channels_first = options_.channels_first.value_or(leaf.has_fewer_channels_first());
    if (!leaf.channels_first) {
      stack.groups = static_cast<size_t>(leaf.shape[0] * leaf.shape[1]);
      stack.piece /= stack.groups;
    }
    leaf.shape[leaf.channels_first ? 0 : 2] *= options_.frame_stack;
  } else if (frames_ > 1) {
    const bool grid = leaf.shape.size() == 2;
    leaf.shape.insert(leaf.shape.begin(), options_.frame_stack);
    leaf.channels_first = grid;  // the times are a convolution's channels
    if (grid && leaf.kind == ObservationKind::kBytes && keeps_frames) leaf.kind = ObservationKind::kFrames;
  }
  leaves_.push_back(std::move(leaf));
}

void ObservationHistory::add_last_leaves() {
  const std::string name = "last_action";
  for (size_t axis = 0; options_.last_action && axis < actions_.axis_count(); ++axis)
    add_states({.kind = ObservationKind::kDiscrete,
                .shape = {1},
                .count = actions_.axes()[axis] + 1,
                .name = actions_.is_single() ? name : name_at(name, static_cast<int64_t>(axis))});
  if (options_.last_reward) leaves_.push_back({.shape = {options_.frame_stack}, .name = "last_reward"});
}

// Behind what came before, of which the oldest goes.
void ObservationHistory::append(const Stack& stack, const std::byte* from, std::byte* row) const {
  const size_t kept = (frames_ - 1) * stack.piece;
  for (size_t group = 0; group < stack.groups; ++group) {
    std::byte* const to = row + stack.to + group * (kept + stack.piece);
    std::memmove(to, to + stack.piece, kept);
    std::memcpy(to + kept, from + stack.from + group * stack.piece, stack.piece);
  }
}

void ObservationHistory::begin(ObservationRow first, std::span<std::byte> row) const {
  for (size_t time = 0; time < frames_; ++time)
    for (const Stack& stack : stacks_) append(stack, first.bytes().data(), row.data());
  const size_t actions = options_.last_action ? frames_ * actions_.axis_count() : 0;
  std::memset(row.data() + action_at_, 0, actions * sizeof(int64_t));
  std::memset(row.data() + reward_at_, 0, options_.last_reward ? frames_ * sizeof(float) : 0);
}

void ObservationHistory::add(ObservationRow next, int64_t action, double reward, std::span<std::byte> row) const {
  for (const Stack& stack : stacks_) append(stack, next.bytes().data(), row.data());
  const auto append_number = [&](size_t at, auto number) {
    append({.to = at, .piece = sizeof(number)}, reinterpret_cast<const std::byte*>(&number), row.data());
  };
  if (options_.last_action)
    actions_.visit_choices(action, [&](size_t axis, int64_t, int64_t choice) {
      append_number(action_at_ + axis * frames_ * sizeof(int64_t), choice + 1);
    });
  if (options_.last_reward) append_number(reward_at_, reward_seen(reward));
}

namespace {

EnvSpec spec_with(const EnvSpec& spec, const ObservationHistory& history) {
  EnvSpec with = spec;
  with.observation_space = history.space();
  return with;
}

class HistoryEnv final : public Env {
 public:
  HistoryEnv(std::unique_ptr<Env> env, const HistoryOptions& options)
      : env_(std::move(env)),
        history_(env_->spec(), options),
        spec_(spec_with(env_->spec(), history_)),
        layout_(env_->spec().observation_space),
        numbers_(static_cast<size_t>(layout_.number_bytes())),
        row_(static_cast<size_t>(ObservationLayout(spec_.observation_space).number_bytes())) {}

  const EnvSpec& spec() const override { return spec_; }
  std::span<const float> reset(std::optional<uint64_t> seed) override {
    history_.begin(taken(env_->reset(seed)), row_);
    return {};
  }
  Step step(int64_t action) override {
    Step step = env_->step(action);
    history_.add(taken(step.observation), action, step.reward, row_);
    step.observation = {};
    return step;
  }
  ObservationRow typed_observation() const override { return ObservationRow(row_); }
  LegalActions legal_actions() const override { return env_->legal_actions(); }
  bool serialize(Archive& archive) override {
    const auto scope = archive.scope("history");
    archive.array("row", std::span(reinterpret_cast<uint8_t*>(row_.data()), row_.size()), kAnyValue<uint8_t>);
    return env_->serialize(archive);
  }
  std::string render_text() const override { return env_->render_text(); }
  Picture picture() const override { return env_->picture(); }

 private:
  ObservationRow taken(std::span<const float> floats) {
    const ObservationRow typed = env_->typed_observation();
    if (typed.empty()) {
      layout_.take_numbers(floats, numbers_);
      return ObservationRow(numbers_);
    }
    if (typed.bytes().size() != numbers_.size())
      throw Error::of("the observation has ", typed.bytes().size(), " bytes; allowed: ", numbers_.size());
    return typed;
  }

  std::unique_ptr<Env> env_;
  ObservationHistory history_;
  EnvSpec spec_;
  ObservationLayout layout_;              // of env_'s observations
  std::vector<std::byte> numbers_, row_;  // of the present one, and with its history
};

class HistoryVectorEnv final : public VectorEnv {
 public:
  HistoryVectorEnv(std::unique_ptr<VectorEnv> env, const HistoryOptions& options)
      : env_(std::move(env)), history_(env_->spec(), options) {
    spec_ = spec_with(env_->spec(), history_);
    make_room(static_cast<size_t>(env_->count()));
    take_outcomes(*env_);
    for (size_t i = 0; i < copies(); ++i) begin(i);
  }

  void receive() override {
    env_->receive();
    take_outcomes(*env_);
    for (size_t i = 0; i < copies(); ++i) {
      if (!skipped_.empty() && skipped_[i] != 0)
        begin(i);
      else
        add(i);
    }
  }

  // What an episode was is in its last row.
  void serialize(Archive& archive) override {
    serialize_results(archive);
    if (archive.loading() && takes_any_state()) env_->take_any_environments_state();
    const auto scope = archive.scope("within");
    env_->serialize(archive);
    restored_exactly_ = env_->restored_exactly();
    if (!archive.loading()) return;
    take_outcomes(*env_);
    // Copies that could not be restored are in a fresh episode.
    for (size_t i = 0; i < copies() && !restored_exactly_; ++i)
      if (episode_lengths_[i] == 0) begin(i);
  }

 protected:
  void begin_step() override { env_->send(actions_); }

 private:
  void begin(size_t copy) {
    const ObservationRow first = env_->observations()[static_cast<int64_t>(copy)];
    history_.begin(first, row(observations_, copy));
    take_legal(first, copy, observations_);
    std::ranges::copy(row(observations_, copy), row(next_observations_, copy).begin());
  }
  void add(size_t copy) {
    const auto i = static_cast<int64_t>(copy);
    const std::span<std::byte> next = row(next_observations_, copy);
    std::ranges::copy(row(observations_, copy), next.begin());
    history_.add(env_->next_observations()[i], actions_[copy], rewards_[copy], next);
    take_legal(env_->next_observations()[i], copy, next_observations_);
    // The true last one stays in `next`, where the next episode has begun already.
    if (ended(i) && !may_skip()) {
      history_.begin(env_->observations()[i], row(observations_, copy));
    } else {
      std::ranges::copy(next, row(observations_, copy).begin());
    }
    take_legal(env_->observations()[i], copy, observations_);
  }
  void take_legal(ObservationRow from, size_t copy, std::vector<std::byte>& rows) const {
    if (layout_.legal_words() > 0)
      std::ranges::copy(env_->observations().layout().legal(from).words(), layout_.legal(row(rows, copy)).begin());
  }

  std::unique_ptr<VectorEnv> env_;
  ObservationHistory history_;
};

}  // namespace

EnvFactory with_history(const HistoryOptions& options, EnvFactory make) {
  if (!make || !options.any()) return make;
  return [options, make = std::move(make)]() -> std::unique_ptr<Env> {
    std::unique_ptr<Env> env = make();
    return env ? std::make_unique<HistoryEnv>(std::move(env), options) : nullptr;
  };
}

EnvSpec with_history(const HistoryOptions& options, const EnvSpec& spec) {
  return options.any() ? spec_with(spec, ObservationHistory(spec, options)) : spec;
}

std::unique_ptr<VectorEnv> with_history(const HistoryOptions& options, std::unique_ptr<VectorEnv> env) {
  if (!options.any()) return env;
  return std::make_unique<HistoryVectorEnv>(std::move(env), options);
}

}  // namespace deepq
