#include "deepq/core/safetensors.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>

#include "deepq/core/aligned_buffer.h"
#include "deepq/core/error.h"
#include "deepq/core/random.h"

namespace deepq {
namespace {

using Bytes = std::vector<std::byte>;

Bytes bytes_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

Bytes from_hex(std::string_view hex) {
  Bytes bytes;
  for (size_t i = 0; i < hex.size(); i += 2)
    bytes.push_back(static_cast<std::byte>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  return bytes;
}

Bytes file_of(std::string_view header, size_t data_bytes) {
  const uint64_t length = header.size();
  Bytes file(8);
  std::memcpy(file.data(), &length, 8);
  const Bytes text = bytes_of(header);
  file.insert(file.end(), text.begin(), text.end());
  file.resize(file.size() + data_bytes);
  return file;
}

std::string error_of(std::span<const std::byte> file) {
  try {
    parse_safetensors(file);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

// The error for a file with this header and so many bytes of data.
std::string refusal(std::string_view header, size_t data_bytes = 8) { return error_of(file_of(header, data_bytes)); }

const Bytes kGolden = from_hex(
    "38000000000000007b2277223a7b226474797065223a22463332222c227368617065223a5b325d2c22646174615f6f666673657473223a5b30"
    "2c38"
    "5d7d7d20200000803f000000c0");

// Several dtypes, an empty tensor, a scalar and metadata.
Bytes rich_file() {
  const std::array<double, 3> doubles{1, 2, 3};
  const std::array<float, 4> floats{1, 2, 3, 4};
  const std::array<uint8_t, 3> bytes{7, 8, 9};
  const TensorMap tensors{{"bytes", {Dtype::kU8, {3}, std::as_bytes(std::span(bytes))}},
                          {"doubles", {Dtype::kF64, {3, 1}, std::as_bytes(std::span(doubles))}},
                          {"empty", {Dtype::kF32, {0, 5}, {}}},
                          {"matrix", {Dtype::kF32, {2, 2}, std::as_bytes(std::span(floats))}},
                          {"scalar", {Dtype::kU8, {}, std::as_bytes(std::span(bytes).first(1))}}};
  Bytes file = bytes_of(safetensors_header(tensors, {{"kind", "test"}, {"note", "a \"quoted\" line\n"}}));
  for (const auto* named : safetensors_order(tensors))
    file.insert(file.end(), named->second.bytes.begin(), named->second.bytes.end());
  return file;
}

TEST(Safetensors, ReadsTheGoldenFile) {
  const Safetensors contents = parse_safetensors(kGolden);
  ASSERT_EQ(contents.tensors.size(), 1u);
  const TensorView& w = contents.tensors.at("w");
  EXPECT_EQ(w.dtype, Dtype::kF32);
  EXPECT_EQ(w.shape, std::vector<int64_t>{2});
  std::array<float, 2> values{};
  ASSERT_EQ(w.bytes.size(), sizeof(values));
  std::memcpy(values.data(), w.bytes.data(), sizeof(values));
  EXPECT_EQ(values, (std::array<float, 2>{1, -2}));
  EXPECT_EQ(contents.header_bytes, kGolden.size() - 8);
  EXPECT_TRUE(contents.metadata.empty());
}

TEST(Safetensors, WritesTheGoldenHeader) {
  const TensorMap tensors{{"w", {Dtype::kF32, {2}, std::span(kGolden).last(8)}}};
  const Bytes header = bytes_of(safetensors_header(tensors, {}));
  EXPECT_TRUE(std::ranges::equal(header, std::span(kGolden).first(kGolden.size() - 8)));
}

TEST(Safetensors, WhatIsWrittenIsRead) {
  const Bytes file = rich_file();
  const Safetensors contents = parse_safetensors(file);
  EXPECT_EQ(contents.header_bytes % 8, 0u);
  EXPECT_EQ(contents.metadata, (Metadata{{"kind", "test"}, {"note", "a \"quoted\" line\n"}}));
  ASSERT_EQ(contents.tensors.size(), 5u);
  EXPECT_EQ(contents.tensors.at("doubles").shape, (std::vector<int64_t>{3, 1}));
  EXPECT_EQ(contents.tensors.at("empty").shape, (std::vector<int64_t>{0, 5}));
  EXPECT_TRUE(contents.tensors.at("scalar").shape.empty());
  const std::array<float, 4> floats{1, 2, 3, 4};
  const std::array<uint8_t, 3> bytes{7, 8, 9};
  EXPECT_TRUE(std::ranges::equal(contents.tensors.at("matrix").bytes, std::as_bytes(std::span(floats))));
  EXPECT_TRUE(std::ranges::equal(contents.tensors.at("bytes").bytes, std::as_bytes(std::span(bytes))));
}

TEST(Safetensors, LargerTypesComeFirstThenNames) {
  const auto view = [](Dtype dtype) { return TensorView{dtype, {0}, {}}; };
  const TensorMap tensors{{"a", view(Dtype::kU8)},  {"b", view(Dtype::kF32)}, {"c", view(Dtype::kI64)},
                          {"d", view(Dtype::kF32)}, {"e", view(Dtype::kF64)}, {"f", view(Dtype::kBool)}};
  std::string order;
  for (const auto* named : safetensors_order(tensors)) order += named->first;
  EXPECT_EQ(order, "cebdaf");
}

TEST(Safetensors, DtypesHaveTheFormatsNamesAndSizes) {
  EXPECT_EQ(dtype_name(Dtype::kBool), "BOOL");
  EXPECT_EQ(dtype_size(Dtype::kBool), 1u);
  EXPECT_EQ(dtype_name(Dtype::kF64), "F64");
  EXPECT_EQ(dtype_size(Dtype::kF64), 8u);
  EXPECT_EQ(dtype_name(Dtype::kU32), "U32");
  EXPECT_EQ(dtype_size(Dtype::kU32), 4u);
}

TEST(Safetensors, NothingAtAllIsAFileToo) {
  const Bytes file = bytes_of(safetensors_header({}, {}));
  EXPECT_TRUE(parse_safetensors(file).tensors.empty());
  EXPECT_EQ(file.size(), 16u);
  EXPECT_EQ(refusal(R"({"e":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}})", 0), "no error");
}

TEST(Safetensors, CutOffAnywhereIsAnError) {
  for (const Bytes& file : {kGolden, rich_file()})
    for (size_t length = 0; length < file.size(); ++length)
      ASSERT_NE(error_of(std::span(file).first(length)), "no error") << length;
}

TEST(Safetensors, BadLengthsAreRefused) {
  EXPECT_EQ(error_of({}), "safetensors: the file is shorter than its length field");
  const std::string too_long = "safetensors: the header is longer than the file, or than the format allows";
  EXPECT_EQ(error_of(from_hex("ffffffffffffffff7b7d")), too_long);
  EXPECT_EQ(error_of(from_hex("f8ffffffffffffff7b7d")), too_long);
  EXPECT_EQ(error_of(from_hex("03000000000000007b7d")), too_long);
  EXPECT_EQ(error_of(from_hex("0000000000000000")), "safetensors: the header does not begin with '{'");
  // Whole, but with one byte more of header than is allowed; the pages are never touched.
  AlignedBuffer<std::byte> large(100'000'016);
  const uint64_t length = 100'000'001;
  std::memcpy(large.data(), &length, 8);
  large[8] = std::byte{'{'};
  EXPECT_EQ(error_of(large.span()), too_long);
}

TEST(Safetensors, BadJsonIsRefused) {
  EXPECT_EQ(refusal(R"( {})", 0), "safetensors: the header does not begin with '{'");
  EXPECT_EQ(refusal(R"([])", 0), "safetensors: the header does not begin with '{'");
  const std::string invalid = "safetensors: the header is not valid JSON";
  EXPECT_EQ(refusal(R"({)", 0), invalid);
  EXPECT_EQ(refusal(R"({} {})", 0), invalid);
  EXPECT_EQ(refusal(R"({"a":})", 0), invalid);
  EXPECT_EQ(refusal("{\"\xff\":1}", 0), invalid) << "not UTF-8";
  EXPECT_EQ(refusal(std::string_view("{}\0", 3), 0), invalid);
  EXPECT_EQ(refusal("{\"a\":" + std::string(200'000, '['), 0), invalid) << "deep nesting must not use up the stack";
  EXPECT_EQ(refusal("{}   ", 0), "no error") << "padding is allowed";
}

TEST(Safetensors, BadTensorsAreRefused) {
  const std::string start = "safetensors: tensor 'w' ";
  const std::string undescribed = start + "is not described as the format demands";
  EXPECT_EQ(refusal(R"({"w":{"dtype":"F33","shape":[2],"data_offsets":[0,8]}})"),
            start + "has the unknown dtype 'F33'");
  EXPECT_EQ(refusal(R"({"w":{"dtype":7,"shape":[2],"data_offsets":[0,8]}})"), undescribed);
  EXPECT_EQ(refusal(R"({"w":{"shape":[2],"data_offsets":[0,8]}})"), undescribed);
  EXPECT_EQ(refusal(R"({"w":{"dtype":"F32","data_offsets":[0,8]}})"), undescribed);
  EXPECT_EQ(refusal(R"({"w":{"dtype":"F32","shape":[2]}})"), undescribed);
  EXPECT_EQ(refusal(R"({"w":5})"), undescribed);
  EXPECT_EQ(refusal(R"({"w":[]})"), undescribed);
  EXPECT_EQ(refusal(R"({"w":{"dtype":"F32","shape":[2],"data_offsets":{"0":0,"1":8}}})"), undescribed);
}

TEST(Safetensors, BadShapesAreRefused) {
  const std::string impossible = "safetensors: tensor 'w' has an impossible shape";
  const std::string no_list = "safetensors: the shape of tensor 'w' is not a list";
  const std::string misfit = "safetensors: the shape of tensor 'w' does not fit its data_offsets";
  EXPECT_EQ(refusal(R"({"w":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})"), impossible);
  EXPECT_EQ(refusal(R"({"w":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}})"), impossible);
  EXPECT_EQ(refusal(R"({"w":{"dtype":"F32","shape":["2"],"data_offsets":[0,8]}})"), impossible);
  EXPECT_EQ(refusal(R"({"w":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8]}})"), impossible);
  // 2^62 + 2 floats, or 2^32 times 2^32 + ..., are 8 bytes when the product wraps around.
  EXPECT_EQ(refusal(R"({"w":{"dtype":"F32","shape":[4611686018427387906],"data_offsets":[0,8]}})"), impossible);
  EXPECT_EQ(refusal(R"({"w":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}})", 0), impossible);
  EXPECT_EQ(refusal(R"({"w":{"dtype":"U8","shape":[0,9223372036854775808],"data_offsets":[0,0]}})", 0), impossible);
  EXPECT_EQ(refusal(R"({"w":{"dtype":"F32","shape":2,"data_offsets":[0,8]}})"), no_list);
  EXPECT_EQ(refusal(R"({"w":{"dtype":"F32","shape":{"a":2},"data_offsets":[0,8]}})"), no_list);
  EXPECT_EQ(refusal(R"({"w":{"dtype":"F32","shape":null,"data_offsets":[0,4]}})", 4), no_list);
  EXPECT_EQ(refusal(R"({"w":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})"), misfit);
  EXPECT_EQ(refusal(R"({"w":{"dtype":"F64","shape":[2],"data_offsets":[0,8]}})"), misfit);
}

TEST(Safetensors, BadOffsetsAreRefused) {
  const std::string no_offsets = "safetensors: tensor 'w' has no valid data_offsets";
  EXPECT_EQ(refusal(R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[0]}})"), no_offsets);
  EXPECT_EQ(refusal(R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8,16]}})"), no_offsets);
  EXPECT_EQ(refusal(R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}})"), no_offsets);
  EXPECT_EQ(refusal(R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8.0]}})"), no_offsets);
  EXPECT_EQ(refusal(R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})"),
            "safetensors: the shape of tensor 'w' does not fit its data_offsets");
  EXPECT_EQ(refusal(R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})"),
            "safetensors: tensor 'w' lies beyond the end of the file");
  EXPECT_EQ(refusal(R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[18446744073709551608,18446744073709551615]}})"),
            "safetensors: the shape of tensor 'w' does not fit its data_offsets");
  EXPECT_EQ(refusal(R"({"w":{"dtype":"U8","shape":[0],"data_offsets":[9,9]}})", 8),
            "safetensors: tensor 'w' lies beyond the end of the file");
}

