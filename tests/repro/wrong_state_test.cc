// Checkpoints with right checksums and wrong numbers: of every kind of run, every entry, with the values that overflow,
// wrap, index beyond an end or count below nothing. Each is refused with a deepq::Error, or the run goes on; under the
// address sanitizer (.ci/run) that is to say that no file can overwrite memory. What is changed where is the same in
// every run: a sample here, all of it in the slow test.
#include <gtest/gtest.h>

#include <bit>
#include <cstring>
#include <map>
#include <new>

#include "deepq/env/registry.h"
#include "deepq/record/checkpoint.h"
#include "deepq/train/policy.h"
#include "deepq/train/trainer.h"
#include "tests/test_support.h"
#include "tests/toy_envs.h"

// No state of these small runs takes so much; what asks for more has believed a file.
constexpr std::size_t kMostMemory = std::size_t{64} << 20;

[[gnu::noinline]] void* operator new(std::size_t bytes) {
  if (bytes > kMostMemory) throw std::bad_alloc();
  if (void* memory = std::malloc(bytes > 0 ? bytes : 1)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  return bytes > kMostMemory ? nullptr : std::malloc(bytes > 0 ? bytes : 1);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace deepq {
namespace {

#ifdef DEEPQ_EVERY_VALUE
constexpr bool kEveryValue = true;
#else
constexpr bool kEveryValue = false;
#endif

struct Kind {
  std::string name;
  RunConfig config;
  EnvFactory env;
  std::string prefix = "trainer/";  // of the entries that are made wrong
};

void PrintTo(const Kind& kind, std::ostream* out) { *out << kind.name; }

RunConfig small_config(const std::string& env) {
  RunConfig config;
  config.env.id = env;
  config.env.count = 2;
  config.train = {.env_steps = 200, .learning_starts_env_steps = 8};
  config.replay.capacity = 32;
  config.agent.batch_size = 4;
  config.network.hidden_sizes = {4};
  config.network.engine = Engine::kPlain;
  config.eval.final_episodes = 0;
  return config;
}

Kind kind(const std::string& name, const std::string& env, const std::function<void(RunConfig&)>& change = {}) {
  Kind kind{.name = name, .config = small_config(env), .env = find_env(env, {})};
  if (change) change(kind.config);
  return kind;
}

Kind pixels(const std::string& name, const std::function<void(RunConfig&)>& change) {
  Kind kind{.name = name, .config = small_config("CartPole-v1"), .env = [] {
              const test::PixelChainEnv::Screen screen{.stack = 2, .height = 3, .width = 5};
              return std::make_unique<test::PixelChainEnv>(screen, 6);
            }};
  change(kind.config);
  return kind;
}

void make_pqn(RunConfig& config) {
  config.agent.algorithm = AlgorithmKind::kPqn;
  config.pqn = {.rollout_steps = 7, .epochs = 1, .minibatches = 2};
}

std::vector<Kind> algorithms() {
  std::vector<Kind> kinds{
      kind("uniform", "CartPole-v1", [](RunConfig& c) { c.replay.with_replacement = true; }),
      kind("prioritized", "CartPole-v1", [](RunConfig& c) { c.replay.prioritized = true, c.agent.n_step = 3; }),
      kind("discrete", "FrozenLake-v1", [](RunConfig& c) { c.replay.prioritized = true; }),
      kind("bytes", "MinAtar/Breakout-v1", [](RunConfig& c) { c.agent.n_step = 2, c.train.overlap = true; }),
      kind("noisy", "CartPole-v1", [](RunConfig& c) { c.network.noisy = true, c.exploration.noise_steps = 16; }),
      kind("quantile", "CartPole-v1",
           [](RunConfig& c) { c.agent.value.representation = Representation::kQuantile, c.agent.value.quantiles = 3; }),
      kind("best", "CartPole-v1",
           [](RunConfig& c) {
             c.eval = {.every_env_steps = 20, .episodes = 1, .final_episodes = 0, .keep_best = true};
           }),
      pixels("frames", [](RunConfig& c) { c.replay.prioritized = true, c.agent.n_step = 3; }),
      pixels("few frames", [](RunConfig& c) { c.replay.capacity = 6, c.env.count = 1; }),
      kind("pqn", "CartPole-v1", make_pqn),
      kind("pqn bytes", "MinAtar/Freeway-v1", make_pqn),
      kind("pqn discrete", "Taxi-v4", make_pqn),
  };
  for (const AlgorithmKind algorithm : {AlgorithmKind::kQLearning, AlgorithmKind::kSarsa, AlgorithmKind::kExpectedSarsa,
                                        AlgorithmKind::kDoubleQLearning})
    kinds.push_back(
        kind(std::string(name_of(algorithm)), "FrozenLake-v1", [&](RunConfig& c) { c.agent.algorithm = algorithm; }));
  return kinds;
}

// The inner state of every environment.
std::vector<Kind> worlds() {
  std::vector<Kind> kinds;
  for (const std::string& id : env_ids()) {
    kinds.push_back(kind(id, id));
    kinds.back().prefix = "trainer/copy_1/";
  }
  return kinds;
}

struct Entry {
  Dtype dtype;
  std::vector<int64_t> shape;
  std::vector<std::byte> bytes;
};
using State = std::map<std::string, Entry>;

State trained(const Kind& kind) {
  Trainer trainer(kind.config, kind.env);
  while (trainer.env_steps() < 110) trainer.step();
  Archive archive;
  trainer.serialize(archive);
  State state;
  for (const auto& [name, tensor] : archive.tensors())
    state[name] = {tensor.dtype, tensor.shape, {tensor.bytes.begin(), tensor.bytes.end()}};
  return state;
}

TensorMap tensors_of(const State& state) {
  TensorMap tensors;
  for (const auto& [name, entry] : state) tensors[name] = {entry.dtype, entry.shape, entry.bytes};
  return tensors;
}

template <class T>
std::vector<std::byte> bytes_of(T value) {
  const auto bytes = std::as_bytes(std::span(&value, 1));
  return {bytes.begin(), bytes.end()};
}

// What is written in place of an element; of single bytes some are more than one, as integers in a record of bytes are.
std::vector<std::vector<std::byte>> wrong_values(Dtype dtype, std::span<const std::byte> before) {
  std::vector<std::vector<std::byte>> values;
  const auto add = [&]<class T>(std::initializer_list<T> list) {
    for (const T value : list) values.push_back(bytes_of(value));
  };
  const auto neighbors = [&]<class T>(T value) {
    std::memcpy(&value, before.data(), sizeof value);
    using U = std::make_unsigned_t<T>;
    add({static_cast<T>(static_cast<U>(value) + 1), static_cast<T>(static_cast<U>(value) - 1),
         static_cast<T>(static_cast<U>(value) + 100)});
  };
  const auto reals = [&]<class T>(T) {
    using Limit = std::numeric_limits<T>;
    add({Limit::quiet_NaN(), Limit::infinity(), T{-1}, T{0}, T{0.5}, T{1e30}, -Limit::max(), Limit::denorm_min()});
  };
  switch (dtype) {
    case Dtype::kI64:
      add({int64_t{-1}, int64_t{0}, int64_t{INT32_MAX}, int64_t{1} << 32, int64_t{1} << 53, int64_t{1} << 62, INT64_MAX,
           INT64_MIN});
      neighbors(int64_t{});
      break;
    case Dtype::kU64:
      add({uint64_t{0}, uint64_t{1}, uint64_t{2}, uint64_t{1} << 36, uint64_t{1} << 63, UINT64_MAX});
      break;
    case Dtype::kI32:
      add({-1, 0, 1, 10, 1 << 20, INT32_MAX, INT32_MIN});
      neighbors(int32_t{});
      break;
    case Dtype::kU32:
      add({0u, 1u, UINT32_MAX});
      break;
    case Dtype::kU8:
    case Dtype::kBool:
      for (const uint8_t value : {0, 1, 2, 6, 10, 11, 48, 127, 128, 255}) values.push_back(bytes_of(value));
      if (dtype == Dtype::kU8) add({-1, 1 << 20, INT32_MIN});
      break;
    case Dtype::kF32:  // which may also be an integer's bits
      reals(float{});
      add({-1, 1'000'000, INT32_MIN});
      neighbors(int32_t{});
      break;
    case Dtype::kF64:
      reals(double{});
      break;
  }
  return values;
}

// Restores and goes on. Anything but a deepq::Error is a failure.
bool goes_on(const Kind& kind, const TensorMap& tensors, const std::string& what) {
  try {
    Trainer trainer(kind.config, kind.env);
    Archive archive(tensors);
    trainer.serialize(archive);
    for (int i = 0; i < (kEveryValue ? 24 : 8); ++i) trainer.step();
    Archive again;
    trainer.serialize(again);
    return true;
  } catch (const Error&) {
    return false;
  } catch (const std::exception& error) {
    ADD_FAILURE() << kind.name << ": " << what << ": " << error.what();
    return false;
  }
}

std::vector<size_t> places(size_t elements) {
  if (elements <= (kEveryValue ? 256 : 40)) {
    std::vector<size_t> all(elements);
    for (size_t i = 0; i < elements; ++i) all[i] = i;
    return all;
  }
  return {0, elements / 2, elements - 1};
}

void try_all(const Kind& kind, const State& good) {
  ASSERT_TRUE(goes_on(kind, tensors_of(good), "nothing")) << kind.name;
  State state = good;
  int64_t refused = 0;
  size_t turn = 0;
  for (auto& [name, entry] : state) {
    if (!name.starts_with(kind.prefix)) continue;
    const size_t size = dtype_size(entry.dtype);
    for (const size_t place : places(entry.bytes.size() / size)) {
      const auto element = std::span(entry.bytes).subspan(place * size);
      const std::vector<std::byte> before = entry.bytes;
      const auto values = wrong_values(entry.dtype, element);
      for (size_t v = 0; v < values.size(); ++v) {
        if (values[v].size() > element.size() || (!kEveryValue && place > 0 && v % 4 != turn % 4)) continue;
        std::ranges::copy(values[v], element.begin());
        const std::string what = name + "[" + std::to_string(place) + "] as value " + std::to_string(v);
        refused += goes_on(kind, tensors_of(state), what) ? 0 : 1;
        if (::testing::Test::HasFatalFailure()) return;
        std::ranges::copy(before, entry.bytes.begin());
      }
      ++turn;
    }
  }
  EXPECT_GT(refused, 0) << kind.name;
}

class WrongState : public ::testing::TestWithParam<Kind> {};

TEST_P(WrongState, IsRefusedOrHarmless) { try_all(GetParam(), trained(GetParam())); }

std::string test_name(const std::string& name) {
  std::string result;
  for (const char c : name) result += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  return result;
}

INSTANTIATE_TEST_SUITE_P(Algorithms, WrongState, ::testing::ValuesIn(algorithms()),
                         [](const auto& tested) { return test_name(tested.param.name); });
INSTANTIATE_TEST_SUITE_P(Worlds, WrongState, ::testing::ValuesIn(worlds()),
                         [](const auto& tested) { return test_name(tested.param.name); });

// A checkpoint file with these entries and checksums made anew.
void write_state(const std::string& path, const State& state, const RunConfig& config) {
  Archive archive;
  const auto add = [&]<class T>(const std::string& name, const Entry& entry, T) {
    std::span<T> values(reinterpret_cast<T*>(const_cast<std::byte*>(entry.bytes.data())),
                        entry.bytes.size() / sizeof(T));
    if constexpr (WholeNumber<T>)
      entry.shape.empty() ? archive.value(name, values[0], kAnyValue<T>)
                          : archive.array(name, values, kAnyValue<T>, entry.shape);
    else
      entry.shape.empty() ? archive.value(name, values[0]) : archive.array(name, values, entry.shape);
  };
  for (const auto& [name, entry] : state) {
    if (entry.dtype == Dtype::kI64) add(name, entry, int64_t{});
    if (entry.dtype == Dtype::kF64) add(name, entry, double{});
    if (entry.dtype == Dtype::kF32) add(name, entry, float{});
  }
  write_checkpoint_file(path, archive, {{"config", to_toml(config)}});
}

// An agent alone believes no size: neither the checkpoint's nor that of the config inside.
TEST(WrongAgent, IsRefusedOrHarmless) {
  const test::TemporaryFolder folder;
  size_t number = 0, turn = 0;
  for (const Kind& kind : algorithms()) {
    if (!kEveryValue && number++ % 3 != 0) continue;  // each file is synced to the disk
    State state = trained(kind);
    const std::string path = folder / "agent.safetensors";
    const auto load = [&](const std::string& what, const RunConfig& config) {
      write_state(path, state, config);
      try {
        Policy agent = Policy::load(path);
        agent.act(std::vector<float>(static_cast<size_t>(agent.observation_size())));
        return true;
      } catch (const Error&) {
        return false;
      } catch (const std::exception& error) {
        ADD_FAILURE() << kind.name << ": " << what << ": " << error.what();
        return false;
      }
    };
    ASSERT_TRUE(load("nothing", kind.config)) << kind.name;
    for (const std::string name : {"observation_shape", "state_count", "action_count", "action_start", "state_start",
                                   "frame_stack", "env_steps", "best/env_steps"}) {
      const auto found = state.find("trainer/" + name);
      if (found == state.end()) continue;
      const std::vector<std::byte> before = found->second.bytes;
      for (const auto& value : wrong_values(Dtype::kI64, before)) {
        if (!kEveryValue && turn++ % 3 != 0) continue;
        std::ranges::copy(value, found->second.bytes.begin());
        const bool loaded = load(name, kind.config);
        const bool free = name != "action_count" && name != "observation_shape" && name != "state_count";
        EXPECT_TRUE(!loaded || free || std::ranges::equal(value, std::span(before).first(8))) << kind.name << name;
      }
      found->second.bytes = before;
    }
    RunConfig large = kind.config;  // 16 GB of weights
    large.network.hidden_sizes = {65536, 65536};
    EXPECT_EQ(load("large", large), kind.name.ends_with("q_learning") || kind.name.ends_with("sarsa")) << kind.name;
    RunConfig broken = kind.config;
    broken.train.env_steps = 0;  // and no episodes either
    EXPECT_FALSE(load("broken", broken)) << kind.name;
  }
}

// A table of no states is empty whatever its number of actions: then nothing in the file bounds that number.
TEST(WrongAgent, OfATableWithoutStatesIsRefused) {
  const test::TemporaryFolder folder;
  const Kind table =
      kind("table", "FrozenLake-v1", [](RunConfig& c) { c.agent.algorithm = AlgorithmKind::kQLearning; });
  State state = trained(table);
  for (const int64_t actions : {int64_t{1}, int64_t{1} << 40, int64_t{1} << 53}) {
    state["trainer/state_count"].bytes = bytes_of(int64_t{0});
    state["trainer/action_count"].bytes = bytes_of(actions);
    state["trainer/table"] = {Dtype::kF64, {0, actions}, {}};
    write_state(folder / "agent.safetensors", state, table.config);
    EXPECT_NE(test::error_of([&] {
                Policy::load(folder / "agent.safetensors");
              }).find("'trainer/state_count' is 0; allowed: 1 to 1099511627776"),
              std::string::npos);
  }
}

}  // namespace
}  // namespace deepq
