#include <CLI/CLI.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>

#include "cli/commands.h"
#include "cli/frames.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/play_options.h"
#include "cli/signals.h"
#include "cli/text.h"
#include "deepq/core/error.h"
#include "deepq/core/system.h"
#include "deepq/env/registry.h"
#include "deepq/record/run_folder.h"
#include "deepq/train/policy.h"

namespace deepq::cli {
namespace {

constexpr double kTerminalFps = 15, kMostFps = 1000;

struct WatchOptions {
  std::string folder;
  PlayOptions play;
  std::optional<double> fps;
};

int terminal_rows() { return system::terminal_size(system::Stream::kOutput).rows; }

// Holds frames apart; a signal ends the wait.
class Pace {
 public:
  Pace(double fps, const std::atomic<bool>& stop) : seconds_(fps > 0 ? 1 / fps : 0), stop_(stop) {}

  void wait() {
    // Short naps: a signal ends the program within 20 ms however slow the frames are.
    constexpr double kLongestNap = 0.02;
    for (double left = 1; !stop_ && left > 0;) {
      left = last_ + seconds_ - seconds_now();
      if (left > 0) std::this_thread::sleep_for(std::chrono::duration<double>(std::min(left, kLongestNap)));
    }
    last_ = seconds_now();
  }

 private:
  const double seconds_;
  const std::atomic<bool>& stop_;
  double last_ = seconds_now();
};

int watch(const WatchOptions& options) {
  require_run_folder(options.folder);
  const Screen::Write out = standard_output();
  Policy agent = Policy::load(options.folder, [&](const std::string& line) { out("note: " + line + "\n"); });
  const RunConfig& config = agent.config();
  EvaluationChoice choice = options.play.choice();
  choice.episodes = choice.episodes.value_or(1);
  const EvaluationPlan plan = evaluation_plan(config, agent.run_env_steps(), choice);
  const bool terminal = system::is_terminal(system::Stream::kOutput);
  const double fps = options.fps.value_or(terminal ? kTerminalFps : 0);
  // Written so that NaN is refused too.
  if (!(fps >= 0 && fps <= kMostFps)) throw Error::of("--fps is ", fps, "; allowed: 0 to ", kMostFps);

  // The world that the agent was trained in, whatever config.toml says by now.
  const EnvFactory env = worlds_for(
      agent.trained_in(), worlds_in(config.network.arithmetic, find_run_env(config.env.id, config.env_options)));
  const std::atomic<bool>& stop = stop_on_signals();
  out(config.env.id + ", " + options.play.seed_text() + ", epsilon " + number_text(plan.epsilon) + "\n\n");
  FrameScreen screen(out, terminal ? terminal_rows : std::function<int()>{});
  Pace pace(fps, stop);
  std::string picture;
  int64_t episodes = 0;
  double returns = 0;
  const Numbering numbering{agent.action_start(), agent.observation_space().leaf().start, agent.learnt()};
  const auto goes_on = [&] { return !stop && !output_is_gone(); };
  play(
      agent, [&] { return std::make_unique<Filmed>(env(), picture); }, plan,
      [&](const PlayedStep& step) {
        screen.show(frame_text(step, picture, numbering));
        pace.wait();
        if (!step.terminated && !step.truncated) return goes_on();
        screen.keep();
        ++episodes;
        returns += step.episode_return;
        return goes_on();
      });
  if (episodes > 0)
    out("Mean return " + score(returns / static_cast<double>(episodes)) + " over " + std::to_string(episodes) +
        (episodes == 1 ? " episode\n" : " episodes\n"));
  return signal_status();
}

}  // namespace

void add_watch_command(CLI::App& program, int& status) {
  CLI::App* const command = program.add_subcommand("watch", "show a trained agent as it plays, step by step");
  const auto options = std::make_shared<WatchOptions>();
  add_playing_run(*command, options->folder);
  command->add_option("--fps", options->fps, "steps a second; 0: as fast as they come; default 15, to a file or pipe 0")
      ->type_name("X");
  add_play_options(*command, options->play, "1");
  command->footer("Ctrl-C ends it.");
  command->callback([options, &status] { status = watch(*options); });
}

}  // namespace deepq::cli
