#include "deepq/agent/observations.h"

#include "deepq/core/error.h"

namespace deepq {

NetworkShape network_for(const ObservationSpace& space, const ActionSpace& actions) {
  constexpr int64_t kMostInputs = int64_t{1} << 28;  // as of all other observations
  if (space.states() > kMostInputs)
    throw Error::of("the number of states is ", space.states(),
                    "; allowed with a network, which has an input for each: up to ", kMostInputs);
  NetworkShape shape{.inputs = {}, .actions = actions.values()};
  if (!actions.is_single()) shape.action_axes = actions.axes();
  int64_t inputs = 0;
  for (const ObservationLeaf& leaf : space.seen()) {
    const bool discrete = leaf.kind == ObservationKind::kDiscrete;
    // Beside others the divisor is of pictures' and other bytes alone.
    shape.inputs.push_back({.shape = discrete ? std::vector<int64_t>{leaf.count} : leaf.shape,
                            .channels_first = leaf.has_channels_first(),
                            .divided = space.is_single() || leaf.holds_bytes(),
                            .measured = leaf.is_measured()});
    inputs += shape.inputs.back().size();
  }
  if (inputs > kMostInputs)
    throw Error::of("observations of ", space.text(), " are ", inputs, " inputs of a network; allowed: up to ",
                    kMostInputs);
  return shape;
}

void require_legal_actions(const ObservationRows& observations, int64_t rows, const ObservationSpace& space,
                           const ActionSpace& actions) {
  if (!observations.say_legal()) {
    if (space.legal_actions() == 0) return;
    throw Error("the observations do not say which actions are legal, and the agent chooses among those");
  }
  const size_t words = LegalActions::words_for(static_cast<size_t>(actions.values()));
  for (int64_t i = 0; i < rows; ++i) {
    const LegalActions legal = observations.legal(i);
    if (legal.words().size() != words)
      throw Error::of("legal actions are given in ", legal.words().size(), " words of bits; allowed: ", words, ", for ",
                      actions.values(), " actions");
    if (!has_choice(actions, legal)) throw Error::of("no action is legal in observation ", i, "; allowed: one or more");
  }
}

ObservationIntake::ObservationIntake(const ObservationSpace& space, int64_t most_rows)
    : layout_(ObservationLayout(space).without_legal_actions()),
      reals_(ObservationSpace::real({space.size()})),
      most_rows_(most_rows) {
  const bool as_they_are = layout_.is_real() || (layout_.leaf_count() == 1 && layout_.discrete_leaves() == 0);
  if (!as_they_are) made_.resize(static_cast<size_t>(most_rows * layout_.row_bytes()));
}

ObservationRows ObservationIntake::operator()(const ObservationRows& given) {
  const bool floats = !given.has_layout() && given.element() == Element::kFloat32;
  if (!given.has_layout() && !floats && (given.element() != layout_.element() || layout_.leaf_count() > 1))
    throw Error("the observations are of another type than the environment's; allowed: that, or floats");
  const ObservationLayout& layout = given.has_layout() ? given.layout() : floats ? reals_ : layout_;
  const int64_t numbers = given.numbers(), size = layout_.size();
  if (layout.size() != size || numbers % size != 0 || numbers / size > most_rows_)
    throw Error::of("the observations have ", numbers, " numbers; allowed: up to ", most_rows_, " of ", size);
  const ObservationRows rows(layout, given.bytes());
  if (floats && !made_.empty()) {
    const auto bytes = static_cast<size_t>(layout_.row_bytes()), count = static_cast<size_t>(rows.count());
    for (size_t i = 0; i < count; ++i)
      layout_.take_numbers(rows[static_cast<int64_t>(i)].as<float>(), std::span(made_).subspan(i * bytes, bytes));
    return {layout_, std::span(made_).first(count * bytes)};
  }
  // A NaN would come out as some greedy action all the same.
  for (int64_t i = 0; i < rows.count(); ++i) layout.check(rows[i]);
  return rows;
}

}  // namespace deepq
