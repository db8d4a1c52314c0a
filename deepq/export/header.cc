#include "deepq/export/header.h"

#include <array>
#include <charconv>
#include <limits>
#include <span>
#include <sstream>

#include "deepq/core/embedded.h"
#include "deepq/export/exporter.h"
#include "deepq/nn/export_graph.h"
#include "deepq/nn/network.h"

namespace deepq {

std::span<const EmbeddedFile> embedded_header();  // assets/functions.inc, assets/states.inc

namespace {

// The shortest literal that is this float.
std::string literal(float value) {
  // No shortest form of a float has more than nine digits: fifteen characters with sign, point and exponent.
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  std::string result(text.data(), end);
  // to_chars writes 1 as "1", and 1f is no literal of C++.
  if (result.find_first_of(".e") == result.npos) result += ".0";
  return result + "f";
}

// The least has no literal of its own.
std::string literal(int64_t value) {
  if (value == std::numeric_limits<int64_t>::min()) return "-9223372036854775807 - 1";
  return std::to_string(value);
}

std::string array(const std::string& name, std::span<const float> values) {
  constexpr size_t kWidth = 120;
  std::string out = "inline const float " + name + "[" + std::to_string(values.size()) + "] = {";
  size_t line = kWidth;  // full, so that the numbers begin on their own
  for (const float value : values) {
    const std::string number = literal(value) + ",";
    if (line + number.size() + 1 > kWidth) out += "\n   ", line = 3;
    out += " " + number;
    line += number.size() + 1;
  }
  return out + "};\n";
}

std::vector<float> transposed(std::span<const float> weight, int64_t out, int64_t in) {
  std::vector<float> result(weight.size());
  for (int64_t o = 0; o < out; ++o)
    for (int64_t i = 0; i < in; ++i) result[static_cast<size_t>(i * out + o)] = weight[static_cast<size_t>(o * in + i)];
  return result;
}

// Text from a checkpoint, fit for a comment of one line: what could end or prolong it becomes a question mark.
std::string one_line(std::string text) {
  for (char& c : text)
    // A backslash at the end of a // comment would take the next line into it.
    if (static_cast<unsigned char>(c) < ' ' || c == '\\') c = '?';
  return text;
}

// Writes each node of the graph as one call. Values are local arrays s0, s1, ... without padding between rows.
class HeaderWriter {
 public:
  explicit HeaderWriter(const Policy& agent)
      : agent_(agent), network_(exported_network(agent)), graph_(export_graph(network_, exported_fractions(agent))) {}

  std::string write() {
    observation();
    // Each node declares the value that it writes (s0 is the input), so the order of the graph is that of the code.
    for (const graph::Node& node : graph_.nodes) std::visit([this](const auto& kind) { add(kind); }, node);
    expectation();
    const std::string states = has_states() ? "\n" + std::string(embedded_header()[1].content) : "";
    return beginning() + constants_ + std::string(embedded_header()[0].content) + states +
           "\n}  // namespace detail\n\n" + functions();
  }

 private:
  std::string beginning() const {
    std::ostringstream out;
    out << "// A Q-network trained by deepq. Needs nothing but C++17.\n";
    for (const auto& [key, value] : exported_facts(agent_)) out << "//   " << key << ": " << one_line(value) << "\n";
    out << "#pragma once\n\n#include <algorithm>\n#include <cmath>\n#include <cstdint>\n"
        << (has_states() ? "#include <stdexcept>\n#include <string>\n#include <type_traits>\n" : "")
        << "\nnamespace deepq_agent {\n\n"
        << "constexpr int kObservationSize = " << agent_.observation_size() << ";\n"
        << "constexpr int kActionCount = " << agent_.learnt().values() << ";\n"
        << axes() << "constexpr " << action_type() << " kFirstAction = " << literal(agent_.action_start())
        << ";\n\nnamespace detail {\n\n";
    return out.str();
  }

  bool has_states() const {
    return std::ranges::any_of(agent_.observation_space().seen(), [](const auto& leaf) { return leaf.count > 0; });
  }

