#include "cli/frames.h"

#include <gtest/gtest.h>

#include "deepq/env/registry.h"

namespace deepq::cli {
namespace {

PlayedStep played(std::span<const double> q_values, const ObservationRows& observation) {
  return {.episode = 2,
          .step = 17,
          .q_values = q_values,
          .action = 1,
          .reward = -1,
          .episode_return = -17,
          .observation = observation};
}

TEST(FrameText, ShowsPictureNumbersAndTheActionTaken) {
  const std::vector<double> q{-3.25, 12.5};
  const std::vector<float> observation{1, 2};
  PlayedStep step = played(q, observation);
  const std::string expected =
      "[S] F\n"
      "Episode 2   step 17   reward -1.00   return -17.00\n"
      "  action     value\n"
      "  0         -3.250\n"
      "> 1         12.500\n";
  EXPECT_EQ(frame_text(step, "[S] F\n"), expected);
  EXPECT_EQ(frame_text(step, "[S] F"), expected) << "a picture without its last line's end";
  step.truncated = true;
  EXPECT_NE(frame_text(step, "x").find("return -17.00   truncated\n"), std::string::npos);
  step.terminated = true;
  EXPECT_NE(frame_text(step, "x").find("return -17.00   terminated\n"), std::string::npos);
}

TEST(FrameText, CountsAsTheEnvironmentDoes) {
  const std::vector<double> q{999'999'995, 999'999'996};
  const std::vector<int64_t> state{2};
  const std::string text = frame_text(played(q, state), "", {-5, (int64_t{1} << 40) + 1});
  EXPECT_EQ(text,
            "  state 1099511627779\n"
            "Episode 2   step 17   reward -1.00   return -17.00\n"
            "  action     value\n"
            "  -5     999999995.000\n"
            "> -4     999999996.000\n");
}

TEST(FrameText, MarksTheChoiceOnEachAxis) {
  const std::vector<double> q{1, 2, 3, 4, 5};
  PlayedStep step = played(q, std::vector<float>{0.5f});
  step.action = 5;
  const std::string text = frame_text(step, "x", {.actions = ActionSpace({2, 3})});
  EXPECT_TRUE(
      text.ends_with("  action     value\n"
                     "  0:0        1.000\n"
                     "> 0:1        2.000\n"
                     "  1:0        3.000\n"
                     "  1:1        4.000\n"
                     "> 1:2        5.000\n"))
      << text;
}

TEST(FrameText, ShowsTheObservationWhereThereIsNoPicture) {
  const std::vector<double> q{0, 1};
  const std::string few = frame_text(played(q, std::vector<float>{0.5f, -1}), "");
  EXPECT_TRUE(few.starts_with("     0.500    -1.000\nEpisode 2 ")) << few;
  const std::string many = frame_text(played(q, std::vector<float>(1000, 2)), "");
  EXPECT_NE(many.find("  and 936 more numbers\nEpisode 2 "), std::string::npos) << many;
  EXPECT_EQ(std::count(many.begin(), many.end(), '\n'), 8 + 1 + 4);
  const std::string bytes = frame_text(played(q, std::vector<uint8_t>{7, 255}), "");
  EXPECT_TRUE(bytes.starts_with("     7.000   255.000\nEpisode 2 ")) << bytes;
}

TEST(Filmed, SaysWhatIsLegal) {
  Filmed filmed(find_env("TicTacToe-v0")(), [](const Env&) {});
  filmed.reset(3);
  EXPECT_FALSE(filmed.legal_actions().all());
  filmed.step(4);
  EXPECT_FALSE(filmed.legal_actions()(4));
}

// What a terminal of so many rows is sent, frame by frame.
struct Terminal {
  int rows = 24;
  std::string sent;
  FrameScreen screen{[this](std::string_view text) { sent += text; }, [this] { return rows; }};
  std::string show(const std::string& frame) {
    sent.clear();
    screen.show(frame);
    return sent;
  }
};

TEST(FrameScreen, RedrawsInPlaceOnATerminal) {
  Terminal terminal;
  EXPECT_EQ(terminal.show("a\nb\n"), "\x1b[?7la\x1b[K\nb\x1b[K\n\x1b[J\x1b[?7h");
  EXPECT_EQ(terminal.show("c\n"), "\x1b[2A\x1b[?7lc\x1b[K\n\x1b[J\x1b[?7h") << "two lines up, the second is erased";
  EXPECT_TRUE(terminal.show("d\n").starts_with("\x1b[1A"));
}

TEST(FrameScreen, KeepsTheLastFrameOfAnEpisode) {
  Terminal terminal;
  terminal.show("a\nb\n");
  terminal.screen.keep();
  EXPECT_TRUE(terminal.sent.ends_with("\n"));
  EXPECT_TRUE(terminal.show("c\n").starts_with("\x1b[?7lc")) << "not over the kept one";
}

TEST(FrameScreen, ShowsTheLowerPartOfWhatIsTooHigh) {
  Terminal terminal;
  terminal.rows = 3;
  EXPECT_EQ(terminal.show("a\nb\nc\nd\n"), "\x1b[?7lc\x1b[K\nd\x1b[K\n\x1b[J\x1b[?7h");
  EXPECT_TRUE(terminal.show("a\nb\nc\nd\n").starts_with("\x1b[2A"));
  terminal.rows = 0;
  EXPECT_NE(terminal.show("a\nb\nc\nd\n").find("a\x1b[K\nb"), std::string::npos) << "unknown: all of it";
}

TEST(FrameScreen, WritesPlainTextElsewhere) {
  std::string text;
  FrameScreen screen([&](std::string_view more) { text += more; }, {});
  screen.show("a\nb\n");
  screen.show("c\n");
  screen.keep();
  EXPECT_EQ(text, "a\nb\n\nc\n\n");
}

TEST(Filmed, ShowsEachStateThatIsReached) {
  std::string seen;
  const EnvFactory make = find_env("CliffWalking-v1");
  Filmed filmed(make(), [&](const Env& env) { seen += env.render_text(); });
  const std::unique_ptr<Env> twin = make();
  filmed.reset(3);
  twin->reset(3);
  std::string expected = twin->render_text();
  EXPECT_EQ(filmed.typed_observation().state(), twin->typed_observation().state());
  const Step step = filmed.step(0);
  EXPECT_EQ(step.reward, twin->step(0).reward);
  expected += twin->render_text();
  EXPECT_EQ(seen, expected);
}

}  // namespace
}  // namespace deepq::cli
