// SPDX-License-Identifier: Apache-2.0
// Encodings: the RFC's own examples, round trips, and all that must be refused.
#include <ostream>
#include <string>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "server/crypto/bytes.h"
#include "server/crypto/secret.h"

namespace bdata = boost::unit_test::data;
using namespace std::string_literals;

namespace kontor::crypto {
namespace {

struct Rfc4648Case {
  const char* bytes;
  const char* base64;
  const char* base64url;
  const char* hex;
};
std::ostream& operator<<(std::ostream& out, const Rfc4648Case& c) { return out << c.bytes; }

// RFC 4648 section 10; the url form without padding.
const Rfc4648Case kRfc4648[] = {
    {"", "", "", ""},
    {"f", "Zg==", "Zg", "66"},
    {"fo", "Zm8=", "Zm8", "666f"},
    {"foo", "Zm9v", "Zm9v", "666f6f"},
    {"foob", "Zm9vYg==", "Zm9vYg", "666f6f62"},
    {"fooba", "Zm9vYmE=", "Zm9vYmE", "666f6f6261"},
    {"foobar", "Zm9vYmFy", "Zm9vYmFy", "666f6f626172"},
};

BOOST_DATA_TEST_CASE(the_vectors_of_rfc_4648_encode_and_decode, bdata::make(kRfc4648), c) {
  BOOST_TEST(Base64Encode(c.bytes) == c.base64);
  BOOST_TEST(Base64UrlEncode(c.bytes) == c.base64url);
  BOOST_TEST(HexEncode(c.bytes) == c.hex);
  BOOST_TEST(Base64Decode(c.base64).value() == c.bytes);
  BOOST_TEST(Base64UrlDecode(c.base64url).value() == c.bytes);
  BOOST_TEST(HexDecode(c.hex).value() == c.bytes);
}

BOOST_AUTO_TEST_CASE(every_byte_value_survives_a_round_trip) {
  std::string all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<char>(i));
  BOOST_TEST((Base64Decode(Base64Encode(all)).value() == all));
  BOOST_TEST((Base64UrlDecode(Base64UrlEncode(all)).value() == all));
  BOOST_TEST((HexDecode(HexEncode(all)).value() == all));
}

const std::string kBadBase64[] = {
    "Zg",       "Zg=",    "Z===",     "Zg==\n", " Zg==",   "Zh==",  // bits beyond the byte
    "Zm9=",     "Zm9v=",  "Zm9v====", "Zm-v",   "Zm_v",    "====",  "=Zm9",
    "Zm=v",     "Zm9v\n", "Zg==Zg==", "\xff\xff\xff\xff",  "Zm9\0"s};

BOOST_DATA_TEST_CASE(base64_that_is_not_exactly_the_rfc_form_is_refused, bdata::make(kBadBase64),
                     text) {
  BOOST_TEST(absl::IsInvalidArgument(Base64Decode(text).status()));
}

const std::string kBadBase64Url[] = {"Zg==", "Z", "Zm9+", "Zm9/", "Zh", "Zm9vY", "Zm9v\n"};

BOOST_DATA_TEST_CASE(base64url_with_padding_or_foreign_characters_is_refused,
                     bdata::make(kBadBase64Url), text) {
  BOOST_TEST(absl::IsInvalidArgument(Base64UrlDecode(text).status()));
}

const std::string kBadHex[] = {"6", "6g", "0x66", "66 6", "G0", "\xff\xff"};

BOOST_DATA_TEST_CASE(hex_of_odd_length_or_other_characters_is_refused, bdata::make(kBadHex), text) {
  BOOST_TEST(absl::IsInvalidArgument(HexDecode(text).status()));
}

BOOST_AUTO_TEST_CASE(comparison_sees_every_byte_and_the_length) {
  BOOST_TEST(ConstantTimeEqual("", ""));
  BOOST_TEST(ConstantTimeEqual("abc", "abc"));
  BOOST_TEST(!ConstantTimeEqual("abc", "abd"));
  BOOST_TEST(!ConstantTimeEqual("abc", "Abc"));
  BOOST_TEST(!ConstantTimeEqual("abc", "ab"));
  BOOST_TEST(!ConstantTimeEqual("a\0b"s, "a\0c"s));
}

BOOST_AUTO_TEST_CASE(random_bytes_have_the_asked_length_and_differ) {
  BOOST_TEST(RandomBytes(0).value().empty());
  const std::string a = RandomBytes(32).value();
  const std::string b = RandomBytes(32).value();
  BOOST_TEST(a.size() == 32U);
  BOOST_TEST((a != b));
}

template <typename T>
concept Streamable = requires(std::ostream& out, const T& value) { out << value; };
static_assert(!Streamable<SecretString>, "a secret must not reach a stream");
static_assert(!std::is_copy_constructible_v<SecretString>, "a secret is copied by Clone() only");

BOOST_AUTO_TEST_CASE(a_moved_secret_leaves_nothing_behind) {
  SecretString first(std::string("short"));
  const char* inside = first.Reveal().data();  // a short string lives in the object itself
  const SecretString second = std::move(first);
  BOOST_TEST(second.Reveal() == "short");
  BOOST_TEST(std::string(inside, 5) == std::string(5, '\0'));
}

BOOST_AUTO_TEST_CASE(wiping_reaches_the_unused_part_of_the_buffer) {
  std::string text = "a secret that is long enough to live on the heap";
  const std::size_t length = text.size();
  const volatile char* inside = text.data();  // the buffer stays: text keeps its capacity
  text.resize(3);
  BOOST_TEST(inside[10] == 'h');
  Wipe(text);
  BOOST_TEST(text.empty());
  for (std::size_t i = 0; i < length; ++i) BOOST_TEST(inside[i] == '\0');
}

}  // namespace
}  // namespace kontor::crypto