  bool has_axes() const { return !agent_.learnt().is_single(); }

  std::string axes() const {
    if (!has_axes()) return "";
    std::vector<std::string> sizes;
    for (const int64_t size : agent_.learnt().axes()) sizes.push_back(std::to_string(size));
    return "// Values are of the choices on each axis, axis after axis.\nconstexpr int kAxes[] = {" + join(sizes) +
           "};\n"
           "constexpr int kAxisCount = " +
           std::to_string(sizes.size()) + ";\n";
  }

  // Of the numbers that the environment has for actions.
  std::string action_type() const {
    const int64_t first = agent_.action_start(), last = first + (agent_.learnt().values() - 1);
    return first >= std::numeric_limits<int>::min() && last <= std::numeric_limits<int>::max() ? "int" : "std::int64_t";
  }

  std::string functions() const {
    const std::string body = "  using namespace detail;\n" + body_ + "}\n\n";
    // Discrete observations are one number: their functions check it; all others take an array.
    return (has_states() ? functions_of_states(body) : functions_of_arrays(body)) +
           (has_axes() ? act_on_axes()
            : legal()  ? act_legally()
                       : act()) +
           "}  // namespace deepq_agent\n";
  }

  bool legal() const { return agent_.observation_space().legal_actions() > 0; }

  std::string act_on_axes() const {
    const std::string flags = legal() ? ", const Flag* legal" : "";
    const std::string best =
        legal() ? "(first[a] && (!first[best] || q[at + a] > q[at + best]))" : "q[at + a] > q[at + best]";
    return "// The best " + std::string(legal() ? "of the legal choices" : "choice") + " on each axis" +
           (legal() ? ": of the flags of each one or more is set" : "") + ".\n" + "template <class Number" +
           (legal() ? ", class Flag" : "") + ">\ninline void act(const Number* observation" + flags +
           ", int* choices) {\n  float q[kActionCount];\n  q_values(observation, q);\n"
           "  for (int axis = 0, at = 0; axis < kAxisCount; at += kAxes[axis++]) {\n" +
           (legal() ? "    const Flag* const first = legal + at;\n" : "") +
           "    int best = 0;\n    for (int a = 1; a < kAxes[axis]; ++a)\n      if (" + best +
           ") best = a;\n    choices[axis] = best;\n  }\n}\n\n";
  }

  std::string act() const {
    return "// The greedy action, as the environment counts them.\n"
           "template <class Number>\ninline " +
           action_type() +
           " act(const Number* observation) {\n  float q[kActionCount];\n  q_values(observation, q);\n"
           "  return kFirstAction + static_cast<int>(std::max_element(q, q + kActionCount) - q);\n}\n\n";
  }

  std::string act_legally() const {
    return "// The best of the legal actions, as the environment counts them: of kActionCount flags one or more is "
           "set.\n"
           "template <class Number, class Flag>\ninline " +
           action_type() +
           " act(const Number* observation, const Flag* legal) {\n"
           "  float q[kActionCount];\n  q_values(observation, q);\n  int best = 0;\n"
           "  for (int a = 1; a < kActionCount; ++a)\n"
           "    if (legal[a] && (!legal[best] || q[a] > q[best])) best = a;\n"
           "  return kFirstAction + best;\n}\n\n";
  }

  static std::string functions_of_arrays(const std::string& body) {
    return "// The values of all kActionCount actions for one observation: kObservationSize numbers as the environment "
           "gives them,\n// row by row. Thread-safe.\n"
           "inline void q_values(const float* observation, float* q) {\n" +
           body +
           "// The same for numbers of another type.\n"
           "template <class Number>\ninline void q_values(const Number* observation, float* q) {\n"
           "  float numbers[kObservationSize];\n"
           "  for (int i = 0; i < kObservationSize; ++i) numbers[i] = static_cast<float>(observation[i]);\n"
           "  q_values(static_cast<const float*>(numbers), q);\n}\n\n";
  }

