#include "deepq/export/onnx_graph.h"

#include "deepq/core/protobuf.h"
#include "deepq/core/version.h"

namespace deepq {
namespace {

using protobuf::put_float;
using protobuf::put_int;
using protobuf::put_text;

// The numbers of the fields in onnx.proto3.
namespace model_proto {
constexpr uint32_t kIrVersion = 1, kProducerName = 2, kProducerVersion = 3, kGraph = 7, kOpset = 8, kMetadata = 14;
constexpr uint32_t kOpsetVersion = 2, kKey = 1, kValue = 2;
}  // namespace model_proto
namespace graph_proto {
constexpr uint32_t kNode = 1, kName = 2, kInitializer = 5, kInput = 11, kOutput = 12;
}
namespace node_proto {
constexpr uint32_t kInput = 1, kOutput = 2, kName = 3, kOpType = 4, kAttribute = 5;
}
namespace attribute_proto {
constexpr uint32_t kName = 1, kFloat = 2, kInt = 3, kInts = 8, kType = 20;
constexpr int64_t kTypeFloat = 1, kTypeInt = 2, kTypeInts = 7;  // of AttributeProto.AttributeType
}  // namespace attribute_proto
namespace tensor_proto {
constexpr uint32_t kDims = 1, kDataType = 2, kName = 8, kRawData = 9;
}
namespace value_proto {
constexpr uint32_t kName = 1, kType = 2;
constexpr uint32_t kTensorType = 1, kElemType = 1, kShape = 2, kDim = 1, kDimValue = 1, kDimParam = 2;
}  // namespace value_proto

constexpr int64_t kIrVersion = 8, kOpsetVersion = 17;

template <class T>
std::string_view bytes_of(std::span<const T> values) {
  return {reinterpret_cast<const char*>(values.data()), values.size_bytes()};
}

std::string attribute_message(const OnnxGraph::Attribute& attribute) {
  namespace field = attribute_proto;
  std::string out;
  put_text(out, field::kName, attribute.first);
  // A value and its type: since IR version 2 a reader needs both (onnx.proto3, AttributeProto).
  if (const auto* const integer = std::get_if<int64_t>(&attribute.second)) {
    put_int(out, field::kInt, *integer);
    put_int(out, field::kType, field::kTypeInt);
  } else if (const auto* const number = std::get_if<float>(&attribute.second)) {
    put_float(out, field::kFloat, *number);
    put_int(out, field::kType, field::kTypeFloat);
  } else {
    for (const int64_t each : std::get<std::vector<int64_t>>(attribute.second)) put_int(out, field::kInts, each);
    put_int(out, field::kType, field::kTypeInts);
  }
  return out;
}

std::string value_message(std::string_view name, OnnxType type, std::span<const int64_t> shape) {
  namespace field = value_proto;
  std::string batch, dimensions, tensor, type_message, out;
  // The first dimension has a name instead of a size: any number of observations at once.
  put_text(batch, field::kDimParam, "batch");
  put_text(dimensions, field::kDim, batch);
  for (const int64_t size : shape) {
    std::string dimension;
    put_int(dimension, field::kDimValue, size);
    put_text(dimensions, field::kDim, dimension);
  }
  put_int(tensor, field::kElemType, static_cast<int64_t>(type));
  put_text(tensor, field::kShape, dimensions);
  put_text(type_message, field::kTensorType, tensor);
  put_text(out, field::kName, name);
  put_text(out, field::kType, type_message);
  return out;
}

}  // namespace

void OnnxGraph::input(std::string_view name, OnnxType type, std::span<const int64_t> shape) {
  put_text(inputs_, graph_proto::kInput, value_message(name, type, shape));
}

void OnnxGraph::output(std::string_view name, OnnxType type, std::span<const int64_t> shape) {
  put_text(outputs_, graph_proto::kOutput, value_message(name, type, shape));
}

std::string OnnxGraph::floats(std::span<const int64_t> shape, std::span<const float> values, std::string name) {
  return add_tensor(OnnxType::kFloat, shape, bytes_of(values), std::move(name));
}

std::string OnnxGraph::integers(std::span<const int64_t> values) {
  const auto size = static_cast<int64_t>(values.size());
  return add_tensor(OnnxType::kInt64, {&size, 1}, bytes_of(values), {});
}

std::string OnnxGraph::integer(int64_t value) {
  return add_tensor(OnnxType::kInt64, {}, bytes_of(std::span<const int64_t>(&value, 1)), {});
}

std::string OnnxGraph::add_tensor(OnnxType type, std::span<const int64_t> shape, std::string_view bytes,
                                  std::string name) {
  namespace field = tensor_proto;
  if (name.empty()) name = numbered("constant");
  std::string tensor;
  // No dimension at all is a scalar.
  for (const int64_t size : shape) put_int(tensor, field::kDims, size);
  put_int(tensor, field::kDataType, static_cast<int64_t>(type));
  put_text(tensor, field::kName, name);
  // raw_data is little-endian by onnx.proto3; core/protobuf.cc asserts that this machine is.
  put_text(tensor, field::kRawData, bytes);
  put_text(initializers_, graph_proto::kInitializer, tensor);
  return name;
}

std::string OnnxGraph::node(std::string_view op, const std::vector<std::string>& inputs,
                            const std::vector<Attribute>& attributes, std::string name) {
  namespace field = node_proto;
  if (name.empty()) name = numbered(op);
  std::string message;
  for (const std::string& input : inputs) put_text(message, field::kInput, input);
  // Every operator here has one output; it carries the name of its node.
  put_text(message, field::kOutput, name);
  put_text(message, field::kName, name);
  put_text(message, field::kOpType, op);
  for (const Attribute& attribute : attributes) put_text(message, field::kAttribute, attribute_message(attribute));
  put_text(nodes_, graph_proto::kNode, message);
  return name;
}

std::string OnnxGraph::reshape(const std::string& value, std::span<const int64_t> shape) {
  return node("Reshape", {value, integers(shape)});
}

std::string OnnxGraph::numbered(std::string_view name) {
  auto count = counts_.find(name);
  if (count == counts_.end()) count = counts_.emplace(name, 0).first;
  return count->first + "_" + std::to_string(count->second++);
}

std::string OnnxGraph::model(std::string_view name, const std::map<std::string, std::string>& metadata) const {
  namespace field = model_proto;
  std::string title, opset, out;
  put_text(title, graph_proto::kName, name);
  put_int(opset, field::kOpsetVersion, kOpsetVersion);
  put_int(out, field::kIrVersion, kIrVersion);
  put_text(out, field::kProducerName, "deepq");
  put_text(out, field::kProducerVersion, version());
  // Fields of a protobuf message may come in any order; the nodes of a graph must be in the order of their use.
  put_text(out, field::kGraph, nodes_ + title + initializers_ + inputs_ + outputs_);
  put_text(out, field::kOpset, opset);
  for (const auto& [key, value] : metadata) {
    std::string entry;
    put_text(entry, field::kKey, key);
    put_text(entry, field::kValue, value);
    put_text(out, field::kMetadata, entry);
  }
  return out;
}

}  // namespace deepq
