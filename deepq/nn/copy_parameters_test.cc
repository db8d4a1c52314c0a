#include "deepq/nn/copy_parameters.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "deepq/nn/layout.h"
#include "tests/test_support.h"

namespace deepq {
namespace {

Network network_of(const NetworkConfig& config, int64_t actions, uint64_t seed) {
  Network network(config, {.inputs = {InputPart{.shape = {4}}}, .actions = actions}, 1, Trainable::kNo);
  Random random(seed);
  network.initialize(random);
  return network;
}

std::vector<float> values(const Network& network, const std::string& tensor) {
  for (const ParameterTensor& one : network.layout().tensors)
    if (one.name == tensor) {
      const auto from = network.parameters().begin() + one.begin;
      return {from, from + one.size()};
    }
  ADD_FAILURE() << tensor;
  return {};
}

TEST(CopyParameters, AllOfThem) {
  NetworkConfig config;
  config.hidden_sizes = {8, 6};
  const Network from = network_of(config, 3, 1);
  Network to = network_of(config, 3, 2);
  EXPECT_FALSE(std::ranges::equal(from.parameters(), to.parameters()));
  copy_parameters(from, to, NetworkPart::kAll);
  EXPECT_TRUE(std::ranges::equal(from.parameters(), to.parameters()));
}

TEST(CopyParameters, TheBodyAloneFitsOtherActions) {
  for (const bool dueling : {false, true}) {
    NetworkConfig config;
    config.hidden_sizes = {8, 6};
    config.dueling = dueling;
    const Network from = network_of(config, 3, 1);
    Network to = network_of(config, 5, 2);
    const std::string head = dueling ? "value/weight" : "2/weight";
    const std::vector<float> before = values(to, head);
    copy_parameters(from, to, NetworkPart::kBody);
    EXPECT_EQ(values(to, "0/weight"), values(from, "0/weight"));
    EXPECT_EQ(values(to, "1/bias"), values(from, "1/bias"));
    EXPECT_EQ(values(to, head), before);
  }
}

TEST(CopyParameters, WhatDiffersIsNamed) {
  NetworkConfig config;
  config.hidden_sizes = {8, 6};
  const Network from = network_of(config, 3, 1);
  Network others = network_of(config, 5, 2);
  const std::vector<float> before(others.parameters().begin(), others.parameters().end());
  EXPECT_EQ(
      test::error_of([&] { copy_parameters(from, others, NetworkPart::kAll); }),
      "the network to take weights from has 2/weight [3, 6] where this one has 2/weight [5, 6]; allowed: the same "
      "network settings, or the body alone (train.start_part body)");
  EXPECT_TRUE(std::ranges::equal(before, others.parameters())) << "nothing was copied";
  config.hidden_sizes = {8};
  Network shorter = network_of(config, 3, 2);
  EXPECT_EQ(
      test::error_of([&] { copy_parameters(from, shorter, NetworkPart::kBody); }),
      "the network to take weights from has 1/weight [6, 8] where this one has nothing; allowed: the same network "
      "settings");
}

}  // namespace
}  // namespace deepq