std::string pair(std::string_view a, std::string_view b) {
  return R"({"a":{"dtype":"F32","shape":[2],"data_offsets":)" + std::string(a) +
         R"(},"b":{"dtype":"F32","shape":[2],"data_offsets":)" + std::string(b) + "}}";
}

TEST(Safetensors, HolesOverlapsAndRestsAreRefused) {
  const std::string gaps = "safetensors: there are holes or overlaps between the tensors";
  EXPECT_EQ(refusal(pair("[0,8]", "[8,16]"), 16), "no error");
  EXPECT_EQ(refusal(pair("[8,16]", "[0,8]"), 16), "no error") << "the order of the names is free";
  EXPECT_EQ(refusal(pair("[0,8]", "[4,12]"), 12), gaps);
  EXPECT_EQ(refusal(pair("[0,8]", "[12,20]"), 20), gaps);
  EXPECT_EQ(refusal(pair("[4,12]", "[12,20]"), 20), gaps) << "a hole at the beginning";
  EXPECT_EQ(refusal(pair("[0,8]", "[0,8]"), 8), "safetensors: tensor 'b' overlaps another");
  EXPECT_EQ(refusal(pair("[0,8]", "[8,16]"), 17), "safetensors: there are bytes after the last tensor");
  EXPECT_EQ(refusal("{}", 1), "safetensors: there are bytes after the last tensor");
}

