#include "deepq/agent/acting_facts.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

#include "deepq/core/crc32c.h"
#include "deepq/core/error.h"
#include "deepq/core/states.h"

namespace deepq {
namespace {

// Version 2 is of agents that choose among legal actions, see observations of several leaves, act on several axes, or
// normalise observations: a reader of version 1 would not know of any.
constexpr std::string_view kVersionKey = "acting_version", kVersion = "1", kLaterVersion = "2";
constexpr std::array<std::string_view, 4> kKinds{"real", "bytes", "discrete", "frames"};

Range whole(double least) { return Range::at_least(least).wide(); }

void visit_leaf(ObservationLeaf& leaf, FieldVisitor& visitor, bool with_dtype) {
  visitor.choice("observation_kind", leaf.kind, kKinds, "");
  visitor.integers("observation_shape", leaf.shape, whole(1), "");
  visitor.flag("channels_first", leaf.channels_first, "");
  // Of numbers the type says whether they are normalised.
  if (with_dtype && leaf.kind == ObservationKind::kReal) visitor.text("observation_dtype", leaf.dtype, "");
  if (leaf.kind == ObservationKind::kDiscrete) {
    visitor.integer("state_count", leaf.count, Range::between(1, kMostStates), "");
    visitor.integer("state_start", leaf.start, Range{}.wide(), "");
  }
}

// The first without a section, as files that know no others have it. The limits are the space's own to check.
void visit_observation(ActingFacts& facts, FieldVisitor& visitor, bool reads) {
  const auto seen = facts.observation.seen();
  std::vector<ObservationLeaf> leaves(seen.begin(), seen.end());
  auto count = static_cast<int64_t>(leaves.size());
  int64_t legal = facts.observation.legal_actions();
  if (reads || count > 1) visitor.integer("leaf_count", count, Range::between(1, 4096), "");
  if (reads || legal > 0) visitor.integer("legal_actions", legal, whole(0), "");
  leaves.resize(static_cast<size_t>(count));
  for (size_t i = 0; i < leaves.size(); ++i) {
    if (i > 0) visitor.section("leaf_" + std::to_string(i), "");
    if (reads || !leaves[i].name.empty()) visitor.text("observation_name", leaves[i].name, "");
    visit_leaf(leaves[i], visitor, reads || facts.network.normalize_observations);
  }
  visitor.section("", "");
  facts.observation = ObservationSpace(std::move(leaves));
  if (legal > 0) facts.observation = facts.observation.with_legal_actions(legal);
}

// Everything that is said, in order.
void visit_fields(ActingFacts& facts, FieldVisitor& visitor, bool reads) {
  constexpr double kMostActions = 1 << 20;
  visit_observation(facts, visitor, reads);
  int64_t count = facts.actions.count();
  std::vector<int64_t> axes = facts.actions.axes();
  if (reads || !facts.actions.is_single()) visitor.integers("action_axes", axes, Range::between(1, kMostActions), "");
  const bool several = axes.size() > 1;
  visitor.integer("action_count", count, several ? whole(1) : Range::between(1, kMostActions), "");
  facts.actions = several ? ActionSpace(axes) : ActionSpace(count);
  if (facts.actions.count() != count) throw Error::of("the file says action_count ", count, ", and other action_axes");
  visitor.integer("action_start", facts.action_start, Range{}.wide(), "");
  visitor.section("train", "");
  visitor.choice("arithmetic", facts.network.arithmetic, kArithmeticNames, "");
  visitor.section("network", "");
  visit_fields(facts.network, visitor);
  visitor.section("value", "");
  visit_fields(facts.value, visitor);
}

class Sections : public FieldVisitor {
 public:
  void section(std::string_view name, std::string_view) override {
    section_ = name;
    if (!name.empty()) section_ += '.';
  }

 protected:
  std::string key(std::string_view name) const { return section_ + std::string(name); }

