// What an exported file (docs/export.md, safetensors) says beside its weights, so that they can be acted by: in the
// file's metadata, each setting under its own key ("network.hidden_sizes").
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "deepq/agent/value_config.h"
#include "deepq/core/action_space.h"
#include "deepq/core/observation_space.h"
#include "deepq/core/safetensors.h"
#include "deepq/nn/network_config.h"

namespace deepq {

struct ActingFacts {
  ObservationSpace observation;
  ActionSpace actions;       // that were learnt
  int64_t action_start = 0;  // what the environment's users call the first
  NetworkConfig network;
  ValueConfig value;
};

Metadata acting_metadata(const ActingFacts& facts);

// Throws deepq::Error for metadata that say none of this (those of deepq 0.1), too little, what is not allowed, or a
// setting that only a newer deepq knows.
ActingFacts acting_facts(const Metadata& metadata);

// A CRC-32C of the whole file, in its metadata as eight digits in base 16, which count as zeros themselves.
inline constexpr std::string_view kChecksumKey = "crc32c", kNoChecksum = "00000000";

// Puts it in the place of kNoChecksum.
void add_checksum(std::string& file);

// Throws deepq::Error where there is none, or another one.
void verify_checksum(std::span<const std::byte> file);

}  // namespace deepq
