#include "deepq/nn/team.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <set>

#include "deepq/core/random.h"
#include "deepq/nn/optimizer.h"

namespace deepq {
namespace {

TEST(Team, PartsAreDisjointAndCoverAll) {
  for (const int64_t threads : {1, 2, 3, 7}) {
    Team team(threads);
    EXPECT_EQ(team.size(), threads);
    for (const int64_t n : {1, 2, 5, 64, 1000})
      for (const int64_t grain : {1, 3, 64}) {
        std::vector<int> seen(static_cast<size_t>(n), 0);  // each written by the thread of its part alone
        std::vector<int64_t> firsts(static_cast<size_t>(threads), -1);
        team.split(n, grain, [&](int64_t first, int64_t count, int64_t part) {
          firsts[static_cast<size_t>(part)] = first;
          for (int64_t i = first; i < first + count; ++i) ++seen[static_cast<size_t>(i)];
        });
        EXPECT_EQ(seen, std::vector<int>(static_cast<size_t>(n), 1)) << threads << " " << n << " " << grain;
        for (const int64_t first : firsts) EXPECT_TRUE(first == -1 || first % grain == 0);
      }
  }
}

TEST(Team, EachPartHasAThreadOfItsOwn) {
  Team team(3);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::thread::id> ids(3);
    team.split(3, 1, [&](int64_t first, int64_t) { ids[static_cast<size_t>(first)] = std::this_thread::get_id(); });
    ASSERT_EQ(std::set<std::thread::id>(ids.begin(), ids.end()).size(), 3u);
    ASSERT_EQ(ids[0], std::this_thread::get_id());
    if (round % 20 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));  // so that they fall asleep
  }
}

// What `child` returns there; -1 where it does not come back within some seconds.
template <class Child>
int forked(const Child& child) {
  const pid_t pid = fork();
  if (pid == 0) {
    alarm(10);
    _exit(child());
  }
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(Team, AForkedProcessMakesItsWorkersAnew) {
  Team team(3), unused(2);
  const auto sum = [&] {
    std::array<int, 3> seen{};
    for (int round = 0; round < 20; ++round)
      team.split(3, 1, [&](int64_t first, int64_t) { ++seen[static_cast<size_t>(first)]; });
    return seen == std::array{20, 20, 20} ? 7 : 1;
  };
  EXPECT_EQ(sum(), 7);
  EXPECT_EQ(forked(sum), 7);
  EXPECT_EQ(forked([&] { return sum() == 7 ? forked(sum) : 2; }), 7) << "and again";
  EXPECT_EQ(forked([] {
              auto born = std::make_unique<Team>(2);
              const int inner = forked([&] {
                born.reset();  // with workers that are not there
                return 7;
              });
              born.reset();
              return inner;
            }),
            7);
  EXPECT_EQ(sum(), 7);
}

struct Case {
  const char* name;
  NetworkConfig network;
  NetworkShape shape;
};

std::vector<Case> cases() {
  NetworkConfig nature, wide;
  nature.hidden_sizes = {512};
  nature.input_divisor = 255;
  nature.conv_channels = {32, 64, 64};
  nature.conv_kernels = {8, 4, 3};
  nature.conv_strides = {4, 2, 1};
  nature.dueling = true;
  NetworkConfig residual = nature;
  residual.encoder = Encoder::kResidual;
  residual.conv_channels = {16, 20};
  residual.hidden_sizes = {70};
  wide.hidden_sizes = {700, 1000};
  wide.noisy = true;
  wide.layer_norm = true;
  return {{"nature", nature, {.inputs = {{.shape = {4, 84, 84}, .channels_first = true}}, .actions = 6}},
          {"residual", residual, {.inputs = {{.shape = {4, 30, 33}, .channels_first = true}}, .actions = 6}},
          {"wide", wide, {.inputs = {{.shape = {60}}}, .actions = 18, .width = 51}}};
}

// Three updates with made-up gradients; then the parameters and the last pass's outputs and gradients.
std::vector<float> trained(const Case& c, Engine engine, int64_t threads) {
  NetworkConfig config = c.network;
  config.threads = threads;
  config.engine = engine;
  const int64_t rows = engine == Engine::kPlain ? 5 : 33;
  Random random(1);
  Network network(config, c.shape, rows, Trainable::kYes);
  network.initialize(random);
  Optimizer optimizer({}, engine, network.parameters().size());
  InputBuffer input(rows, network.input_size());
  for (int update = 0; update < 3; ++update) {
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t i = 0; i < network.input_size(); ++i) input.rows()[r][i] = static_cast<float>(random.below(256));
    network.sample_noise(random);
    network.forward(input.rows(), rows);
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t o = 0; o < network.output_size(); ++o)
        network.output_gradient()[r][o] = static_cast<float>(random.normal());
    network.backward();
    optimizer.step(network.gradients(), network.parameters(), 1e-3, network.team());
  }
  std::vector<float> all(network.parameters().begin(), network.parameters().end());
  all.insert(all.end(), network.gradients().begin(), network.gradients().end());
  for (int64_t r = 0; r < rows; ++r)
    all.insert(all.end(), network.output()[r], network.output()[r] + network.output_size());
  return all;
}

TEST(Threads, GiveTheSameBits) {
  for (const Case& c : cases())
    for (const Engine engine : {Engine::kAuto, Engine::kPlain}) {
      const std::vector<float> one = trained(c, engine, 1);
      for (const int64_t threads : {2, 3, 5}) EXPECT_EQ(trained(c, engine, threads), one) << c.name << " " << threads;
    }
}

}  // namespace
}  // namespace deepq
