#include "deepq/core/sha256.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace deepq {
namespace {

std::string hash(std::string_view text) { return sha256_hex(std::as_bytes(std::span(text))); }

// NIST, "Examples with Intermediate Values", SHA-256, and FIPS 180-2, appendix B.
TEST(Sha256, PublishedVectors) {
  EXPECT_EQ(sha256_hex({}), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hash("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hash("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(hash("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopq"
                 "rstnopqrstu"),
            "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
  EXPECT_EQ(hash(std::string(1'000'000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

// The hashes of messages of 0 to 300 bytes, written behind one another and hashed, as Python's hashlib gives it: every
// way in which a message can end within a block.
TEST(Sha256, EveryLength) {
  std::vector<std::byte> message(300);
  for (size_t i = 0; i < message.size(); ++i) message[i] = static_cast<std::byte>(i * 151 + 7);
  std::string hashes;
  for (size_t length = 0; length <= message.size(); ++length) hashes += sha256_hex(std::span(message).first(length));
  EXPECT_EQ(hash(hashes), "c90c3363ff8ac13ec2de72efb3f7a07b877f9077121bfec26f717d7ba8e53d10");
}

}  // namespace
}  // namespace deepq
