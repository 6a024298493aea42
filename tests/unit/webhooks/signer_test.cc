// SPDX-License-Identifier: Apache-2.0
// Signatures against the specification's own example, and everything that must not be signed.
#include <string>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "server/base/status.h"
#include "server/crypto/bytes.h"
#include "server/webhooks/signer.h"

namespace bdata = boost::unit_test::data;

namespace kontor::webhooks {
namespace {

// From the test suites of the standardwebhooks libraries.
constexpr char kSecret[] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr char kOther[] = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
constexpr char kId[] = "msg_p5jXN8AQM9LWM0D4loKWxJek";
constexpr std::int64_t kTimestamp = 1614265330;
constexpr char kBody[] = R"({"test": 2432232314})";
constexpr char kSignature[] = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

crypto::Ed25519PrivateKey Key(char fill) {
  return crypto::Ed25519PrivateKey::FromSeed(std::string(32, fill)).value();
}

BOOST_AUTO_TEST_CASE(the_example_of_the_standard_is_signed_as_printed_there) {
  BOOST_TEST(SignatureHeaderValue(kId, kTimestamp, kBody, {kSecret}, {}).value() == kSignature);
}

BOOST_AUTO_TEST_CASE(both_secrets_of_a_rotation_sign_newest_first) {
  const std::string both =
      SignatureHeaderValue(kId, kTimestamp, kBody, {kOther, kSecret}, {}).value();
  BOOST_TEST(both.ends_with(std::string(" ") + kSignature));
  BOOST_TEST(both.starts_with(
      SignatureHeaderValue(kId, kTimestamp, kBody, {kOther}, {}).value() + " "));
}

BOOST_AUTO_TEST_CASE(every_key_signs_and_its_signature_verifies) {
  const auto first = Key('a');
  const auto second = Key('b');
  const std::string value =
      SignatureHeaderValue(kId, kTimestamp, kBody, {kSecret}, {first, second}).value();
  const std::size_t at = value.find(" v1a,");
  const std::size_t next = value.find(" v1a,", at + 1);
  BOOST_REQUIRE(next != std::string::npos);
  const std::string content = std::string(kId) + ".1614265330." + kBody;
  const auto verify = [&](const crypto::Ed25519PrivateKey& key, const std::string& text) {
    return crypto::VerifyEd25519(key.public_key(), content, crypto::Base64Decode(text).value());
  };
  BOOST_TEST(verify(first, value.substr(at + 5, next - at - 5)).ok());
  BOOST_TEST(verify(second, value.substr(next + 5)).ok());
  BOOST_TEST(!verify(first, value.substr(next + 5)).ok());
}

BOOST_AUTO_TEST_CASE(each_part_of_the_message_changes_the_signature) {
  const auto sign = [](const char* id, std::int64_t time, const char* body) {
    return SignatureHeaderValue(id, time, body, {kSecret}, {}).value();
  };
  const std::string base = sign(kId, kTimestamp, kBody);
  BOOST_TEST(sign("msg_other", kTimestamp, kBody) != base);
  BOOST_TEST(sign(kId, kTimestamp + 1, kBody) != base);
  BOOST_TEST(sign(kId, kTimestamp, "{}") != base);
  BOOST_TEST(sign(kId, kTimestamp, "") != base);
}

BOOST_AUTO_TEST_CASE(an_id_that_could_shift_the_parts_is_refused) {
  for (const char* id : {"", "a.b", "evt_1.", ".evt_1"}) {
    BOOST_TEST(base::Is(SignatureHeaderValue(id, 1, "{}", {kSecret}, {}).status(),
                        base::Reason::kFieldInvalid));
  }
}

BOOST_AUTO_TEST_CASE(nothing_to_sign_with_is_refused) {
  BOOST_TEST(!SignatureHeaderValue(kId, 1, "{}", {}, {}).ok());
}

const std::string kBadSecrets[] = {
    "",
    "whsec_",
    "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa==",    // 22 bytes
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS",     // no padding
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n",
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2La-aSw",
    "whsec_" + crypto::Base64Encode(std::string(65, 'x')),
    "whsec_" + crypto::Base64Encode(std::string(23, 'x')),
};

BOOST_DATA_TEST_CASE(a_bad_secret_is_refused_and_not_shown, bdata::make(kBadSecrets), secret) {
  const absl::Status status = SecretBytes(secret).status();
  BOOST_TEST(base::Is(status, base::Reason::kFieldInvalid));
  BOOST_TEST(std::string(status.message()).find("MfKQ") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(secrets_of_24_to_64_bytes_are_taken_and_fresh_ones_are_32) {
  for (const std::size_t size : {24U, 32U, 64U}) {
    const std::string text = "whsec_" + crypto::Base64Encode(std::string(size, 'x'));
    BOOST_TEST(SecretBytes(text).value().Reveal() == std::string(size, 'x'));
  }
  const auto a = NewSecret().value();
  const auto b = NewSecret().value();
  BOOST_TEST(SecretBytes(a.Reveal()).value().Reveal().size() == 32U);
  BOOST_TEST((a.Reveal() != b.Reveal()));
}

}  // namespace
}  // namespace kontor::webhooks