  static std::string functions_of_states(const std::string& body) {
    return "// The values of all kActionCount actions for one observation: a number of any type, as the environment "
           "gives it.\n// Throws std::out_of_range for one that is none of its states. Thread-safe.\n"
           "template <class Number>\ninline void q_values(const Number* observation, float* q) {\n" +
           body;
  }

  void observation() {
    // No copy: the caller's array is the first value.
    if (!has_states()) return line("const float* const s0 = observation");
    line("float s0[", network_.input_size(), "]");
    int64_t from = 0, to = 0;
    for (const ObservationLeaf& leaf : agent_.observation_space().seen()) {
      const bool discrete = leaf.count > 0;
      if (discrete)
        line("one_hot(", literal(leaf.start), ", ", leaf.count, ", ", offset("observation", from), ", ",
             offset("s0", to), ")");
      else
        line("for (int i = 0; i < ", leaf.size(), "; ++i) s0[", to, " + i] = static_cast<float>(observation[", from,
             " + i])");
      from += leaf.size();
      to += discrete ? leaf.count : leaf.size();
    }
  }

  static std::string offset(const std::string& name, int64_t by) {
    return by == 0 ? name : name + " + " + std::to_string(by);
  }

  void add(const graph::Linear& layer) {
    declare(layer.to);
    line("dense(", rows(layer.to), ", ", layer.in, ", ", layer.out, ", s", layer.from, " + ", layer.from_column, ", ",
         graph_.values[layer.from].numbers, ", ", weight(layer.weight, layer.out), ", ", constant(layer.bias), ", ",
         layer.relu ? "true" : "false", ", s", layer.to, ")");
  }

  void add(const graph::LayerNorm& norm) {
    declare(norm.to);
    const int64_t size = graph_.values[norm.to].numbers / norm.blocks;
    line("normalize(", rows(norm.to), ", ", norm.blocks, ", ", size, ", ", literal(norm.epsilon), ", s", norm.from,
         ", ", constant(norm.gain), ", ", constant(norm.bias), ", s", norm.to, ")");
  }

  void add(const graph::Convolution& layer) {
    const ConvolutionShape& shape = layer.shape;
    // The shape counts the padding in; convolve() is given the image itself and skips what lies beyond it.
    const int64_t height = shape.height - 2 * layer.padding, width = shape.width - 2 * layer.padding;
    declare(layer.to);
    line("convolve(", height, ", ", width, ", ", shape.channels, ", ", shape.kernel, ", ", shape.stride, ", ",
         layer.padding, ", ", shape.out, ", s", layer.from, ", ", weight(layer.weight, shape.out), ", ",
         constant(layer.bias), ", ", layer.relu ? "true" : "false", ", s", layer.to, ")");
  }

  void add(const graph::MaxPool& node) {
    const PoolShape& shape = node.shape;
    declare(node.to);
    line("max_pool(", shape.height, ", ", shape.width, ", ", shape.channels, ", ", shape.kernel, ", ", shape.stride,
         ", ", shape.padding, ", s", node.from, ", s", node.to, ")");
  }

  void add(const graph::Relu& node) {
    declare(node.to);
    line("relu(", graph_.values[node.to].numbers, ", s", node.from, ", s", node.to, ")");
  }

  void add(const graph::Add& node) {
    declare(node.to);
    line("add(", graph_.values[node.to].numbers, ", s", node.around, ", s", node.through, ", s", node.to, ")");
  }

  void add(const graph::Recurrent&) { DEEPQ_ASSERT(false); }  // see exported_network()

  void add(const graph::View& view) { line("const float* const s", view.to, " = s", view.from); }

  void add(const graph::ToChannelsLast& node) {
    declare(node.to);
    const int64_t pixels = graph_.values[node.to].numbers / node.channels;
    line("to_channels_last(", node.channels, ", ", pixels, ", ", literal(node.scale), ", ",
         offset("s" + std::to_string(node.from), node.from_column), ", s", node.to, ")");
  }

