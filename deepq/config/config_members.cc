#include "deepq/config/config_members.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "deepq/config/run_config.h"

namespace deepq {
namespace {

// By section where a whole section lies elsewhere, by key where one has another name: double is a word of C++.
using Renamed = std::pair<std::string_view, std::string_view>;
constexpr std::array kKeys{Renamed{"agent.double", "agent.double_q"}, Renamed{"train.arithmetic", "network.arithmetic"},
                           Renamed{"optimizer.optimizer", "agent.optimizer.kind"},
                           Renamed{"optimizer.learning_rate_schedule", "agent.optimizer.schedule"}};

class SectionCollector : public FieldVisitor {
 public:
  std::vector<std::string> sections;
  void section(std::string_view name, std::string_view) override { sections.emplace_back(name); }
  void flag(std::string_view, bool&, std::string_view) override {}
  void integer(std::string_view, int64_t&, Range, std::string_view) override {}
  void number(std::string_view, double&, Range, std::string_view) override {}
  void text(std::string_view, std::string&, std::string_view) override {}
  void integers(std::string_view, std::vector<int64_t>&, Range, std::string_view) override {}

 protected:
  void choice_index(std::string_view, int&, std::span<const std::string_view>, std::string_view) override {}
};

bool is_env_section(std::string_view section) {
  static const std::vector<std::string> kSections = [] {
    EnvOptions options;
    SectionCollector collector;
    visit_fields(options, collector);
    return collector.sections;
  }();
  return std::ranges::find(kSections, section) != kSections.end();
}

}  // namespace

std::string config_member(std::string_view key) {
  for (const auto& [renamed, member] : kKeys)
    if (key == renamed) return std::string(member);
  const size_t point = std::min(key.find('.'), key.size());
  const std::string_view section = key.substr(0, point);
  // Two sections of files that are members of AgentConfig.
  if (section == "value" || section == "optimizer") return "agent." + std::string(key);
  if (is_env_section(section)) return "env_options." + std::string(key);
  return std::string(key);
}

}  // namespace deepq
