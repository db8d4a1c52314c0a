#include "deepq/agent/acting_facts.h"

#include <gtest/gtest.h>

#include <functional>

#include "deepq/core/error.h"
#include "tests/test_support.h"

namespace deepq {
namespace {

using test::error_of;

// Nothing as it is by default, where that is possible at once.
ActingFacts unlike_defaults() {
  ObservationSpace space = ObservationSpace::bytes({2, 8, 9});
  space.leaf().channels_first = true;
  return {.observation = space,
          .actions = 5,
          .action_start = -3,
          .network = {.hidden_sizes = {7, 300},
                      .engine = Engine::kPlain,
                      .arithmetic = Arithmetic::kStrict,
                      .threads = 3,
                      .dueling = true,
                      .noisy = true,
                      .noisy_sigma = 0.1,
                      .layer_norm = true,
                      .input_divisor = 255.5,
                      .encoder = Encoder::kResidual,
                      .conv_channels = {4},
                      .conv_kernels = {2},
                      .conv_strides = {1}},
          .value = {.representation = Representation::kCategorical,
                    .atoms = 11,
                    .v_min = -0.1,
                    .v_max = 1e-7,
                    .quantiles = 9,
                    .samples = 10,
                    .target_samples = 12,
                    .action_samples = 13}};
}

std::string refusal(const std::function<void(Metadata&)>& change, ActingFacts facts = unlike_defaults()) {
  Metadata metadata = acting_metadata(facts);
  change(metadata);
  return error_of([&] { acting_facts(metadata); });
}

TEST(ActingFacts, ObservationsOfSeveralLeavesAreRead) {
  ActingFacts facts = unlike_defaults();
  facts.observation =
      ObservationSpace({{.shape = {2}, .name = "arm"},
                        {.kind = ObservationKind::kBytes, .shape = {3, 8, 9}, .name = "image", .channels_first = true},
                        {.kind = ObservationKind::kDiscrete, .shape = {1}, .count = 4, .start = -1, .name = "way"}});
  for (const ObservationSpace& space : {facts.observation, facts.observation.with_legal_actions(5)}) {
    facts.observation = space;
    const Metadata written = acting_metadata(facts);
    EXPECT_EQ(written.at("acting_version"), "2");
    EXPECT_EQ(written.at("leaf_2.state_start"), "-1");
    EXPECT_EQ(acting_facts(written).observation, space);
  }
  EXPECT_EQ(acting_metadata(unlike_defaults()).at("acting_version"), "1") << "which 0.2 reads";
  EXPECT_EQ(refusal([](Metadata& written) { written["leaf_count"] = "5000"; }, facts),
            "the file says leaf_count 5000, which is not allowed");
  EXPECT_EQ(refusal([](Metadata& written) { written["legal_actions"] = "4"; }, facts),
            "the file says legal_actions 4; allowed: action_count, 5");
  EXPECT_EQ(refusal([](Metadata& written) { written["leaf_1.observation_name"] = "arm"; }, facts),
            "in the file, two parts of an observation are called 'arm'");
}

TEST(ActingFacts, ActionsOnSeveralAxesAreRead) {
  ActingFacts facts = unlike_defaults();
  facts.action_start = 0;
  facts.actions = ActionSpace({2, 3, 5});
  for (const ObservationSpace& space : {facts.observation, facts.observation.with_legal_actions(10)}) {
    facts.observation = space;
    const Metadata written = acting_metadata(facts);
    EXPECT_EQ(written.at("acting_version"), "2");
    EXPECT_EQ(acting_facts(written).actions, facts.actions);
    EXPECT_EQ(acting_metadata(acting_facts(written)), written);
  }
  EXPECT_EQ(refusal([](Metadata& written) { written["legal_actions"] = "30"; }, facts),
            "the file says legal_actions 30; allowed: the number of choices, 10");
  EXPECT_EQ(refusal([](Metadata& written) { written["action_count"] = "31"; }, facts),
            "the file says action_count 31, and other action_axes");
  EXPECT_FALSE(acting_metadata(unlike_defaults()).contains("action_axes"));
}

TEST(ActingFacts, NormalisedObservationsAreRead) {
  ActingFacts facts = unlike_defaults();
  facts.network.normalize_observations = true;
  facts.network.observation_clip = 2.5;
  const Metadata written = acting_metadata(facts);
  EXPECT_EQ(written.at("acting_version"), "2");
  EXPECT_EQ(written.at("network.observation_clip"), "2.5");
  EXPECT_TRUE(acting_facts(written).network.normalize_observations);
  EXPECT_EQ(acting_metadata(acting_facts(written)), written);
  for (const auto& [key, value] : acting_metadata(unlike_defaults())) EXPECT_EQ(key.find("observation_clip"), key.npos);
}

TEST(ActingFacts, WhatIsWrittenIsRead) {
  const Metadata written = acting_metadata(unlike_defaults());
  EXPECT_EQ(written.at("network.hidden_sizes"), "[7, 300]");
  EXPECT_EQ(written.at("value.v_min"), "-0.1");
  EXPECT_EQ(written.at("train.arithmetic"), "strict");
  EXPECT_FALSE(written.contains("state_count"));
  const ActingFacts read = acting_facts(written);
  EXPECT_EQ(acting_metadata(read), written);
  EXPECT_EQ(read.observation, unlike_defaults().observation);
  EXPECT_EQ(read.action_start, -3);
  EXPECT_EQ(read.network.arithmetic, Arithmetic::kStrict);
  EXPECT_EQ(read.network.conv_channels, (std::vector<int64_t>{4}));
  EXPECT_EQ(read.value.v_max, 1e-7);
  for (const Metadata& defaults :
       {acting_metadata({.observation = ObservationSpace::discrete(4, 20), .actions = 2, .network = {}, .value = {}}),
        acting_metadata(
            {.observation = ObservationSpace::real({4}), .actions = 2, .network = {.hidden_sizes = {}}, .value = {}})})
    EXPECT_EQ(acting_metadata(acting_facts(defaults)), defaults);
}

TEST(ActingFacts, WhatCameLaterIsLeftOutWhereItSaysNothing) {
  for (const char* const key :
       {"network.recurrent", "network.recurrent_size", "value.rescale", "value.rescale_epsilon"})
    EXPECT_FALSE(acting_metadata(unlike_defaults()).contains(key)) << key << " which 0.2 does not know";
  ActingFacts rescaled = unlike_defaults();
  rescaled.value.rescale = true;
  EXPECT_TRUE(acting_facts(acting_metadata(rescaled)).value.rescale);
  ActingFacts remembers = unlike_defaults();
  remembers.network.recurrent = Memory::kLstm;
  EXPECT_EQ(refusal([](Metadata&) {}, remembers),
            "the file's network has a memory (network.recurrent), and what acts by a file remembers nothing");
}

TEST(ActingFacts, WhatIsNotAllowedIsRefused) {
  const auto set = [](const char* key, const char* value) {
    return [=](Metadata& metadata) { metadata[key] = value; };
  };
  EXPECT_EQ(refusal(set("network.hidden_sizes", "[7, x]")),
            "the file says network.hidden_sizes x, which is not allowed");
  EXPECT_EQ(refusal(set("network.hidden_sizes", "[7, 0]")),
            "the file says network.hidden_sizes 0, which is not allowed");
  EXPECT_EQ(refusal(set("network.hidden_sizes", "7")), "the file says network.hidden_sizes 7, which is not allowed");
  EXPECT_EQ(refusal(set("network.hidden_sizes", "[7 ")),
            "the file says network.hidden_sizes [7 , which is not allowed");
  EXPECT_EQ(refusal(set("network.dueling", "1")), "the file says network.dueling 1, which is not allowed");
  EXPECT_EQ(refusal(set("network.input_divisor", "nan")),
            "the file says network.input_divisor nan, which is not allowed");
  EXPECT_EQ(refusal(set("value.representation", "other")),
            "the file says value.representation other, which is not allowed");
  EXPECT_EQ(refusal(set("action_count", "0")), "the file says action_count 0, which is not allowed");
  EXPECT_EQ(refusal(set("action_start", "9223372036854775807")),
            "the file says action_start 9223372036854775807; allowed: up to 9223372036854775803");
  EXPECT_EQ(refusal(set("observation_shape", "[]")),
            "in the file, the number of observation_shape's dimensions is 0; allowed: at least 1");
  EXPECT_EQ(refusal(set("observation_shape", "[65536, 65536]")),
            "in the file, a dimension of observation_shape is 65536; allowed: 2^28 in all");
  EXPECT_EQ(refusal(set("network.attention", "true")),
            "the file says network.attention, which only a newer deepq knows");
  EXPECT_EQ(refusal(set("acting_version", "3")),
            "the file was written by a newer deepq (acting_version 3; this one reads 2)");
  EXPECT_EQ(refusal([](Metadata& metadata) { metadata.erase("action_count"); }), "the file does not say action_count");
  EXPECT_EQ(refusal([](Metadata& metadata) { metadata.clear(); }),
            "the file does not say what its network is; allowed: what `deepq export --safetensors` writes, from "
            "version 0.2 on");
}

TEST(ActingFacts, TheChecksumIsOfEveryByte) {
  std::string file = "before {\"crc32c\":\"00000000\"} behind";
  const auto verify = [&file] { verify_checksum(std::as_bytes(std::span(file))); };
  EXPECT_EQ(error_of(verify), "the file is damaged: its checksum does not fit");
  add_checksum(file);
  verify();
  for (size_t i = 0; i < file.size(); ++i) {
    file[i] ^= 1;
    EXPECT_NE(error_of(verify), "no error") << i;
    file[i] ^= 1;
  }
  file.resize(20);
  EXPECT_NE(error_of(verify).find("has no checksum"), std::string::npos);
}

}  // namespace
}  // namespace deepq
