// SPDX-License-Identifier: Apache-2.0
// Whether a message is its sender's: every scheme against what is right and what is nearly right.
#include <functional>

#include <boost/test/unit_test.hpp>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/crypto/bytes.h"
#include "server/crypto/digest.h"
#include "server/webhooks/inbound_check.h"
#include "server/webhooks/inbound_verify.h"

namespace kontor::webhooks {
namespace {

using base::Reason;
using base::StrCat;
using model::HookScheme;
using model::Source;

constexpr char kSecret[] = "0123456789abcdef0123";
constexpr char kBody[] = R"({"event":{"id":"e-1"},"n":1})";
const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

Source Hmac() {
  Source source;
  source.name = "s";
  source.verification.scheme = HookScheme::kHmac;
  source.verification.signature_header = "x-sig";
  source.secrets = {{kSecret, std::nullopt}};
  return source;
}

net::HttpServerRequest Request(net::HttpHeaders headers, std::string body = kBody) {
  net::HttpServerRequest request;
  request.method = "POST";
  request.headers = std::move(headers);
  request.body = std::move(body);
  return request;
}

/// The digest that RFC 4231's method gives, made without the code under test's own path.
std::string Hex256(std::string_view content) { return crypto::HmacSha256(kSecret, content).Hex(); }

BOOST_AUTO_TEST_CASE(sha512_agrees_with_the_published_vector) {
  // RFC 4231, test case 2.
  BOOST_TEST(crypto::HexEncode(crypto::HmacSha512("Jefe", "what do ya want for nothing?")) ==
             "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d03"
             "4f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737");
}

BOOST_AUTO_TEST_CASE(hmac_variants_take_their_own_form) {
  struct Case {
    const char* name;
    std::function<void(model::Verification&)> set;
    net::HttpHeaders headers;
  };
  const std::string mac512 = crypto::HmacSha512(kSecret, kBody);
  const Case cases[] = {
      {"hex", [](auto&) {}, {{"x-sig", Hex256(kBody)}}},
      {"hex in capitals", [](auto&) {}, {{"x-sig", base::ToUpper(Hex256(kBody))}}},
      {"prefixed", [](auto& v) { v.signature_prefix = "sha256="; },
       {{"x-sig", StrCat("sha256=", Hex256(kBody))}}},
      {"one of several", [](auto& v) { v.signature_prefix = "v1="; },
       {{"x-sig", StrCat("t=1,v0=00,v1=", std::string(64, '0'), ", v1=", Hex256(kBody))}}},
      {"base64", [](auto& v) { v.encoding = model::HookEncoding::kBase64; },
       {{"x-sig", crypto::HmacSha256(kSecret, kBody).Base64()}}},
      {"sha512", [](auto& v) { v.algorithm = model::HookAlgorithm::kSha512; },
       {{"x-sig", crypto::HexEncode(mac512)}}},
      {"sha512 base64",
       [](auto& v) {
         v.algorithm = model::HookAlgorithm::kSha512;
         v.encoding = model::HookEncoding::kBase64;
       },
       {{"x-sig", crypto::Base64Encode(mac512)}}},
      {"with time and id",
       [](auto& v) {
         v.signed_content = "{id}:{timestamp}:{body}";
         v.timestamp_header = "x-time";
         v.id_header = "x-id";
       },
       {{"x-sig", Hex256(StrCat("m-1:1800000000:", kBody))}, {"x-time", "1800000000"},
        {"x-id", "m-1"}}},
      {"time in milliseconds",
       [](auto& v) {
         v.signed_content = "{timestamp}.{body}";
         v.timestamp_header = "x-time";
       },
       {{"x-sig", Hex256(StrCat("1800000000123.", kBody))}, {"x-time", "1800000000123"}}},
  };
  for (const Case& c : cases) {
    BOOST_TEST_CONTEXT(c.name) {
      Source source = Hmac();
      c.set(source.verification);
      BOOST_TEST(VerifyMessage(source, Request(c.headers), kNow).ok());
      BOOST_TEST(!VerifyMessage(source, Request(c.headers, StrCat(kBody, " ")), kNow).ok());
      source.secrets[0].secret.back() ^= 1;
      BOOST_TEST(!VerifyMessage(source, Request(c.headers), kNow).ok());
    }
  }
}

BOOST_AUTO_TEST_CASE(what_is_nearly_right_is_wrong) {
  const std::string right = Hex256(kBody);
  const net::HttpHeaders wrong[] = {{},
                                    {{"x-sig", ""}},
                                    {{"x-sig", right.substr(1)}},
                                    {{"x-sig", right + "0"}},
                                    {{"x-sig", "sha256=" + right}},
                                    {{"x-other", right}},
                                    {{"x-sig", crypto::HmacSha256(kSecret, kBody).Base64()}},
                                    {{"x-sig", crypto::Sha256(kBody).Hex()}}};
  for (const net::HttpHeaders& headers : wrong) {
    const auto verified = VerifyMessage(Hmac(), Request(headers), kNow);
    BOOST_TEST(base::Is(verified.status(), Reason::kSignatureInvalid));
  }
  Source none = Hmac();
  none.secrets.clear();
  BOOST_TEST(!VerifyMessage(none, Request({{"x-sig", crypto::HmacSha256("", kBody).Hex()}}), kNow)
                  .ok());
}

BOOST_AUTO_TEST_CASE(the_time_of_an_attempt_counts_both_ways) {
  Source source = Hmac();
  source.verification.signed_content = "{timestamp}.{body}";
  source.verification.timestamp_header = "x-time";
  struct Case {
    int64_t away;
    bool good;
  };
  for (const Case& c : {Case{0, true}, {299, true}, {-300, true}, {301, false}, {-301, false}}) {
    const std::string time = StrCat(1'800'000'000 + c.away);
    const auto verified = VerifyMessage(
        source, Request({{"x-sig", Hex256(StrCat(time, ".", kBody))}, {"x-time", time}}), kNow);
    BOOST_TEST(verified.ok() == c.good, c.away);
    if (!c.good) BOOST_TEST(base::Is(verified.status(), Reason::kMessageStale));
  }
  for (const char* time : {"", "soon", "1800000000.5"}) {
    const auto verified = VerifyMessage(
        source, Request({{"x-sig", Hex256(StrCat(time, ".", kBody))}, {"x-time", time}}), kNow);
    BOOST_TEST(base::Is(verified.status(), Reason::kSignatureInvalid), time);
  }
}

BOOST_AUTO_TEST_CASE(old_secrets_count_until_they_end) {
  Source source = Hmac();
  source.secrets = {{"another-secret-0123", std::nullopt}, {kSecret, kNow + absl::Seconds(1)}};
  const auto request = Request({{"x-sig", Hex256(kBody)}});
  BOOST_TEST(VerifyMessage(source, request, kNow).ok());
  BOOST_TEST(!VerifyMessage(source, request, kNow + absl::Seconds(2)).ok());
}

BOOST_AUTO_TEST_CASE(basic_keys_and_certificates_are_compared_whole) {
  Source basic = Hmac();
  basic.verification.scheme = HookScheme::kBasic;
  basic.verification.user_name = "platform";
  const auto login = [](std::string_view text) {
    return Request({{"authorization", StrCat("Basic ", crypto::Base64Encode(text))}});
  };
  BOOST_TEST(VerifyMessage(basic, login(StrCat("platform:", kSecret)), kNow).ok());
  for (const std::string& text : {StrCat("other:", kSecret), StrCat("platform:", kSecret, "x"),
                                  std::string("platform:"), std::string(kSecret)}) {
    BOOST_TEST(!VerifyMessage(basic, login(text), kNow).ok(), text);
  }
  Source key = Hmac();
  key.verification.scheme = HookScheme::kApiKey;
  key.verification.key_header = "x-key";
  BOOST_TEST(VerifyMessage(key, Request({{"x-key", kSecret}}), kNow).ok());
  BOOST_TEST(!VerifyMessage(key, Request({{"x-key", ""}}), kNow).ok());
  Source tls = Hmac();
  tls.verification.scheme = HookScheme::kMutualTls;
  tls.verification.certificate_subject = "CN=platform";
  net::HttpServerRequest request = Request({});
  BOOST_TEST(!VerifyMessage(tls, request, kNow).ok());
  request.client_certificate.emplace();
  request.client_certificate->subject = "CN=platform";
  BOOST_TEST(VerifyMessage(tls, request, kNow).ok());
  request.client_certificate->subject = "CN=platform,O=other";
  BOOST_TEST(!VerifyMessage(tls, request, kNow).ok());
}

BOOST_AUTO_TEST_CASE(ids_come_from_header_body_or_digest_and_an_unsigned_one_is_not_trusted) {
  Source source = Hmac();
  const net::HttpHeaders headers = {{"x-sig", Hex256(kBody)}, {"x-id", "m-1"}};
  BOOST_TEST(VerifyMessage(source, Request(headers), kNow)->event_id ==
             crypto::Sha256(kBody).Hex());
  source.verification.event_id_pointer = "/event/id";
  BOOST_TEST(VerifyMessage(source, Request(headers), kNow)->event_id == "e-1");
  BOOST_TEST(VerifyMessage(source, Request(headers), kNow)->keys.size() == 1U);
  source.verification.id_header = "x-id";
  const auto unsigned_id = VerifyMessage(source, Request(headers), kNow);
  BOOST_TEST(unsigned_id->event_id == "m-1");
  BOOST_TEST(unsigned_id->keys.size() == 2U);
  // A replay under another id shares the body's digest.
  const auto replay = VerifyMessage(source, Request({{"x-sig", Hex256(kBody)}, {"x-id", "m-2"}}),
                                    kNow);
  BOOST_TEST(replay->keys[1] == unsigned_id->keys[1]);
}

BOOST_AUTO_TEST_CASE(every_scheme_passes_its_own_conformance_and_fails_a_broken_one) {
  for (const HookScheme scheme : {HookScheme::kHmac, HookScheme::kStandardWebhooks,
                                  HookScheme::kBasic, HookScheme::kApiKey,
                                  HookScheme::kMutualTls}) {
    Source source = Hmac();
    source.verification.scheme = scheme;
    source.verification.key_header = "x-key";
    source.verification.user_name = "u";
    source.verification.certificate_subject = "CN=x";
    source.secrets.clear();
    const auto secret = NewSourceSecret(scheme);
    BOOST_REQUIRE(secret.ok());
    if (!secret->Reveal().empty()) source.secrets = {{secret->Reveal(), std::nullopt}};
    const auto checks = CheckVerification(source, kNow);
    BOOST_TEST(checks.size() >= 2U);
    for (const auto& check : checks) BOOST_TEST(check.passed, check.name << " " << check.message);
  }
  Source broken = Hmac();
  broken.secrets.clear();
  bool passed = true;
  for (const auto& check : CheckVerification(broken, kNow)) passed = passed && check.passed;
  BOOST_TEST(!passed);
}

BOOST_AUTO_TEST_CASE(secrets_that_are_too_weak_are_refused) {
  for (const char* secret : {"", "short", "has a space in it 0123456789"}) {
    BOOST_TEST(!CheckSourceSecret(HookScheme::kHmac, secret).ok(), secret);
  }
  BOOST_TEST(!CheckSourceSecret(HookScheme::kStandardWebhooks, kSecret).ok());
  BOOST_TEST(CheckSourceSecret(HookScheme::kHmac, kSecret).ok());
}

BOOST_AUTO_TEST_CASE(challenges_are_found_where_the_source_says) {
  Source source = Hmac();
  BOOST_TEST(!ChallengeIn(source, R"({"challenge":"x"})").has_value());
  source.verification.challenge_pointer = "/a/challenge";
  source.verification.challenge_parameter = "hub.challenge";
  BOOST_TEST(ChallengeIn(source, R"({"a":{"challenge":"x"}})").value() == "x");
  BOOST_TEST(!ChallengeIn(source, R"({"challenge":"x"})").has_value());
  BOOST_TEST(!ChallengeIn(source, StrCat(R"({"a":{"challenge":")", std::string(2000, 'x'), "\"}}"))
                  .has_value());
  BOOST_TEST(ChallengeInQuery(source, "a=b&hub.challenge=x%20y+z%2").value() == "x y z%2");
  BOOST_TEST(!ChallengeInQuery(source, "hub.challenge=").has_value());
}

}  // namespace
}  // namespace kontor::webhooks
