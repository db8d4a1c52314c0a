#include "deepq/core/json_text.h"

#include <gtest/gtest.h>

#include "deepq/core/error.h"
#include "deepq/core/random.h"

namespace deepq {
namespace {

bool is_json(std::string_view text) {
  try {
    parse_json(text);
    return true;
  } catch (const Error&) {
    return false;
  }
}

std::string in_quotes(std::string_view text) {
  std::string json;
  append_json(json, text);
  return json;
}

TEST(JsonText, ValuesOfEveryKind) {
  const Json json =
      parse_json(" { \"a\" : [1, 2] ,\"b\":{\"c\":\"d\"},\"e\":null,\"f\":true,\"g\":false,\"h\":{},\"i\":[]}\t\r\n");
  ASSERT_EQ(json.members.size(), 7u);
  EXPECT_EQ(json.find("a")->items.at(1).whole, 2u);
  EXPECT_EQ(json.find("b")->find("c")->text, "d");
  EXPECT_EQ(json.find("e")->kind, Json::Kind::kNull);
  EXPECT_EQ(json.find("f")->kind, Json::Kind::kBool);
  EXPECT_EQ(json.find("g")->kind, Json::Kind::kBool);
  EXPECT_EQ(json.find("h")->kind, Json::Kind::kObject);
  EXPECT_EQ(json.find("i")->kind, Json::Kind::kList);
  EXPECT_EQ(json.find("j"), nullptr);
}

TEST(JsonText, WholeNumbersAreThoseOfDigitsAlone) {
  EXPECT_EQ(parse_json("18446744073709551615").whole, 18446744073709551615u);
  EXPECT_EQ(parse_json("0").whole, 0u);
  for (const char* other : {"18446744073709551616", "-1", "-0", "1.0", "1e2", "1E+2", "0.5e-3"}) {
    EXPECT_EQ(parse_json(other).kind, Json::Kind::kNumber) << other;
    EXPECT_FALSE(parse_json(other).whole) << other;
  }
}

TEST(JsonText, WhatIsNoJsonIsRefused) {
  for (const char* text : {"",
                           "-",
                           "01",
                           "1.",
                           ".5",
                           "1e",
                           "+1",
                           "nul",
                           "True",
                           "'a'",
                           "\"a",
                           "[1,]",
                           "[1 2]",
                           "[",
                           "{\"a\"}",
                           "{\"a\":1,}",
                           "{a:1}",
                           "{1:1}",
                           "{\"a\":1 \"b\":2}",
                           "1 2",
                           "\"a\nb\"",
                           "\"\\x41\"",
                           "\"\\u12g4\"",
                           "\"\\u-123\"",
                           "\"\\u123",
                           "NaN",
                           "[1],",
                           "/**/1"})
    EXPECT_FALSE(is_json(text)) << text;
  EXPECT_FALSE(is_json(std::string_view("\"\0\"", 3)));
  EXPECT_FALSE(is_json(std::string_view("1\0", 2)));
}

TEST(JsonText, DeepAndLongValuesAreRefusedAndTakeNoStack) {
  EXPECT_TRUE(is_json(std::string(15, '[') + std::string(15, ']')));
  EXPECT_FALSE(is_json(std::string(200'000, '[') + std::string(200'000, ']')));
  std::string list = "[0";
  for (int i = 1; i < 64; ++i) list += ",0";
  EXPECT_TRUE(is_json(list + "]"));
  EXPECT_FALSE(is_json(list + ",0]"));
}

TEST(JsonText, NamesAreThereOnce) {
  EXPECT_FALSE(is_json(R"({"a":1,"\u0061":2})"));
  EXPECT_TRUE(is_json(R"({"a":1,"b":{"a":2}})"));
}

// "é", "€", "😀" as they are and as escapes; halves of pairs, bytes that are no characters.
TEST(JsonText, TextIsUtf8) {
  EXPECT_EQ(parse_json("\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"").text, "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
  EXPECT_EQ(parse_json(R"("\u00e9\u20AC\ud83d\ude00\u007f\u0800\uffff")").text,
            "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\x7f\xe0\xa0\x80\xef\xbf\xbf");
  EXPECT_EQ(parse_json(R"("\"\\\/\b\f\n\r\t\u0000")").text, std::string("\"\\/\b\f\n\r\t\0", 9));
  for (const char* text : {R"("\ud83d")", R"("\ud83dx")", R"("\ud83d\u0041")", R"("\ude00")", "\"\x80\"", "\"\xc3\"",
                           "\"\xc0\x80\"", "\"\xe0\x9f\x80\"", "\"\xed\xa0\x80\"", "\"\xf0\x8f\xbf\xbf\"",
                           "\"\xf4\x90\x80\x80\"", "\"\xf5\x80\x80\x80\"", "\"\xe2\x82\"", "\"\xff\""})
    EXPECT_FALSE(is_json(text)) << text;
}

TEST(JsonText, WhatIsWrittenIsReadAndIsAsShortAsMayBe) {
  EXPECT_EQ(in_quotes("a \"b\" \\ / \b\f\n\r\t\x1f\x7f"), R"("a \"b\" \\ / \b\f\n\r\t\u001f)"
                                                          "\x7f\"");
  EXPECT_THROW(in_quotes("\xff"), Error);
  Random random(7);
  for (int i = 0; i < 1000; ++i) {
    std::string text;
    for (uint64_t n = random.below(20); n > 0; --n) text += static_cast<char>(random.below(128));
    ASSERT_EQ(parse_json(in_quotes(text)).text, text);
  }
}

}  // namespace
}  // namespace deepq
