#include <CLI/CLI.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "cli/commands.h"
#include "cli/film.h"
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
#include "deepq/train/worlds.h"

namespace deepq::cli {
namespace {

constexpr double kTerminalFps = 15, kFilmFps = 30, kMostFps = 1000;

struct WatchOptions {
  std::string folder;
  PlayOptions play;
  std::optional<double> fps;
  std::string gif, mp4;  // files

  bool films() const { return !gif.empty() || !mp4.empty(); }
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

// Of what was played.
struct Played {
  int64_t episodes = 0;
  double returns = 0;

  void add(const PlayedStep& step) {
    if (!step.terminated && !step.truncated) return;
    ++episodes;
    returns += step.episode_return;
  }
  std::string text() const {
    return "Mean return " + score(returns / static_cast<double>(episodes)) + " over " + std::to_string(episodes) +
           (episodes == 1 ? " episode\n" : " episodes\n");
  }
};

double checked_fps(double fps, double least) {
  // Written so that NaN is refused too.
  if (!(fps >= least && fps <= kMostFps)) throw Error::of("--fps is ", fps, "; allowed: ", least, " to ", kMostFps);
  return fps;
}

class Watching {
 public:
  explicit Watching(const WatchOptions& options)
      : options_(options),
        out_(standard_output()),
        agent_(Policy::load(options.folder, [&](const std::string& line) { out_("note: " + line + "\n"); })) {
    EvaluationChoice choice = options.play.choice();
    choice.episodes = choice.episodes.value_or(1);
    plan_ = evaluation_plan(agent_.config(), agent_.run_env_steps(), choice);
    // The world that the agent was trained in, whatever config.toml says by now.
    EnvOptions env_options = agent_.config().env_options;
    env_options.draws = options.films();
    env_ =
        worlds_for(agent_.trained_in(), worlds_of(agent_.config(), find_run_env(agent_.config().env.id, env_options)));
  }

  // In the terminal, or as text.
  void show() {
    const bool terminal = system::is_terminal(system::Stream::kOutput);
    Pace pace(checked_fps(options_.fps.value_or(terminal ? kTerminalFps : 0), 0), stop_);
    begin();
    FrameScreen screen(out_, terminal ? terminal_rows : std::function<int()>{});
    std::string picture;
    const Numbering numbering{agent_.action_start(), agent_.observation_space().leaf().start, agent_.learnt()};
    play([&](const Env& env) { picture = env.render_text(); },
         [&](const PlayedStep& step) {
           screen.show(frame_text(step, picture, numbering));
           pace.wait();
           if (step.terminated || step.truncated) screen.keep();
         });
  }

  // In a file.
  void film() {
    const double fps = checked_fps(options_.fps.value_or(kFilmFps), 0.1);
    const std::string& path = options_.gif.empty() ? options_.mp4 : options_.gif;
    const std::unique_ptr<Film> film = options_.gif.empty() ? mp4_film(path, fps) : gif_film(path, fps);
    begin();
    // Written when the step is over: what goes wrong with a film is no fault of the environment.
    std::vector<Picture> seen;
    play([&](const Env& env) { seen.push_back(picture_of(env)); },
         [&](const PlayedStep&) {
           for (const Picture& picture : seen) add(picture, *film);
           seen.clear();
         });
    film->finish();
    out_(std::to_string(film->pictures()) + " pictures of " + film->size_text() + " in " + path + "\n");
  }

 private:
  void add(const Picture& picture, Film& film) const {
    if (picture.empty())
      throw Error::of(agent_.config().env.id,
                      " draws no picture, so there is nothing to film; allowed: `deepq watch` without --gif and --mp4, "
                      "and environments that draw");
    film.add(picture);
  }

  void begin() {
    out_(agent_.config().env.id + ", " + options_.play.seed_text() + ", epsilon " + number_text(plan_.epsilon) +
         "\n\n");
  }

  void play(const Filmed::Camera& camera, const std::function<void(const PlayedStep&)>& on_step) {
    Played played;
    deepq::play(
        agent_, [&] { return std::make_unique<Filmed>(env_(), camera); }, plan_,
        [&](const PlayedStep& step) {
          on_step(step);
          played.add(step);
          return !stop_ && !output_is_gone();
        });
    if (played.episodes > 0) out_(played.text());
  }

  const WatchOptions& options_;
  const Screen::Write out_;
  Policy agent_;
  EvaluationPlan plan_;
  EnvFactory env_;
  const std::atomic<bool>& stop_ = stop_on_signals();
};

int watch(const WatchOptions& options) {
  require_run_folder(options.folder);
  Watching watching(options);
  if (options.films())
    watching.film();
  else
    watching.show();
  return signal_status();
}

}  // namespace

void add_watch_command(CLI::App& program, int& status) {
  CLI::App* const command = program.add_subcommand("watch", "show a trained agent as it plays, step by step");
  const auto options = std::make_shared<WatchOptions>();
  add_playing_run(*command, options->folder);
  command
      ->add_option("--fps", options->fps,
                   "steps a second; 0: as fast as they come; default 15, to a file or pipe 0, in a film 30")
      ->type_name("X");
  CLI::Option* const gif =
      command->add_option("--gif", options->gif, "write the episodes as an animated GIF instead")->type_name("FILE");
  command->add_option("--mp4", options->mp4, "write them as a video, by ffmpeg, which must be installed")
      ->type_name("FILE")
      ->excludes(gif);
  add_play_options(*command, options->play, "1");
  command->footer("Ctrl-C ends it.");
  command->callback([options, &status] { status = watch(*options); });
}

}  // namespace deepq::cli
