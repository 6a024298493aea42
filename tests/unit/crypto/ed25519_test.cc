// SPDX-License-Identifier: Apache-2.0
// Ed25519 against RFC 8032 section 7.1, the JWKS against RFC 8037 appendix A.
#include <string>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <nlohmann/json.hpp>

#include "server/crypto/bytes.h"
#include "server/crypto/ed25519.h"

namespace bdata = boost::unit_test::data;

namespace kontor::crypto {
namespace {

struct Rfc8032Case {
  const char* seed;
  const char* public_key;
  const char* message;
  const char* signature;
};
std::ostream& operator<<(std::ostream& out, const Rfc8032Case& c) { return out << c.public_key; }

const Rfc8032Case kRfc8032[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9"
     "b46bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f1"
     "1d8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984d"
     "c6594a7c15e9716ed28dc027beceea1ec40a"},
};

BOOST_DATA_TEST_CASE(the_vectors_of_rfc_8032_sign_and_verify, bdata::make(kRfc8032), c) {
  const auto key = Ed25519PrivateKey::FromSeed(HexDecode(c.seed).value()).value();
  const std::string message = HexDecode(c.message).value();
  BOOST_TEST(HexEncode(PublicKeyBytes(key.public_key())) == c.public_key);
  BOOST_TEST(HexEncode(key.Sign(message).value()) == c.signature);
  BOOST_TEST(VerifyEd25519(key.public_key(), message, HexDecode(c.signature).value()).ok());
}

BOOST_AUTO_TEST_CASE(any_changed_bit_or_length_fails_verification) {
  const auto key = Ed25519PrivateKey::Generate().value();
  const auto other = Ed25519PrivateKey::Generate().value();
  const std::string signature = key.Sign("pay 100").value();
  const auto refused = [](const absl::Status& status) { return absl::IsUnauthenticated(status); };
  BOOST_TEST(VerifyEd25519(key.public_key(), "pay 100", signature).ok());
  BOOST_TEST(refused(VerifyEd25519(key.public_key(), "pay 101", signature)));
  BOOST_TEST(refused(VerifyEd25519(other.public_key(), "pay 100", signature)));
  BOOST_TEST(refused(VerifyEd25519(key.public_key(), "pay 100", "")));
  BOOST_TEST(refused(VerifyEd25519(key.public_key(), "pay 100", signature.substr(1))));
  BOOST_TEST(refused(VerifyEd25519(key.public_key(), "pay 100", signature + "x")));
  for (std::size_t i = 0; i < signature.size(); i += 7) {
    std::string bent = signature;
    bent[i] = static_cast<char>(bent[i] ^ 1);
    BOOST_TEST(refused(VerifyEd25519(key.public_key(), "pay 100", bent)));
  }
}

BOOST_AUTO_TEST_CASE(a_key_survives_pem_and_seed) {
  const auto key = Ed25519PrivateKey::Generate().value();
  const SecretString pem = key.ToPem().value();
  BOOST_TEST(pem.Reveal().starts_with("-----BEGIN PRIVATE KEY-----"));
  BOOST_TEST((Ed25519PrivateKey::FromPem(pem.Reveal()).value().public_key() == key.public_key()));
  const SecretString seed = key.Seed().value();
  BOOST_TEST((Ed25519PrivateKey::FromSeed(seed.Reveal()).value().public_key() == key.public_key()));
}

BOOST_AUTO_TEST_CASE(what_is_no_ed25519_key_is_refused) {
  // An X25519 key: 32 bytes too, but for another purpose.
  const std::string x25519 =
      "-----BEGIN PRIVATE KEY-----\n"
      "MC4CAQAwBQYDK2VuBCIEIPCNBbzyn8H8EeKTCKfaAiEpTX6eSLtf5JfESPGmRHV6\n"
      "-----END PRIVATE KEY-----\n";
  for (const std::string& pem : {std::string(), std::string("no key"), x25519,
                                 std::string("-----BEGIN PRIVATE KEY-----\n")}) {
    BOOST_TEST(absl::IsInvalidArgument(Ed25519PrivateKey::FromPem(pem).status()));
  }
  BOOST_TEST(absl::IsInvalidArgument(Ed25519PrivateKey::FromSeed("short").status()));
  BOOST_TEST(absl::IsInvalidArgument(Ed25519PrivateKey::FromSeed(std::string(64, 'x')).status()));
  BOOST_TEST(absl::IsInvalidArgument(PublicKeyFromBytes(std::string(31, 'x')).status()));
}

BOOST_AUTO_TEST_CASE(the_key_set_has_the_form_of_rfc_8037) {
  const auto key = PublicKeyFromBytes(
                       Base64UrlDecode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").value())
                       .value();
  // RFC 8037 appendix A.3.
  BOOST_TEST(KeyThumbprint(key) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
  const auto set = nlohmann::json::parse(Jwks({{"", key}, {"named", key}}));
  BOOST_TEST(set["keys"].size() == 2U);
  BOOST_TEST(set["keys"][0]["kty"] == "OKP");
  BOOST_TEST(set["keys"][0]["crv"] == "Ed25519");
  BOOST_TEST(set["keys"][0]["alg"] == "EdDSA");
  BOOST_TEST(set["keys"][0]["x"] == "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
  BOOST_TEST(set["keys"][0]["kid"] == KeyThumbprint(key));
  BOOST_TEST(set["keys"][1]["kid"] == "named");
  BOOST_TEST(!set["keys"][0].contains("d"));
  BOOST_TEST(Jwks({}) == R"({"keys":[]})");
}

}  // namespace
}  // namespace kontor::crypto
