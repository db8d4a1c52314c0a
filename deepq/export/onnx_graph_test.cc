#include "deepq/export/onnx_graph.h"

#include <gtest/gtest.h>

#include "deepq/core/version.h"

namespace deepq {
namespace {

using Shape = std::vector<int64_t>;

// A length-delimited field; the tests' messages are all shorter than 128 bytes.
std::string field(char number, const std::string& content) {
  EXPECT_LT(content.size(), 128u);
  return std::string{static_cast<char>(number << 3 | 2), static_cast<char>(content.size())} + content;
}

TEST(OnnxGraph, ModelWithoutNodes) {
  OnnxGraph graph;
  graph.input("x", OnnxType::kUint8, Shape{3});
  graph.output("x", OnnxType::kUint8, Shape{3});
  const std::string dimensions = field(1, field(2, "batch")) + field(1, "\x08\x03");
  const std::string value = field(1, "x") + field(2, field(1, "\x08\x02" + field(2, dimensions)));
  EXPECT_EQ(graph.model("g", {{"key", "word"}}), "\x08\x08" + field(2, "deepq") + field(3, std::string(version())) +
                                                     field(7, field(2, "g") + field(11, value) + field(12, value)) +
                                                     field(8, "\x10\x11") +
                                                     field(14, field(1, "key") + field(2, "word")));
}

TEST(OnnxGraph, NodeWithAttributes) {
  OnnxGraph graph;
  EXPECT_EQ(graph.node("Op", {"a", "b"}, {{"i", int64_t{-1}}, {"f", 1.0f}, {"s", Shape{2, 3}}}), "Op_0");
  EXPECT_EQ(graph.node("Op", {}, {}, "named"), "named");
  EXPECT_EQ(graph.node("Op", {}), "Op_1");
  const std::string minus_one = "\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01";  // ten bytes
  const std::string type_int{"\xa0\x01\x02"}, type_float{"\xa0\x01\x01"}, type_ints{"\xa0\x01\x07"};
  const std::string one("\x15\x00\x00\x80\x3f", 5);
  const std::string node = field(1, "a") + field(1, "b") + field(2, "Op_0") + field(3, "Op_0") + field(4, "Op") +
                           field(5, field(1, "i") + minus_one + type_int) + field(5, field(1, "f") + one + type_float) +
                           field(5, field(1, "s") + "\x40\x02\x40\x03" + type_ints);
  EXPECT_NE(graph.model("g", {}).find(field(1, node)), std::string::npos);
}

TEST(OnnxGraph, Constants) {
  OnnxGraph graph;
  EXPECT_EQ(graph.floats(Shape{1, 2}, std::vector<float>{1, -2}, "w"), "w");
  EXPECT_EQ(graph.integer(5), "constant_0");
  const std::string raw("\x00\x00\x80\x3f\x00\x00\x00\xc0", 8), five("\x05\x00\x00\x00\x00\x00\x00\x00", 8);
  const std::string model = graph.model("g", {});
  EXPECT_NE(model.find(field(5, "\x08\x01\x08\x02\x10\x01" + field(8, "w") + field(9, raw))), std::string::npos);
  EXPECT_NE(model.find(field(5, "\x10\x07" + field(8, "constant_0") + field(9, five))), std::string::npos)
      << "a number has no dimensions";
}

}  // namespace
}  // namespace deepq
