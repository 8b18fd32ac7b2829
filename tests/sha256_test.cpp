#include "initsweep/sha256.hpp"

#include <gtest/gtest.h>

#include <string>

namespace initsweep {
namespace {

struct Vector {
  const char* name;
  std::string text;
  const char* expected;
};

class Sha256Vector : public testing::TestWithParam<Vector> {};

// The examples NIST gives for FIPS 180-4 (one block, two blocks, a million bytes) and the empty text; sha256sum agrees.
TEST_P(Sha256Vector, IsTheStandards) { EXPECT_EQ(sha256_hex(GetParam().text), GetParam().expected); }

INSTANTIATE_TEST_SUITE_P(
    Fips180, Sha256Vector,
    testing::Values(Vector{"empty", "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
                    Vector{"abc", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
                    Vector{"bits448", "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                           "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
                    Vector{"million_a", std::string(1000000, 'a'),
                           "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"}),
    [](const auto& test) { return test.param.name; });

TEST(Sha256, PiecesHashLikeTheWhole) {
  Sha256 hash;
  for (const char letter : std::string("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))
    hash.update(std::string_view(&letter, 1));
  EXPECT_EQ(hash.hex(), "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(Sha256, StartsAfreshAfterHex) {
  Sha256 hash;
  hash.update("something else");
  EXPECT_NE(hash.hex(), sha256_hex("abc"));
  hash.update("abc");
  EXPECT_EQ(hash.hex(), sha256_hex("abc"));
}

}  // namespace
}  // namespace initsweep
