#include "deepq/export/onnx.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <limits>
#include <map>

#include "deepq/export/exporter.h"
#include "deepq/export/onnx_graph.h"
#include "deepq/nn/modules.h"

namespace deepq {
namespace {

using Shape = std::vector<int64_t>;

// By NumPy's name.
OnnxType type_of(std::string_view dtype) {
  constexpr std::pair<std::string_view, OnnxType> kTypes[] = {
      {"float32", OnnxType::kFloat}, {"float64", OnnxType::kDouble}, {"float16", OnnxType::kFloat16},
      {"uint8", OnnxType::kUint8},   {"uint16", OnnxType::kUint16},  {"uint32", OnnxType::kUint32},
      {"uint64", OnnxType::kUint64}, {"int8", OnnxType::kInt8},      {"int16", OnnxType::kInt16},
      {"int32", OnnxType::kInt32},   {"int64", OnnxType::kInt64},    {"bool", OnnxType::kBool}};
  for (const auto& [name, type] : kTypes)
    if (name == dtype) return type;
  // A dtype without a type here comes in as the float32 that the network sees.
  return OnnxType::kFloat;
}

// Writes the nodes of a network's graph one after another. Rows of a value are rows of a matrix [batch, columns] here,
// but images, which are [batch, channels, height, width] until something takes them as rows.
class OnnxWriter {
 public:
  explicit OnnxWriter(const Policy& agent)
      : agent_(agent),
        network_(exported_network(agent, CarriesMemory::kYes)),
        exported_(export_graph(network_, exported_fractions(agent))),
        modules_(torch_modules(exported_)),
        values_(exported_.values.size()) {}

  std::string write() {
    add_inputs();
    for (size_t i = 0; i < exported_.nodes.size(); ++i)
      std::visit([&](const auto& node) { add(node, modules_[i]); }, exported_.nodes[i]);
    if (agent_.observation_space().legal_actions() > 0) {
      expectation(values_[exported_.output][0], "all_q_values");
      only_legal();
    } else {
      expectation(values_[exported_.output][0], "q_values");
    }
    graph_.output("q_values", OnnxType::kFloat, Shape{agent_.learnt().values()});
    if (agent_.memory_size() > 0) graph_.output("next_state", OnnxType::kFloat, Shape{agent_.memory_size()});
    return graph_.model("deepq", exported_facts(agent_));
  }

 private:
  // The network's input, made of what the environment gives: one value, or of several leaves a value for each, by the
  // column of the input that it begins at.
  void add_inputs() {
    const ObservationSpace& space = agent_.observation_space();
    if (space.is_single()) {
      const ObservationLeaf& leaf = space.leaf();
      const std::string name = leaf.name.empty() ? "observation" : input_name(leaf);
      values_[0] = {leaf.count > 0 ? one_hot(name, leaf) : numbers(name, leaf)};
      return;
    }
    int64_t column = 0;
    std::vector<std::string> flat;
    for (const ObservationLeaf& leaf : space.seen()) {
      const std::string name = input_name(leaf);
      const std::string value = leaf.count > 0 ? one_hot(name, leaf) : numbers(name, leaf);
      parts_[column] = value;
      column += leaf.count > 0 ? leaf.count : leaf.size();
      flat.push_back(value);
    }
    // Where nothing is a picture for convolutions, the first layer reads them all.
    const bool joined = std::ranges::any_of(
        exported_.nodes, [](const graph::Node& node) { return std::holds_alternative<graph::Join>(node); });
    if (!joined) values_[0] = {graph_.node("Concat", flat, {{"axis", int64_t{1}}})};
  }

  // The part's own, or with "observation." in front where the model has such a name for something else: its outputs,
  // the mask, modules ("body.0"), nodes ("Concat_0").
  static std::string input_name(const ObservationLeaf& leaf) {
    const std::string& name = leaf.name;
    constexpr std::array<std::string_view, 6> kTaken{"q_values",    "all_q_values", "action_mask",
                                                     "observation", "state",        "next_state"};
    const bool of_module = name.find('.') != name.npos;
    const bool numbered = name.find('_') != name.npos && std::isdigit(static_cast<unsigned char>(name.back()));
    return of_module || numbered || std::ranges::find(kTaken, name) != kTaken.end() ? "observation." + name : name;
  }

