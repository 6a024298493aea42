// SPDX-License-Identifier: Apache-2.0
// Digests against the published vectors (FIPS 180-4 examples, RFC 4231, RFC 5869).
#include <algorithm>
#include <string>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "server/crypto/bytes.h"
#include "server/crypto/digest.h"

namespace bdata = boost::unit_test::data;

namespace kontor::crypto {
namespace {

SecretKey256 Key(unsigned char fill) {
  std::array<unsigned char, 32> raw;
  raw.fill(fill);
  return SecretKey256(raw);
}

BOOST_AUTO_TEST_CASE(sha256_gives_the_published_digests) {
  BOOST_TEST(Sha256("").Hex() ==
             "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  BOOST_TEST(Sha256("abc").Hex() ==
             "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

BOOST_AUTO_TEST_CASE(a_stream_gives_the_digest_of_the_whole_and_begins_anew) {
  Sha256Stream stream;
  stream.Update("a");
  stream.Update("");
  stream.Update("bc");
  BOOST_TEST((stream.Finish() == Sha256("abc")));
  BOOST_TEST((stream.Finish() == Sha256("")));
}

struct HmacCase {
  std::string key;
  std::string message;
  std::string want;
};
std::ostream& operator<<(std::ostream& out, const HmacCase& c) { return out << c.want; }

// RFC 4231, test cases 1, 2, 3 and 6; then an empty key (Python's hmac module).
const HmacCase kHmac[] = {
    {std::string(20, '\x0b'), "Hi There",
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {"Jefe", "what do ya want for nothing?",
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {std::string(20, '\xaa'), std::string(50, '\xdd'),
     "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
    {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    {"", "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"},
};

BOOST_DATA_TEST_CASE(hmac_gives_the_published_digests, bdata::make(kHmac), c) {
  BOOST_TEST(HmacSha256(c.key, c.message).Hex() == c.want);
}

BOOST_AUTO_TEST_CASE(an_empty_key_does_not_reuse_the_key_before_it) {
  const Digest256 empty = HmacSha256("", "message");
  HmacSha256("another key", "message");
  BOOST_TEST((HmacSha256(std::string_view(), "message") == empty));
}

BOOST_AUTO_TEST_CASE(a_digest_reads_its_own_hexadecimal_form_and_nothing_else) {
  const Digest256 digest = Sha256("abc");
  BOOST_TEST((Digest256::FromHex(digest.Hex()).value() == digest));
  BOOST_TEST(!Digest256::FromHex("").ok());
  BOOST_TEST(!Digest256::FromHex(digest.Hex().substr(2)).ok());
  BOOST_TEST(!Digest256::FromHex(digest.Hex() + "00").ok());
  BOOST_TEST(!Digest256::FromHex(std::string(64, 'x')).ok());
}

BOOST_AUTO_TEST_CASE(derived_keys_differ_by_label_and_by_master) {
  const auto a = DeriveKey(Key(1), "kontor lookup v1");
  BOOST_TEST((a.Reveal() == DeriveKey(Key(1), "kontor lookup v1").Reveal()));
  BOOST_TEST((a.Reveal() != DeriveKey(Key(1), "kontor lookup v2").Reveal()));
  BOOST_TEST((a.Reveal() != DeriveKey(Key(2), "kontor lookup v1").Reveal()));
  BOOST_TEST((a.Reveal() != Key(1).Reveal()));
}

BOOST_AUTO_TEST_CASE(a_derived_key_is_that_of_rfc_5869) {
  // HKDF without salt is HMAC(HMAC(32 zero bytes, key), info || 0x01) for one block.
  const SecretKey256 master = Key(7);
  const std::string key(32, '\x07');
  const Digest256 extracted = HmacSha256(std::string(32, '\0'), key);
  const Digest256 want = HmacSha256(extracted.view(), std::string("label") + '\x01');
  const auto got = DeriveKey(master, "label");
  BOOST_TEST(HexEncode({reinterpret_cast<const char*>(got.Reveal().data()), 32}) == want.Hex());
}

BOOST_AUTO_TEST_CASE(look_up_values_do_not_link_columns) {
  BOOST_TEST(LookupHash(Key(1), "iban", "DE89") == LookupHash(Key(1), "iban", "DE89"));
  BOOST_TEST(LookupHash(Key(1), "iban", "DE89") != LookupHash(Key(1), "vat", "DE89"));
  BOOST_TEST(LookupHash(Key(1), "iban", "DE89") != LookupHash(Key(2), "iban", "DE89"));
  BOOST_TEST(LookupHash(Key(1), "iba", "nDE89") != LookupHash(Key(1), "iban", "DE89"));
}

BOOST_AUTO_TEST_CASE(tokens_are_long_random_and_stored_as_a_digest) {
  const SecretString a = NewToken("kt").value();
  const SecretString b = NewToken("kt").value();
  BOOST_TEST(a.Reveal().size() == 3U + 43U);
  BOOST_TEST(a.Reveal().starts_with("kt_"));
  BOOST_TEST((a.Reveal() != b.Reveal()));
  BOOST_TEST(TokenHash(a.Reveal()) == Sha256(a.Reveal()).Hex());
  BOOST_TEST(TokenHash(a.Reveal()) != TokenHash(b.Reveal()));
}

BOOST_AUTO_TEST_CASE(the_chain_changes_with_any_row_order_or_deletion) {
  const auto chain = [](std::initializer_list<std::string_view> rows) {
    Digest256 link = HashChain::Genesis();
    for (const std::string_view row : rows) link = HashChain::Next(link, row);
    return link;
  };
  const Digest256 head = chain({"one", "two", "three"});
  BOOST_TEST((head == chain({"one", "two", "three"})));
  BOOST_TEST((head != chain({"one", "two", "threE"})));
  BOOST_TEST((head != chain({"two", "one", "three"})));
  BOOST_TEST((head != chain({"one", "three"})));
  BOOST_TEST((head != chain({"one", "two"})));
  BOOST_TEST((head != chain({"one", "twothree"})));
  BOOST_TEST(HashChain::Next(HashChain::Genesis(), "x").Hex() ==
             Sha256(std::string(32, '\0') + "x").Hex());
}

}  // namespace
}  // namespace kontor::crypto