TEST(Safetensors, ANameTwiceIsRefused) {
  const std::string w = R"("w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]})";
  EXPECT_EQ(refusal("{" + w + "," + w + "}"), "safetensors: the name 'w' is there twice");
  EXPECT_EQ(refusal(R"({"w":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}})"),
            "safetensors: the name 'dtype' is there twice");
  EXPECT_EQ(refusal(R"({"\u0077":1,)" + w + "}"), "safetensors: the name 'w' is there twice") << "written another way";
}

TEST(Safetensors, BadMetadataIsRefused) {
  EXPECT_EQ(refusal(R"({"__metadata__":{"a":1}})", 0), "safetensors: metadata 'a' is not a string");
  EXPECT_EQ(refusal(R"({"__metadata__":"text"})", 0), "safetensors: the metadata is not an object");
  EXPECT_EQ(refusal(R"({"__metadata__":["text"]})", 0), "safetensors: the metadata is not an object");
  EXPECT_EQ(refusal(R"({"__metadata__":null})", 0), "safetensors: the metadata is not an object");
  EXPECT_EQ(refusal(R"({"__metadata__":{}})", 0), "no error");
}

// Damages a whole file in up to four places: a byte changed, put in, left out, or a digit for another digit.
Bytes mutate(Bytes file, Random& random) {
  const uint64_t changes = 1 + random.below(4);
  for (uint64_t i = 0; i < changes && !file.empty(); ++i) {
    const auto at = static_cast<std::ptrdiff_t>(random.below(file.size()));
    std::byte& byte = file[static_cast<size_t>(at)];
    switch (random.below(4)) {
      case 0:
        byte = static_cast<std::byte>(random.below(256));
        break;
      case 1:
        file.insert(file.begin() + at, static_cast<std::byte>(random.below(128)));
        break;
      case 2:
        file.erase(file.begin() + at);
        break;
      default:
        if (byte >= std::byte{'0'} && byte <= std::byte{'9'}) byte = static_cast<std::byte>('0' + random.below(10));
    }
  }
  return file;
}