  // As floats: [batch, channels, height, width] of a picture that convolutions take, else a row.
  std::string numbers(const std::string& name, const ObservationLeaf& leaf) {
    const OnnxType type = type_of(leaf.numpy_dtype());
    graph_.input(name, type, leaf.shape);
    std::string value = type == OnnxType::kFloat ? name : cast(name, OnnxType::kFloat);
    const bool convolved = !agent_.config().network.conv_channels.empty() && leaf.is_picture();
    // Conv takes [batch, channels, height, width] alone.
    if (convolved && !leaf.has_channels_first())
      value = graph_.node("Transpose", {value}, {{"perm", Shape{0, 3, 1, 2}}});
    if (!convolved && leaf.shape.size() > 1) value = graph_.node("Flatten", {value});
    return value;
  }

  std::string one_hot(const std::string& name, const ObservationLeaf& leaf) {
    const OnnxType type = type_of(leaf.numpy_dtype());
    graph_.input(name, type, {});
    // Every type of integer first becomes int64, in which start and bounds are written.
    const std::string value = type == OnnxType::kInt64 ? name : cast(name, OnnxType::kInt64);
    std::string index = value;
    if (leaf.start != 0) index = graph_.node("Sub", {value, graph_.integer(leaf.start)});
    // The 0 is added because a node whose output nothing uses would be left out.
    index = graph_.node("Add", {index, zero_or_error(name, value, leaf)});
    const std::vector<float> off_and_on{0, 1};
    return graph_.node("OneHot", {index, graph_.integer(leaf.count), graph_.floats(Shape{2}, off_and_on)});
  }

  // OneHot takes any number: one below the states would be counted from their end, one above be no state at all. Gather
  // must end with an error where an index is out of range (the operator's specification), so each state gathers the one
  // number of a constant, and what is no state the number after it. The error names the node.
  std::string zero_or_error(const std::string& name, const std::string& value, const ObservationLeaf& leaf) {
    const int64_t first = leaf.start, last = first + (leaf.count - 1);
    const std::string below = graph_.node("Less", {value, graph_.integer(first)});
    const std::string above = graph_.node("Greater", {value, graph_.integer(last)});
    // 0 for a state, 1 for none: the constant has one number, so 1 is out of range.
    const std::string index = cast(graph_.node("Or", {below, above}), OnnxType::kInt64);
    return graph_.node("Gather", {graph_.integers(Shape{0}), index}, {},
                       name + ", allowed: " + std::to_string(first) + " to " + std::to_string(last));
  }

  std::string cast(const std::string& value, OnnxType type) {
    return graph_.node("Cast", {value}, {{"to", static_cast<int64_t>(type)}});
  }

  // Noisy layers as they are when the policy is greedy: with the means alone.
  void add(const graph::Linear& layer, const std::vector<Module>& modules) {
    const auto part = static_cast<size_t>(layer.from_column / layer.in);  // of a layer of two streams
    for (const Module& module : modules) {
      const std::vector<std::string> inputs{values_[layer.from][part], constant(module, 0), constant(module, 1)};
      std::string value = graph_.node("Gemm", inputs, {{"transB", int64_t{1}}}, module.name);
      values_[layer.to].push_back(layer.relu ? graph_.node("Relu", {value}) : value);
    }
  }

  void add(const graph::LayerNorm& norm, const std::vector<Module>& modules) {
    for (size_t i = 0; i < modules.size(); ++i) {
      const std::vector<std::string> inputs{values_[norm.from][i], constant(modules[i], 0), constant(modules[i], 1)};
      // One module, and so one normalization, for each of two streams: the last axis is a block.
      const std::vector<OnnxGraph::Attribute> attributes{{"axis", int64_t{-1}}, {"epsilon", norm.epsilon}};
      values_[norm.to].push_back(
          graph_.node("Relu", {graph_.node("LayerNormalization", inputs, attributes, modules[i].name)}));
    }
  }

