#include <algorithm>
#include <chrono>
#include <ctime>

#include "deepq/agent/action_values.h"
#include "deepq/agent/learner.h"
#include "deepq/config/run_config.h"
#include "deepq/nn/kernels/flush_denormals.h"
#include "deepq/replay/frame_store.h"
#include "deepq/replay/sampler.h"
#include "deepq/train/bench.h"

namespace deepq {
namespace {

constexpr int64_t kFrame = 84 * 84, kStack = 4, kActions = 6, kBatch = 32, kReplaySize = 50'000;

const FrameShape kShape{.frame_size = kFrame, .stack = kStack};
const ObservationSpace kObservation = ObservationSpace::frames({kStack, 84, 84});

Learner nature_learner(int64_t threads, Arithmetic arithmetic, Random& random) {
  AgentConfig agent;
  agent.batch_size = kBatch;
  NetworkConfig network = preset("nature").network;
  network.threads = threads;
  network.arithmetic = arithmetic;
  return Learner({kObservation, kActions, 1}, network, agent, {}, random);
}

// Noise that scrolls by one line a step, in episodes of 500: every frame is another one.
class Film {
 public:
  explicit Film(Random& random) : noise_(kFrame + 84 * 500 + kFrame) {
    for (uint8_t& pixel : noise_) pixel = static_cast<uint8_t>(random.below(256));
  }
  StepRecord step() {
    // A reset fills the stack with the first frame, four times.
    if (at_ % 500 == 0) show(0), show(0), show(0), show(0);
    std::copy(next_.begin(), next_.end(), now_.begin());
    show(1 + at_ % 500);
    const bool end = ++at_ % 500 == 0;
    return {now_, at_ % kActions, 1.0, end, false, next_};
  }

 private:
  void show(int64_t line) {
    std::copy(next_.begin() + kFrame, next_.end(), next_.begin());
    for (int64_t i = 0; i < kFrame; ++i)  // another number in each episode
      next_[static_cast<size_t>((kStack - 1) * kFrame + i)] =
          static_cast<uint8_t>(noise_[static_cast<size_t>(84 * line + i)] + at_ / 500);
  }

  std::vector<uint8_t> noise_;
  std::vector<uint8_t> now_ = std::vector<uint8_t>(kStack * kFrame), next_ = now_;
  int64_t at_ = 0;
};

// In microseconds. An update is too long to be left alone by other processes, so processor time is the better clock
// where one thread does it.
using Clock = double (*)();
double wall_time() {
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now().time_since_epoch()).count();
}
double processor_time() { return static_cast<double>(std::clock()) * 1e6 / CLOCKS_PER_SEC; }

template <class Work>
PixelTiming time_work(Clock clock, const std::string& name, double milliseconds, const Work& work) {
  const double deadline = wall_time() + 1e3 * milliseconds;
  std::vector<double> readings;
  // One reading at least, however long it takes.
  while (readings.empty() || wall_time() < deadline) {
    const double start = clock();
    work();
    readings.push_back(clock() - start);
  }
  std::sort(readings.begin(), readings.end());
  return {name, readings[readings.size() / 2], readings.front()};
}

}  // namespace

std::vector<PixelTiming> time_pixels(int64_t threads, Arithmetic arithmetic) {
  Random random(1);
  Learner learner = nature_learner(threads, arithmetic, random);
  const Clock clock = threads > 1 ? wall_time : processor_time;
  FrameStore replay(kReplaySize, kShape);
  Film film(random);
  const auto store = [&](const StepRecord& seen) {
    const StepRecord step = replay.observe(0, seen);
    replay.push({step.observation, step.action, 1.0f, step.terminated ? 0.0f : 0.99f, step.next_observation});
  };
  while (replay.size() < kReplaySize) store(film.step());
  // Made beforehand, so that "store" times the replay and not the film.
  std::vector<std::vector<uint8_t>> reel;  // the observations of the next hundred steps
  // One more than steps: each leads from one of them to the next.
  for (int64_t i = 0; i < 101; ++i) {
    const auto observation = film.step().observation.as<uint8_t>();
    reel.emplace_back(observation.begin(), observation.end());
  }

  UniformSampler sampler(kBatch, false);
  std::vector<int64_t> indices(kBatch);
  const auto gather = [&] {
    sampler.sample(replay.size(), 0, random, indices, learner.weights());
    replay.gather(indices, learner.batch());
  };
  ObservationBatch one(kObservation, 1);
  one.put(ObservationRows(reel[0]).in(one.layout()));
  ActionValues values(learner.config(), {Engine::kAuto, arithmetic}, kActions, 1);
  const auto act = [&] {
    const FlushDenormals guard(arithmetic);
    values(learner.engine(), one, 1);
  };
  size_t at = 0;
  std::vector<PixelTiming> timings;
  timings.push_back(time_work(clock, "update", 2'000, [&] { gather(), learner.update(1e-4); }));
  timings.push_back(time_work(clock, "gather", 500, gather));
  timings.push_back(time_work(clock, "act", 500, act));
  timings.push_back(time_work(clock, "store", 200, [&] {
    store({reel[at], 0, 1.0, false, false, reel[at + 1]}), at = (at + 1) % 100;
  }));
  return timings;
}

}  // namespace deepq