// The size that a tensor's shape promises; the parser has ruled out overflow.
size_t promised_bytes(const TensorView& tensor) {
  size_t bytes = dtype_size(tensor.dtype);
  for (const int64_t dimension : tensor.shape) bytes *= static_cast<size_t>(dimension);
  return bytes;
}

TEST(Safetensors, DamagedFilesGiveAnErrorOrSoundViews) {
  const std::array<Bytes, 2> originals{kGolden, rich_file()};
  Random random(2024);
  int refused = 0, accepted = 0;
  for (int i = 0; i < 20'000; ++i) {
    const Bytes file = mutate(originals[static_cast<size_t>(i % 2)], random);
    try {
      const Safetensors contents = parse_safetensors(file);
      ++accepted;
      for (const auto& [name, tensor] : contents.tensors) {
        ASSERT_EQ(tensor.bytes.size(), promised_bytes(tensor)) << name;
        ASSERT_GE(tensor.bytes.data(), file.data() + contents.header_bytes) << name;
        ASSERT_LE(tensor.bytes.data() + tensor.bytes.size(), file.data() + file.size()) << name;
      }
    } catch (const Error&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 10'000) << "the mutations do little";
  EXPECT_GT(accepted, 500) << "no mutation leaves a sound file";
}

}  // namespace
}  // namespace deepq