  void add(const graph::Convolution& layer, const std::vector<Module>& modules) {
    const Module& module = modules.front();
    const std::vector<std::string> inputs{values_[layer.from][0], constant(module, 0), constant(module, 1)};
    const ConvolutionShape& shape = layer.shape;
    const std::string value =
        graph_.node("Conv", inputs, window(shape.kernel, shape.stride, layer.padding), module.name);
    values_[layer.to] = {layer.relu ? graph_.node("Relu", {value}) : value};
  }

  void add(const graph::MaxPool& node, const std::vector<Module>&) {
    const PoolShape& shape = node.shape;
    write_image(node.to, graph_.node("MaxPool", values_[node.from], window(shape.kernel, shape.stride, shape.padding)));
  }

  void add(const graph::Relu& node, const std::vector<Module>&) {
    write_image(node.to, graph_.node("Relu", values_[node.from]));
  }

  void add(const graph::Add& node, const std::vector<Module>&) {
    write_image(node.to, graph_.node("Add", {values_[node.around][0], values_[node.through][0]}));
  }

  // One step: `state` is what was remembered before it, [batch, memory], `next_state` what is after it. Of elementary
  // nodes in the order of the kernels (nn/kernels/kernels.h), for ONNX's own GRU and LSTM have other orders of gates.
  void add(const graph::Recurrent& cell, const std::vector<Module>& modules) {
    const bool lstm = cell.kind == Memory::kLstm;
    const int64_t units = cell.units;
    graph_.input("state", OnnxType::kFloat, Shape{agent_.memory_size()});
    const std::string before = lstm ? columns("state", 0, units) : "state";
    const Module& module = modules.front();
    const auto sums = [&](const std::string& of, size_t weight) {
      return graph_.node("Gemm", {of, constant(module, weight), constant(module, weight + 2)},
                         {{"transB", int64_t{1}}});
    };
    const std::string input = sums(values_[cell.from][0], 0), state = sums(before, 1);
    const auto gate = [&](const std::string& of, int64_t i) { return columns(of, i * units, (i + 1) * units); };
    const auto squashed = [&](std::string_view by, const std::string& a, const std::string& b) {
      return graph_.node(by, {graph_.node("Add", {a, b})});
    };
    const auto logistic = [&](int64_t i) { return squashed("Sigmoid", gate(input, i), gate(state, i)); };
    if (lstm) {
      const std::string candidate = squashed("Tanh", gate(input, 2), gate(state, 2));
      const std::string kept = graph_.node("Mul", {logistic(1), columns("state", units, 2 * units)});
      const std::string remembered = graph_.node("Add", {kept, graph_.node("Mul", {logistic(0), candidate})});
      values_[cell.to] = {graph_.node("Mul", {logistic(3), graph_.node("Tanh", {remembered})})};
      graph_.node("Concat", {values_[cell.to][0], remembered}, {{"axis", int64_t{1}}}, "next_state");
    } else {
      const std::string reset = graph_.node("Mul", {logistic(0), gate(state, 2)});
      const std::string candidate = squashed("Tanh", gate(input, 2), reset);
      const std::string distance = graph_.node("Sub", {before, candidate});
      values_[cell.to] = {
          graph_.node("Add", {candidate, graph_.node("Mul", {logistic(1), distance})}, {}, "next_state")};
    }
  }

  std::string columns(const std::string& of, int64_t begin, int64_t end) {
    return graph_.node("Slice",
                       {of, graph_.integers(Shape{begin}), graph_.integers(Shape{end}), graph_.integers(Shape{1})});
  }

  void add(const graph::View& view, const std::vector<Module>&) { write_image(view.to, values_[view.from][0]); }

  // Images have their channels first here as they come: what is left is the scale.
  void add(const graph::ToChannelsLast& node, const std::vector<Module>&) {
    values_[node.to] = {scaled(parts_.empty() ? values_[node.from][0] : parts_.at(node.from_column), node.scale)};
  }

