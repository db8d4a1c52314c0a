#include "deepq/core/protobuf.h"

#include <gtest/gtest.h>

#include "tests/test_support.h"

namespace deepq::protobuf {
namespace {

using test::hex;

template <class Put>
std::string put(const Put& field) {
  std::string out;
  field(out);
  return hex(out);
}

// The examples of protobuf.dev's page on the encoding, and the ends of the ranges.
TEST(Protobuf, Fields) {
  EXPECT_EQ(put([](std::string& out) { put_int(out, 1, 150); }), "089601");
  EXPECT_EQ(put([](std::string& out) { put_int(out, 15, 127); }), "787f");
  EXPECT_EQ(put([](std::string& out) { put_int(out, 16, 0); }), "800100");
  EXPECT_EQ(put([](std::string& out) { put_int(out, 1, -2); }), "08feffffffffffffffff01");
  EXPECT_EQ(put([](std::string& out) { put_text(out, 2, "testing"); }), "120774657374696e67");
  EXPECT_EQ(put([](std::string& out) { put_text(out, 2, {}); }), "1200");
  EXPECT_EQ(put([](std::string& out) { put_float(out, 2, 1); }), "150000803f");
  EXPECT_EQ(put([](std::string& out) { put_double(out, 1, 1.5); }), "09000000000000f83f");
}

TEST(Protobuf, SizesKnownBeforehand) {
  for (const size_t size : {0, 1, 127, 128, 300, 16'383, 16'384, 3'000'000}) {
    std::string out;
    put_text(out, 15, std::string(size, 'x'));
    EXPECT_EQ(text_field_size(size), out.size()) << size;
  }
}

}  // namespace
}  // namespace deepq::protobuf
