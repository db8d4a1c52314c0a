#include "deepq/env/env_options.h"

namespace deepq {
namespace {

void visit_fields(MinAtarOptions& options, FieldVisitor& visitor) {
  visitor.number("sticky_action_probability", options.sticky_action_probability, Range::between(0, 1),
                 "chance that the game sees the last action again instead of the new one");
  visitor.flag("difficulty_ramping", options.difficulty_ramping,
               "whether Asterix, Seaquest and SpaceInvaders become harder with time");
}

}  // namespace

void visit_fields(EnvOptions& options, FieldVisitor& visitor) {
  visitor.section("minatar", "The MinAtar games");
  visit_fields(options.minatar, visitor);
}

}  // namespace deepq