  void add(const graph::NormalizeInput& node, const std::vector<Module>& modules) {
    // The whole input, or some of its leaves.
    std::string x;
    if (values_[0].empty()) {
      std::vector<std::string> leaves;
      for (const auto& [from_column, columns] : node.ranges)
        for (const std::string& leaf : leaves_of(from_column, columns)) leaves.push_back(leaf);
      x = leaves.size() == 1 ? leaves[0] : graph_.node("Concat", leaves, {{"axis", int64_t{1}}});
    } else {
      x = values_[0][0];
    }
    const std::string from_mean = graph_.node("Sub", {x, constant(modules.front(), 0)});
    const std::string normal = graph_.node("Mul", {from_mean, constant(modules.front(), 1)});
    values_[node.to] = {graph_.node("Clip", {normal, graph_.scalar(-node.clip), graph_.scalar(node.clip)})};
  }

  // Those that lie side by side may be one part.
  std::vector<std::string> leaves_of(int64_t from_column, int64_t columns) const {
    std::vector<std::string> leaves;
    const auto begin = parts_.lower_bound(from_column), end = parts_.lower_bound(from_column + columns);
    for (auto leaf = begin; leaf != end; ++leaf) leaves.push_back(leaf->second);
    return leaves;
  }

  void add(const graph::Join& join, const std::vector<Module>&) {
    std::vector<std::string> values;
    for (const graph::Join::Part& part : join.parts) {
      if (part.from != 0) {
        values.push_back(columns_of(part));
        continue;
      }
      for (const std::string& leaf : leaves_of(part.from_column, part.columns))
        values.push_back(scaled(leaf, part.scale));
    }
    values_[join.to] = {graph_.node("Concat", values, {{"axis", int64_t{1}}})};
  }

  std::string columns_of(const graph::Join::Part& part) {
    const std::string& value = values_[part.from][0];
    if (part.columns == exported_.values[part.from].numbers) return value;
    const Shape begin{part.from_column}, end{part.from_column + part.columns}, axis{1};
    return graph_.node("Slice", {value, graph_.integers(begin), graph_.integers(end), graph_.integers(axis)});
  }

  std::string scaled(const std::string& value, float scale) {
    return scale == 1 ? value : graph_.node("Mul", {value, graph_.scalar(scale)});
  }

  void add(const graph::Duel& duel, const std::vector<Module>&) {
    const std::string value = graph_.reshape(values_[duel.value][0], Shape{-1, 1, duel.width});
    std::vector<std::string> of_axes;
    int64_t first = 0;
    for (const int64_t actions : duel.axes) {
      std::string advantages = values_[duel.advantage][0];
      const Shape begin{first * duel.width}, end{(first + actions) * duel.width}, columns{1};
      if (duel.axes.size() > 1)
        advantages =
            graph_.node("Slice", {advantages, graph_.integers(begin), graph_.integers(end), graph_.integers(columns)});
      of_axes.push_back(duelled(value, advantages, actions, duel.width));
      first += actions;
    }
    values_[duel.to] = {of_axes.size() == 1 ? of_axes[0] : graph_.node("Concat", of_axes, {{"axis", int64_t{1}}})};
  }

  std::string duelled(const std::string& value, const std::string& row, int64_t actions, int64_t width) {
    const std::string advantage = graph_.reshape(row, Shape{-1, actions, width});
    // Value [batch, 1, width] is spread over the actions by ONNX's broadcasting, and so is the mean (Wang et al. 2016,
    // eq. 9).
    const std::string mean = graph_.node("ReduceMean", {advantage}, {{"axes", Shape{1}}, {"keepdims", int64_t{1}}});
    const std::string sum = graph_.node("Add", {value, graph_.node("Sub", {advantage, mean})});
    return graph_.reshape(sum, Shape{-1, actions * width});
  }

  // A row for each fraction, and not for each of every observation.
  void add(const graph::Constant& constant, const std::vector<Module>&) {
    const Shape shape{fraction_count(), exported_.values[constant.to].numbers};
    values_[constant.to] = {graph_.floats(shape, constant.numbers)};
  }

  void add(const graph::Multiply& node, const std::vector<Module>&) {
    const int64_t columns = exported_.values[node.to].numbers;
    // [batch, 1, columns] * [fractions, columns] = [batch, fractions, columns], then a row for each fraction of each
    // observation.
    const std::string features = graph_.reshape(values_[node.factor][0], Shape{-1, 1, columns});
    const std::string product = graph_.node("Mul", {features, values_[node.rows][0]});
    values_[node.to] = {graph_.reshape(product, Shape{-1, columns})};
  }