  void add(const graph::NormalizeInput& node) {
    declare(node.to);
    const std::string mean = constant(node.mean), scale = constant(node.scale), to = "s" + std::to_string(node.to);
    int64_t column = 0;
    for (const auto& [from_column, columns] : node.ranges) {
      line("normalize_input(", columns, ", ", literal(node.clip), ", ", offset("s0", from_column), ", ",
           offset(mean, column), ", ", offset(scale, column), ", ", offset(to, column), ")");
      column += columns;
    }
  }

  void add(const graph::Join& join) {
    declare(join.to);
    int64_t to = 0;
    for (const graph::Join::Part& part : join.parts) {
      line("scale(", part.columns, ", ", literal(part.scale), ", ",
           offset("s" + std::to_string(part.from), part.from_column), ", ", offset("s" + std::to_string(join.to), to),
           ")");
      to += part.columns;
    }
  }

  void add(const graph::Duel& duel) {
    declare(duel.to);
    int64_t first = 0;
    for (const int64_t actions : duel.axes) {
      const std::string by = first == 0 ? "" : " + " + std::to_string(first * duel.width);
      line("duel(", rows(duel.to), ", ", actions, ", ", duel.width, ", s", duel.value, ", s", duel.advantage, by, ", s",
           duel.to, by, ")");
      first += actions;
    }
  }

  void add(const graph::Constant& node) {
    constants_ += array(node.name, node.numbers);
    line("const float* const s", node.to, " = ", node.name);
  }

  void add(const graph::Multiply& node) {
    declare(node.to);
    line("multiply(", rows(node.to), ", ", graph_.values[node.to].numbers, ", s", node.factor, ", s", node.rows, ", s",
         node.to, ")");
  }

  void expectation() {
    const ValueConfig& config = agent_.config().agent.value;
    const int64_t actions = agent_.learnt().values(), width = network_.output_size() / actions;
    if (config.representation == Representation::kCategorical) {
      constants_ += array("atoms", categorical_atoms(config));
      return line("expected_atoms(", actions, ", ", width, ", s", graph_.output, ", atoms, q)");
    }
    if (config.representation == Representation::kImplicit)
      // The output is [fractions, actions]: the values of one action lie `actions` floats apart.
      return line("means(", actions, ", 1, ", graph_.fractions.size(), ", ", actions, ", s", graph_.output, ", q)");
    // [actions, width]: quantiles of one action side by side; a scalar is the mean of its one number.
    line("means(", actions, ", ", width, ", ", width, ", 1, s", graph_.output, ", q)");
  }

  template <class... Parts>
  void line(const Parts&... parts) {
    std::ostringstream out;
    (out << ... << parts);
    body_ += "  " + out.str() + ";\n";
  }

  int64_t rows(size_t value) const {
    return graph_.values[value].per_fraction ? static_cast<int64_t>(graph_.fractions.size()) : 1;
  }

  void declare(size_t value) { line("float s", value, "[", rows(value) * graph_.values[value].numbers, "]"); }

  // Adds the array and returns its name: "weight_0" of tensor "0/weight".
  std::string constant(const graph::Tensor& tensor) { return constant(tensor.name, tensor.numbers); }
  std::string weight(const graph::Tensor& tensor, int64_t out) {
    return constant(tensor.name, transposed(tensor.numbers, out, static_cast<int64_t>(tensor.numbers.size()) / out));
  }
  std::string constant(const std::string& name, std::span<const float> numbers) {
    // Identifiers cannot hold a slash, nor begin with a digit.
    const size_t slash = name.find('/');
    std::string result = name.substr(slash + 1) + "_" + name.substr(0, slash);
    constants_ += array(result, numbers);
    return result;
  }

  const Policy& agent_;
  const Network& network_;
  ExportGraph graph_;
  std::string constants_, body_;
};

}  // namespace

std::string to_header(const Policy& agent) { return HeaderWriter(agent).write(); }

}  // namespace deepq