 private:
  std::string section_;
};

class Writer final : public Sections {
 public:
  Metadata written;

  void flag(std::string_view name, bool& value, std::string_view) override { put(name, value ? "true" : "false"); }
  void integer(std::string_view name, int64_t& value, Range, std::string_view) override {
    put(name, std::to_string(value));
  }
  void number(std::string_view name, double& value, Range, std::string_view) override { put(name, number_text(value)); }
  void text(std::string_view name, std::string& value, std::string_view) override { put(name, value); }
  void integers(std::string_view name, std::vector<int64_t>& value, Range, std::string_view) override {
    std::vector<std::string> texts;
    for (const int64_t one : value) texts.push_back(std::to_string(one));
    put(name, "[" + join(texts) + "]");
  }

 protected:
  void choice_index(std::string_view name, int& index, std::span<const std::string_view> names,
                    std::string_view) override {
    put(name, std::string(names[static_cast<size_t>(index)]));
  }

 private:
  void put(std::string_view name, std::string text) { written[key(name)] = std::move(text); }
};

// A setting that is not there keeps its default: a later version may know more of them.
class Reader final : public Sections {
 public:
  explicit Reader(const Metadata& metadata) : metadata_(metadata) {}

  void flag(std::string_view name, bool& value, std::string_view) override {
    static constexpr std::array<std::string_view, 2> kFlags{"false", "true"};
    int index = value;
    choice_index(name, index, kFlags, "");
    value = index == 1;
  }
  void integer(std::string_view name, int64_t& value, Range allowed, std::string_view) override {
    if (const std::string* const text = find(name)) value = parsed<int64_t>(name, *text, allowed);
  }
  void number(std::string_view name, double& value, Range allowed, std::string_view) override {
    if (const std::string* const text = find(name)) value = parsed<double>(name, *text, allowed);
  }
  void text(std::string_view name, std::string& value, std::string_view) override {
    if (const std::string* const text = find(name)) value = *text;
  }
  void integers(std::string_view name, std::vector<int64_t>& value, Range allowed, std::string_view) override {
    const std::string* const text = find(name);
    if (!text) return;
    std::string_view rest = *text;
    if (rest.size() < 2 || rest.front() != '[' || rest.back() != ']') refuse(name, rest);
    rest = rest.substr(1, rest.size() - 2);
    value.clear();
    while (!rest.empty()) {
      const size_t comma = std::min(rest.find(", "), rest.size());
      value.push_back(parsed<int64_t>(name, rest.substr(0, comma), allowed));
      rest.remove_prefix(std::min(comma + 2, rest.size()));
    }
  }

  // What is said of network and values must be known: they would be others without it.
  void require_all_known() const {
    for (const auto& [key, text] : metadata_)
      if ((key.starts_with("network.") || key.starts_with("value.")) && !known_.contains(key))
        throw Error::of("the file says ", key, ", which only a newer deepq knows");
  }

 protected:
  void choice_index(std::string_view name, int& index, std::span<const std::string_view> names,
                    std::string_view) override {
    const std::string* const text = find(name);
    if (!text) return;
    const auto found = std::ranges::find(names, std::string_view(*text));
    if (found == names.end()) refuse(name, *text);
    index = static_cast<int>(found - names.begin());
  }

 private:
  const std::string* find(std::string_view name) {
    const auto found = metadata_.find(key(name));
    if (found == metadata_.end()) return nullptr;
    known_.insert(found->first);
    return &found->second;
  }

  // Not what is allowed: writing a range's ends would take 130 KB of tables (std::to_chars) in the library that only
  // acts, for a file that no deepq has written.
  [[noreturn]] void refuse(std::string_view name, std::string_view text) const {
    throw Error::of("the file says ", key(name), " ", text, ", which is not allowed");
  }

  template <class T>
  T parsed(std::string_view name, std::string_view text, const Range& allowed) const {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !allowed.allows(value)) refuse(name, text);
    return value;
  }

