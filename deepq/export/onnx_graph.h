// An ONNX model, put together node by node: opset 17, IR version 8 (onnx.proto3 of ONNX 1.12), with all numbers inside
// the file. Every value has a name, by which the nodes after it take it.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace deepq {

enum class OnnxType : int64_t {
  kFloat = 1,
  kUint8 = 2,
  kInt8 = 3,
  kUint16 = 4,
  kInt16 = 5,
  kInt32 = 6,
  kInt64 = 7,
  kBool = 9,
  kFloat16 = 10,
  kDouble = 11,
  kUint32 = 12,
  kUint64 = 13
};

class OnnxGraph {
 public:
  using Attribute = std::pair<std::string_view, std::variant<int64_t, float, std::vector<int64_t>>>;

  // The model's inputs and outputs: [batch, shape...].
  void input(std::string_view name, OnnxType type, std::span<const int64_t> shape);
  void output(std::string_view name, OnnxType type, std::span<const int64_t> shape);

  // Constants; return their names, which are numbered where `name` is empty.
  std::string floats(std::span<const int64_t> shape, std::span<const float> values, std::string name = {});
  std::string scalar(float value) { return floats({}, {&value, 1}); }
  std::string integers(std::span<const int64_t> values);
  std::string integer(int64_t value);  // without dimensions

  // Adds a node with one output, and returns that output's name.
  std::string node(std::string_view op, const std::vector<std::string>& inputs,
                   const std::vector<Attribute>& attributes = {}, std::string name = {});

  // Any shape in which at most one size is -1: what is left.
  std::string reshape(const std::string& value, std::span<const int64_t> shape);

  // The whole file, with what is said of the model as its metadata.
  std::string model(std::string_view name, const std::map<std::string, std::string>& metadata) const;

 private:
  std::string numbered(std::string_view name);
  std::string add_tensor(OnnxType type, std::span<const int64_t> shape, std::string_view bytes, std::string name);

  std::string nodes_, initializers_, inputs_, outputs_;  // as fields of GraphProto
  std::map<std::string, int64_t, std::less<>> counts_;   // of names, by their beginning
};

}  // namespace deepq
