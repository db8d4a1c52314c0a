// Configuration structs describe themselves: each has one visit_fields(config, visitor) that names every field, what is
// allowed and what it means. Command line, TOML, generated docs and checkpoints are visitors of it, so none can drift.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace deepq {

// Allowed values of a number, ends included unless `min_open`. A number must also fit what it is kept in: a double that
// networks and replay take as a float32 may not become 0, infinite or subnormal there, and an integer is at most 2^53,
// so that fractions and sums of it are exact.
struct Range {
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  bool min_open = false;
  bool is_wide = false;      // kept in all 64 bits
  bool is_optional = false;  // NaN stands for a number that was not given

  static Range at_least(double min) { return {.min = min}; }
  static Range above(double min) { return {.min = min, .min_open = true}; }
  static Range between(double min, double max) { return {.min = min, .max = max}; }

  Range wide() const;
  Range optional() const;

  bool contains(double value) const { return (min_open ? value > min : value >= min) && value <= max; }
  std::string text() const;  // "at least 1", "above 0", "0 to 1"

  bool allows(double value) const;
  bool allows(int64_t value) const;

  // What is allowed, for a value that is not; "" for one that is.
  std::string refusal(double value) const;
  std::string refusal(int64_t value) const;
};

class FieldVisitor {
 public:
  virtual ~FieldVisitor() = default;

  // The fields that follow are named "SECTION.name".
  virtual void section(std::string_view name, std::string_view doc) = 0;

  virtual void flag(std::string_view name, bool& value, std::string_view doc) = 0;
  virtual void integer(std::string_view name, int64_t& value, Range allowed, std::string_view doc) = 0;
  virtual void number(std::string_view name, double& value, Range allowed, std::string_view doc) = 0;
  virtual void text(std::string_view name, std::string& value, std::string_view doc) = 0;
  virtual void integers(std::string_view name, std::vector<int64_t>& value, Range allowed, std::string_view doc) = 0;

  // An enum whose values 0, 1, ... are written as names[0], names[1], ...
  template <class Enum>
  void choice(std::string_view name, Enum& value, std::span<const std::string_view> names, std::string_view doc) {
    int index = static_cast<int>(value);
    choice_index(name, index, names, doc);
    value = static_cast<Enum>(index);
  }

 protected:
  virtual void choice_index(std::string_view name, int& index, std::span<const std::string_view> names,
                            std::string_view doc) = 0;
};

}  // namespace deepq
