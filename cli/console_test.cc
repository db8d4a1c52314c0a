#include "cli/console.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace deepq::cli {
namespace {

// Collects what would be shown; progress that was erased again is marked by the escape sequence.
struct Recorder {
  std::string lines, progress;
  double time = 0;
  Screen screen{[this](std::string_view text) { lines += text; }, [this](std::string_view text) { progress += text; }};
  Clock clock = [this] { return time; };
};

constexpr const char* kErase = "\r\x1b[K";

RunConfig short_config() {
  RunConfig config;
  config.train.env_steps = 1000;
  config.log.console_every_episodes = 2;
  return config;
}

TEST(Screen, ErasesTheProgressLineBeforeAnythingElse) {
  std::string terminal;  // both streams end there
  const auto write = [&](std::string_view text) { terminal += text; };
  Screen screen(write, write);
  screen.progress("one");
  screen.progress("two");
  screen.line("text");
  screen.line("more");
  EXPECT_EQ(terminal, std::string("one") + kErase + "two" + kErase + "text\nmore\n");
}

TEST(Screen, ErasesTheProgressLineAtTheEnd) {
  std::string progress;
  {
    Screen({}, [&](std::string_view text) { progress += text; }).progress("one");
  }
  EXPECT_EQ(progress, std::string("one") + kErase);
}

TEST(Screen, WithoutFunctionsShowsNothing) {
  Screen quiet({}, {});
  quiet.line("text");
  quiet.progress("text");
  EXPECT_FALSE(quiet.shows_progress());
}

TEST(Screen, AParagraphIsAsWideAsATerminal) {
  std::string text;
  Screen screen([&](std::string_view line) { text += line; }, {});
  screen.paragraph("memory: " + std::string(60, 'a') + " " + std::string(11, 'b') + " c", 8);
  EXPECT_EQ(text, "memory: " + std::string(60, 'a') + " " + std::string(11, 'b') + "\n        c\n");
  text.clear();
  screen.paragraph("one", 8);
  EXPECT_EQ(text, "one\n");
}

TEST(Screen, AProgressLineNeverWraps) {
  std::string terminal;
  int columns = 80;
  const auto write = [&](std::string_view text) { terminal = text; };
  Screen screen(write, write, [&] { return columns; });
  const std::string line = "0 of 10 seeds done   15,735 steps/s   1:02 left   mean return 318.2   epsilon 0.01";
  ASSERT_EQ(line.size(), 82u);
  const std::vector<std::pair<int, std::string>> shown{{200, line},
                                                       {83, line},
                                                       {82, line.substr(0, line.find("   epsilon"))},
                                                       {80, line.substr(0, line.find("   epsilon"))},
                                                       {48, line.substr(0, line.find("   mean"))},
                                                       {47, line.substr(0, line.find("   1:02"))},
                                                       {22, "0 of 10 seeds done"},
                                                       {19, "0 of 10 seeds done"},
                                                       {10, "0 of 10 s"},
                                                       {1, ""},
                                                       {0, line}};
  for (const auto& [width, expected] : shown) {
    columns = width;
    screen.progress(line);
    EXPECT_EQ(terminal, expected) << width;
  }
}

TEST(Console, TheTimeLeftIsSaidAfterATwentiethOfTheWay) {
  Recorder seen;
  Progress progress(seen.screen, 1, seen.clock);
  Console console(progress, 0, short_config());
  console.on_step(0);
  seen.time = 1;
  console.on_step(49);
  EXPECT_EQ(seen.progress.find("left"), std::string::npos) << seen.progress;
  seen.time = 2;
  console.on_step(50);
  EXPECT_NE(seen.progress.find("0:38 left"), std::string::npos) << seen.progress;
}

TEST(Console, PrintsTheAverageOfTheLastEpisodes) {
  Recorder seen;
  Progress progress(seen.screen, 1, seen.clock);
  Console console(progress, 0, short_config());
  for (int64_t episode = 1; episode <= 5; ++episode)
    console.on_episode({.episode = episode, .episode_return = 10.0 * static_cast<double>(episode), .epsilon = 0.905});
  EXPECT_EQ(seen.lines,
            "Episode 2   mean return 15.0   epsilon 0.91\n"
            "Episode 4   mean return 35.0   epsilon 0.91\n");
}

TEST(Console, PrintsTheChaptersLinesAsItsProgramDoes) {
  Recorder seen;
  Progress progress(seen.screen, 1, seen.clock);
  RunConfig config = short_config();
  config.preset = "chapter";
  Console console(progress, 0, config);
  for (int64_t episode = 1; episode <= 2; ++episode)
    console.on_episode({.episode = episode, .episode_return = 22.25, .epsilon = 0.4995});
  EXPECT_EQ(seen.lines, "Episode 2, Avg Reward: 22.2, Epsilon: 0.499\n");
}

// Episodes of a few steps would give thousands of lines a second.
TEST(Console, PrintsALineASecondWhereNobodyAsksForMore) {
  Recorder seen;
  Progress progress(seen.screen, 1, seen.clock);
  RunConfig config = short_config();
  config.log = {};
  Console console(progress, 0, config);
  for (int64_t episode = 1; episode <= 1000; ++episode) {
    seen.time = 0.0025 * static_cast<double>(episode);
    console.on_episode({.episode = episode});
  }
  EXPECT_EQ(std::ranges::count(seen.lines, '\n'), 3) << seen.lines;
}

TEST(Console, PrintsNoEpisodesWhenToldSo) {
  Recorder seen;
  Progress progress(seen.screen, 1, seen.clock);
  RunConfig config = short_config();
  config.log.console_every_episodes = 0;
  Console never(progress, 0, config), among_several(progress, 0, short_config());
  among_several.print_episodes(false);
  for (int64_t episode = 1; episode <= 4; ++episode) {
    never.on_episode({.episode = episode});
    among_several.on_episode({.episode = episode});
  }
  EXPECT_EQ(seen.lines, "");
}

TEST(Console, AResumedRunDropsWhatCameAfterItsCheckpoint) {
  Recorder seen;
  Progress progress(seen.screen, 1, seen.clock);
  Console console(progress, 0, short_config(), {1, 2, 3, 1000, 1000});  // episodes 4 and 5 are played again
  console.on_episode({.episode = 4, .episode_return = 5, .epsilon = 0.5});
  EXPECT_EQ(seen.lines, "Episode 4   mean return 4.00   epsilon 0.50\n");
}

TEST(Console, AResumedRunWithoutItsTableAveragesWhatIsKnown) {
  Recorder seen;
  Progress progress(seen.screen, 1, seen.clock);
  Console console(progress, 0, short_config());
  console.on_episode({.episode = 4, .episode_return = 5, .epsilon = 0.5});
  EXPECT_EQ(seen.lines, "Episode 4   mean return 5.00   epsilon 0.50\n");
}

TEST(Console, PrintsEvaluationsDuringTraining) {
  Recorder seen;
  Progress progress(seen.screen, 1, seen.clock);
  Console console(progress, 0, short_config());
  console.on_evaluation({.env_steps = 12'000, .episodes = 10, .mean_return = 487.25});
  console.on_evaluation({.env_steps = 20'000, .episodes = 100, .mean_return = 500, .final = true});
  EXPECT_EQ(seen.lines, "Evaluation after 12,000 steps   mean return 487.2 over 10 episodes\n");
}

TEST(Console, ProgressShowsRateTimeLeftReturnAndEpsilon) {
  Recorder seen;
  Progress progress(seen.screen, 1, seen.clock);
  Console console(progress, 0, short_config());
  console.on_step(0);
  console.on_episode({.episode = 1, .episode_return = 22, .epsilon = 0.75});
  seen.progress.clear();
  seen.time = 2;
  console.on_step(100);
  EXPECT_EQ(seen.progress, std::string(kErase) + "50 steps/s   0:18 left   mean return 22.0   epsilon 0.75");
}

TEST(Console, ProgressIsShownDuringEvaluations) {
  Recorder seen;
  Progress one(seen.screen, 1, seen.clock);
  Console console(one, 0, short_config());
  console.on_evaluation_step({.episodes = 3, .planned_episodes = 10, .env_steps = 1'500});
  EXPECT_EQ(seen.progress, "evaluation   3 of 10 episodes   1,500 steps");
  seen.progress.clear();
  console.on_evaluation_step({.episodes = 3, .planned_episodes = 10, .env_steps = 1'501});
  EXPECT_EQ(seen.progress, "") << "ten times a second at most";
  seen.time = 1;
  console.on_step(100);
  EXPECT_EQ(seen.progress, std::string(kErase) + "100 steps/s   0:09 left   mean return 0.0   epsilon 1.00")
      << "it is over";
  seen.progress.clear();
  seen.time = 2;
  console.on_evaluation_step(
      {.final = true, .episodes = 0, .planned_episodes = 100, .env_steps = 70, .max_env_steps = 100'000});
  EXPECT_EQ(seen.progress, std::string(kErase) + "evaluation   0 of 100 episodes   70 of at most 100,000 steps");
}

TEST(Console, SeveralRunsSayHowManyAreEvaluated) {
  Recorder seen;
  Progress two(seen.screen, 2, seen.clock);
  Console first(two, 0, short_config()), second(two, 1, short_config());
  first.on_step(500);
  seen.time = 1;
  seen.progress.clear();
  second.on_evaluation_step({.final = true, .planned_episodes = 100});
  EXPECT_EQ(seen.progress,
            std::string(kErase) + "0 of 2 seeds done   1 evaluating   0 steps/s   mean return 0.0   epsilon 1.00");
}

TEST(Console, ProgressOfAResumedRunCountsThisSessionAlone) {
  Recorder seen;
  Progress progress(seen.screen, 1, seen.clock);
  Console console(progress, 0, short_config());
  console.on_step(900);
  seen.time = 1;
  seen.progress.clear();
  console.on_step(950);
  EXPECT_EQ(seen.progress, std::string(kErase) + "50 steps/s   0:01 left   mean return 0.0   epsilon 1.00");
}

TEST(Console, ProgressIsDrawnTenTimesASecondAtMost) {
  Recorder seen;
  Progress progress(seen.screen, 1, seen.clock);
  Console console(progress, 0, short_config());
  for (int64_t step = 0; step < 1000; ++step) {
    seen.time = static_cast<double>(step) * 0.001;
    console.on_step(step);
  }
  size_t drawn = 0;
  for (size_t at = 0; (at = seen.progress.find("epsilon", at)) != std::string::npos; ++at) ++drawn;
  EXPECT_GE(drawn, 9u);
  EXPECT_LE(drawn, 11u);
}

TEST(Progress, OneLineOverSeveralRuns) {
  Recorder seen;
  Progress progress(seen.screen, 3, seen.clock);
  progress.update(0, {.env_steps = 0, .fraction_done = 0, .mean_return = 10, .epsilon = 0.5});
  progress.finish(0);
  seen.time = 3;
  seen.progress.clear();
  progress.update(1, {.env_steps = 0, .fraction_done = 0, .mean_return = 20, .epsilon = 0.25});
  EXPECT_EQ(seen.progress,
            std::string(kErase) + "1 of 3 seeds done   0 steps/s   0:06 left   mean return 20.0   epsilon 0.25");
  progress.finish(1);
  EXPECT_FALSE(seen.progress.ends_with(kErase));
  progress.finish(2);
  EXPECT_TRUE(seen.progress.ends_with(kErase)) << "nothing is left on the screen when all have ended";
}

}  // namespace
}  // namespace deepq::cli
