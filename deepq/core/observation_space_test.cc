#include "deepq/core/observation_space.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/test_support.h"

namespace deepq {
namespace {

using test::error_of;

std::string refusal(const ObservationSpace& space) {
  return error_of([&] { space.check("here: "); });
}

TEST(ObservationSpace, SaysWhatItsKindMeans) {
  const ObservationSpace real = ObservationSpace::real({2, 3}), bytes = ObservationSpace::bytes({10, 10, 4}),
                         states = ObservationSpace::discrete(5, -1), frames = ObservationSpace::frames({4, 84, 84});
  EXPECT_EQ(real.size(), 6);
  EXPECT_EQ(real.states(), 0);
  EXPECT_FALSE(real.holds_bytes());
  EXPECT_EQ(real.leaf().numpy_dtype(), "float32");
  EXPECT_TRUE(bytes.holds_bytes());
  EXPECT_EQ(bytes.frames_in_stack(), 0);
  EXPECT_FALSE(bytes.leaf().has_channels_first());
  EXPECT_EQ(states.states(), 5);
  EXPECT_EQ(states.size(), 1);
  EXPECT_EQ(states.leaf().start, -1);
  EXPECT_EQ(states.leaf().numpy_dtype(), "int64");
  EXPECT_EQ(frames.frames_in_stack(), 4);
  EXPECT_TRUE(frames.holds_bytes());
  EXPECT_TRUE(frames.leaf().has_channels_first());
  EXPECT_EQ(frames.size(), 4 * 84 * 84);
  EXPECT_EQ(frames.leaf().numpy_dtype(), "uint8");
  for (const ObservationSpace& space : {real, bytes, states, frames}) EXPECT_EQ(refusal(space), "no error");
}

ObservationSpace several() {
  return ObservationSpace({{.kind = ObservationKind::kBytes, .shape = {7, 7, 3}, .name = "picture", .dtype = "uint8"},
                           {.shape = {2}, .name = "robot/arm", .dtype = "float64"},
                           {.kind = ObservationKind::kDiscrete, .shape = {1}, .count = 4, .start = 1, .name = "way"}});
}

TEST(ObservationSpace, IsRefusedWhereNothingCanBeLikeIt) {
  EXPECT_EQ(refusal({}), "here: the number of observation_space's leaves is 0; allowed: 1 to 4096");
  EXPECT_EQ(refusal(ObservationSpace({{.shape = {1}}, {.shape = {2}}})),
            "here: two parts of an observation are called ''");
  EXPECT_EQ(refusal(ObservationSpace({{.shape = {1}, .name = "a"}, {.shape = {2}, .name = "b"}})), "no error");
  EXPECT_EQ(refusal(ObservationSpace({{.shape = {1}, .name = "a"}, {.shape = {0}, .name = "b"}})),
            "here: observation 'b': a dimension of observation_shape is 0; allowed: at least 1");
  const ObservationLeaf frames{.kind = ObservationKind::kFrames, .shape = {4, 8, 8}, .name = "frames"};
  EXPECT_EQ(
      refusal(ObservationSpace({frames, {.shape = {1}, .name = "b"}})),
      "here: observation 'frames': stacks of frames and legal actions are no parts of an observation among others");
  const ObservationLeaf states{.kind = ObservationKind::kDiscrete, .shape = {1}, .count = (1 << 24) + 1, .name = "far"};
  EXPECT_EQ(
      refusal(ObservationSpace({states, {.shape = {1}, .name = "b"}})),
      "here: observation 'far': the number of states is 16777217; allowed: 1 to 16777216 beside other observations");
  EXPECT_EQ(refusal(ObservationSpace::real({3, 0})),
            "here: a dimension of observation_shape is 0; allowed: at least 1");
  EXPECT_EQ(refusal(ObservationSpace::discrete(0)), "here: the number of states is 0; allowed: 1 to 1099511627776");
  EXPECT_EQ(refusal(ObservationSpace::discrete(1, std::numeric_limits<int64_t>::max())), "no error");
  EXPECT_NE(refusal(ObservationSpace::discrete(2, std::numeric_limits<int64_t>::max())), "no error");
}

TEST(ObservationSpace, IsTakenForAnotherByNumbersShapeAndStart) {
  EXPECT_TRUE(ObservationSpace::real({2}).takes_same(ObservationSpace::bytes({2}))) << "both are numbers to a network";
  EXPECT_FALSE(ObservationSpace::real({2}).takes_same(ObservationSpace::real({3})));
  EXPECT_FALSE(ObservationSpace::real({1}).takes_same(ObservationSpace::discrete(1)));
  EXPECT_FALSE(ObservationSpace::discrete(5).takes_same(ObservationSpace::discrete(5, 1)));
  EXPECT_FALSE(ObservationSpace::discrete(5).takes_same(ObservationSpace::discrete(6)));
}

TEST(ObservationSpace, IsReadAsItWasSaved) {
  ObservationSpace pictures = ObservationSpace::bytes({3, 10, 10});
  pictures.leaf().dtype = "uint8";
  pictures.leaf().channels_first = true;
  for (ObservationSpace space :
       {ObservationSpace::real({2, 3}), ObservationSpace::discrete(5, -1), ObservationSpace::frames({4, 84, 84}),
        pictures, several(), several().with_legal_actions(3)}) {
    Archive saved;
    space.serialize(saved);
    Archive archive(saved.tensors());
    ObservationSpace loaded;
    loaded.serialize(archive);
    EXPECT_EQ(loaded, space) << space.text();
  }
}

// Of what older versions did not write.
TEST(ObservationSpace, OfAnOlderFileIsRead) {
  std::vector<int64_t> shape{4, 84, 84};
  int64_t states = 0, stack = 4;
  Archive saved;
  saved.array("observation_shape", shape, kAnyValue<int64_t>);
  saved.value("state_count", states, kAnyValue<int64_t>);
  ObservationSpace loaded;
  Archive first(saved.tensors());
  loaded.serialize(first);
  EXPECT_EQ(loaded, ObservationSpace::real({4, 84, 84}));
  ObservationSpace own = ObservationSpace::frames({4, 84, 84});
  own.leaf().channels_first = true;
  Archive again(saved.tensors());
  own.serialize(again);
  EXPECT_EQ(own, ObservationSpace::frames({4, 84, 84})) << "a run that goes on knows what the file does not tell";
  saved.value("frame_stack", stack, kAnyValue<int64_t>);
  Archive second(saved.tensors());
  loaded.serialize(second);
  EXPECT_EQ(loaded, ObservationSpace::frames({4, 84, 84}));
  int64_t wrong = 3;
  Archive other;
  other.array("observation_shape", shape, kAnyValue<int64_t>);
  other.value("state_count", states, kAnyValue<int64_t>);
  other.value("frame_stack", wrong, kAnyValue<int64_t>);
  Archive third(other.tensors());
  EXPECT_EQ(error_of([&] { loaded.serialize(third); }), "the saved state's 'frame_stack' is 3; allowed: 4");
}

TEST(ObservationSpace, IsToldInWords) {
  EXPECT_EQ(ObservationSpace::real({84, 84, 3}).text(), "observations of 84x84x3");
  EXPECT_EQ(ObservationSpace::discrete(5, -1).text(), "5 states from -1");
  EXPECT_EQ(ObservationSpace::discrete(5).text(), "5 states");
  EXPECT_EQ(several().text(), "picture (7x7x3), robot/arm (2), way (4 states from 1)");
}

}  // namespace
}  // namespace deepq