  // Values of illegal actions are below all others, so that whoever takes the largest takes a legal one.
  void only_legal() {
    constexpr float kBelowAll = -std::numeric_limits<float>::infinity();
    graph_.input("action_mask", OnnxType::kBool, Shape{agent_.learnt().values()});
    graph_.node("Where", {"action_mask", "all_q_values", graph_.scalar(kBelowAll)}, {}, "q_values");
  }

  // From the network's output to the values that the greedy policy compares (see ActionValues), which are named `name`.
  void expectation(const std::string& output, const std::string& name) {
    const ValueConfig& config = agent_.config().agent.value;
    const int64_t actions = agent_.learnt().values(), width = network_.output_size() / actions;
    // The last node takes the name of the output.
    const auto mean = [&](const std::string& value, int64_t axis) {
      graph_.node("ReduceMean", {value}, {{"axes", Shape{axis}}, {"keepdims", int64_t{0}}}, name);
    };
    switch (config.representation) {
      case Representation::kScalar:
        graph_.node("Identity", {output}, {}, name);
        return;
      case Representation::kCategorical: {
        const std::vector<float> atoms = categorical_atoms(config);
        const std::string logits = graph_.reshape(output, Shape{-1, actions, width});
        const std::string probabilities = graph_.node("Softmax", {logits}, {{"axis", int64_t{-1}}});
        graph_.node("MatMul", {probabilities, graph_.floats(Shape{width}, atoms)}, {}, name);
        return;
      }
      case Representation::kQuantile:
        return mean(graph_.reshape(output, Shape{-1, actions, width}), 2);
      case Representation::kImplicit:
        return mean(graph_.reshape(output, Shape{-1, fraction_count(), actions}), 1);
    }
  }

  std::string constant(const Module& module, size_t tensor) {
    const ModuleTensor& t = module.tensors[tensor];
    return graph_.floats(t.shape, t.values(), module.name + "." + t.name);
  }

  // Where the kernel goes. Without padding ONNX's default is meant.
  static std::vector<OnnxGraph::Attribute> window(int64_t kernel, int64_t stride, int64_t padding) {
    std::vector<OnnxGraph::Attribute> attributes{{"kernel_shape", Shape{kernel, kernel}},
                                                 {"strides", Shape{stride, stride}}};
    if (padding > 0) attributes.emplace_back("pads", Shape{padding, padding, padding, padding});
    return attributes;
  }

  // As a row, where that is how it is read.
  void write_image(size_t value, const std::string& image) {
    values_[value] = {is_read_by_rows(value) ? graph_.node("Flatten", {image}) : image};
  }

  int64_t fraction_count() const { return static_cast<int64_t>(exported_.fractions.size()); }

  // Whether something takes the image as a row.
  bool is_read_by_rows(size_t value) const {
    return std::any_of(exported_.nodes.begin(), exported_.nodes.end(), [&](const graph::Node& node) {
      const auto* const linear = std::get_if<graph::Linear>(&node);
      const auto* const multiply = std::get_if<graph::Multiply>(&node);
      const auto* const join = std::get_if<graph::Join>(&node);
      const auto* const cell = std::get_if<graph::Recurrent>(&node);
      return (cell && cell->from == value) || (linear && linear->from == value) ||
             (multiply && multiply->factor == value) ||
             (join && std::ranges::any_of(join->parts, [&](const auto& part) { return part.from == value; }));
    });
  }

  const Policy& agent_;
  const Network& network_;
  ExportGraph exported_;
  std::vector<std::vector<Module>> modules_;      // of each node
  std::vector<std::vector<std::string>> values_;  // names of each: one, or one for each of two streams
  std::map<int64_t, std::string> parts_;          // of an observation of several leaves, by their first column
  OnnxGraph graph_;
};

}  // namespace

std::string to_onnx(const Policy& agent) { return OnnxWriter(agent).write(); }

}  // namespace deepq
