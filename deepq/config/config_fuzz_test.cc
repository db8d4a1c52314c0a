// Mutated configurations: only success or a deepq::Error may come out. The mutations are the same in every run.
#include <gtest/gtest.h>

#include "deepq/config/run_config.h"
#include "deepq/core/error.h"
#include "deepq/core/random.h"

namespace deepq {
namespace {

constexpr std::string_view kPieces[] = {"=",
                                        "[",
                                        "]",
                                        "[[",
                                        "]]",
                                        "\"",
                                        "'''",
                                        "\"\"\"",
                                        "\n",
                                        ".",
                                        ",",
                                        "{",
                                        "}",
                                        "#",
                                        "nan",
                                        "-inf",
                                        "1e999",
                                        "0x",
                                        "9223372036854775807",
                                        "-9223372036854775808",
                                        "\\u0000",
                                        "\xff",
                                        "\xed\xa0\x80",
                                        "true",
                                        "1979-05-27T07:32:00Z",
                                        "agent.gamma",
                                        "version = 3"};

std::string mutated(std::string text, Random& random) {
  const uint64_t edits = 1 + random.below(4);
  for (uint64_t edit = 0; edit < edits; ++edit) {
    const size_t at = random.below(text.size() + 1);
    switch (random.below(4)) {
      case 0:
        text.insert(at, kPieces[random.below(std::size(kPieces))]);
        break;
      case 1:
        text.erase(at, random.below(20));
        break;
      case 2:
        text.insert(at, 1, static_cast<char>(random.below(256)));
        break;
      default:
        text.insert(at, text.substr(random.below(text.size() + 1), random.below(60)));
        break;
    }
  }
  return text;
}

TEST(ConfigFuzz, FilesGiveAConfigOrAnError) {
  RunConfig changed;
  changed.env.id = "a \"b\" \\ c";
  const std::string whole = to_toml(changed);
  Random random(1);
  int read = 0, refused = 0;
  for (int i = 0; i < 600; ++i) {
    try {
      const RunConfig config = from_toml(mutated(whole, random), "fuzz");
      EXPECT_EQ(to_toml(from_toml(to_toml(config), "again")), to_toml(config)) << "what was read can be written";
      ++read;
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()).find("fuzz"), 0u) << error.what();
      ++refused;
    }
  }
  EXPECT_GT(read, 100);
  EXPECT_GT(refused, 100);
}

TEST(ConfigFuzz, AssignmentsGiveAConfigOrAnError) {
  const std::string starts[] = {"agent.gamma=0.5", "network.hidden_sizes=[64, 64]", "env.id=CartPole-v1",
                                "agent.loss=mse",  "train.env_steps=100_000",       "agent.double=true"};
  Random random(2);
  int read = 0, refused = 0;
  for (int i = 0; i < 1500; ++i) {
    RunConfig config;
    try {
      set_field(config, mutated(starts[random.below(std::size(starts))], random));
      ++read;
    } catch (const Error&) {
      ++refused;
    }
  }
  EXPECT_GT(read, 100);
  EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace deepq