  const Metadata& metadata_;
  std::set<std::string, std::less<>> known_;
};

// Where the digits of the checksum lie in the file.
size_t checksum_place(std::string_view file) {
  std::string named = "\"";
  named.append(kChecksumKey).append("\":\"");
  const size_t found = file.find(named);
  if (found == std::string_view::npos || file.size() - found < named.size() + kNoChecksum.size())
    throw Error("the file has no checksum; allowed: what `deepq export --safetensors` writes, from version 0.2 on");
  return found + named.size();
}

std::string checksum_digits(std::string_view file, size_t place) {
  const auto bytes = [](std::string_view part) { return std::as_bytes(std::span(part)); };
  const std::string_view behind = file.substr(place + kNoChecksum.size());
  uint32_t sum = crc32c(bytes(behind), crc32c(bytes(kNoChecksum), crc32c(bytes(file.substr(0, place)))));
  std::string digits(kNoChecksum);
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, sum /= 16) *digit = "0123456789abcdef"[sum % 16];
  return digits;
}

}  // namespace

Metadata acting_metadata(const ActingFacts& facts) {
  Writer writer;
  ActingFacts visited = facts;
  visit_fields(visited, writer, false);
  const bool later = facts.observation.legal_actions() > 0 || !facts.observation.is_single() ||
                     !facts.actions.is_single() || facts.network.normalize_observations;
  // What came later is left out where it says nothing, so that readers of before take the file.
  const auto leave_out = [&](std::initializer_list<const char*> keys) {
    for (const char* const key : keys) writer.written.erase(key);
  };
  if (!facts.network.normalize_observations) leave_out({"network.normalize_observations", "network.observation_clip"});
  if (facts.network.recurrent == Memory::kNone) leave_out({"network.recurrent", "network.recurrent_size"});
  if (!facts.value.rescale) leave_out({"value.rescale", "value.rescale_epsilon"});
  writer.written[std::string(kVersionKey)] = later ? kLaterVersion : kVersion;
  return std::move(writer.written);
}

ActingFacts acting_facts(const Metadata& metadata) {
  const auto version = metadata.find(kVersionKey);
  if (version == metadata.end())
    throw Error(
        "the file does not say what its network is; allowed: what `deepq export --safetensors` writes, from version "
        "0.2 on");
  if (version->second != kVersion && version->second != kLaterVersion)
    throw Error::of("the file was written by a newer deepq (", kVersionKey, " ", version->second, "; this one reads ",
                    kLaterVersion, ")");
  ActingFacts facts{.observation = ObservationSpace({ObservationLeaf{}}), .actions = {}, .network = {}, .value = {}};
  Reader reader(metadata);
  visit_fields(facts, reader, true);
  reader.require_all_known();
  if (facts.network.recurrent != Memory::kNone)
    throw Error("the file's network has a memory (network.recurrent), and what acts by a file remembers nothing");
  facts.observation.check("in the file, ");
  if (facts.actions.count() < 1) throw Error("the file does not say action_count");
  if (const int64_t legal = facts.observation.legal_actions(); legal > 0 && legal != facts.actions.values())
    throw Error::of("the file says legal_actions ", legal,
                    "; allowed: ", facts.actions.is_single() ? "action_count, " : "the number of choices, ",
                    facts.actions.values());
  if (facts.action_start > largest_start(facts.actions.count()))
    throw Error::of("the file says action_start ", facts.action_start, "; allowed: up to ",
                    largest_start(facts.actions.count()));
  return facts;
}

void add_checksum(std::string& file) {
  const size_t place = checksum_place(file);
  file.replace(place, kNoChecksum.size(), checksum_digits(file, place));
}

void verify_checksum(std::span<const std::byte> file) {
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  const size_t place = checksum_place(text);
  if (text.substr(place, kNoChecksum.size()) != checksum_digits(text, place))
    throw Error("the file is damaged: its checksum does not fit");
}

}  // namespace deepq
