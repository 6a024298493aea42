// SPDX-License-Identifier: Apache-2.0
// Reads a certificate made by the openssl command for this test; refuses what is none.
#include <string>

#include <boost/test/unit_test.hpp>

#include "server/crypto/bytes.h"
#include "server/crypto/x509.h"

namespace kontor::crypto {
namespace {

// openssl req -x509 -newkey ed25519 -nodes -days 36500 -subj "/O=Example GmbH/OU=Treasury/
// CN=treasury-bot" -addext "subjectAltName=DNS:bot.example.test,URI:spiffe://example.test/bot,
// email:bot@example.test,IP:127.0.0.1"; its private key was thrown away.
const std::string kPem =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIB6zCCAZ2gAwIBAgIUSBhB8sCzi5/8kNto4pSDTM+bRD4wBQYDK2VwMEExFTAT\n"
    "BgNVBAoMDEV4YW1wbGUgR21iSDERMA8GA1UECwwIVHJlYXN1cnkxFTATBgNVBAMM\n"
    "DHRyZWFzdXJ5LWJvdDAgFw0yNjExMjgxNzQ5MzdaGA8yMTI2MTEwNDE3NDkzN1ow\n"
    "QTEVMBMGA1UECgwMRXhhbXBsZSBHbWJIMREwDwYDVQQLDAhUcmVhc3VyeTEVMBMG\n"
    "A1UEAwwMdHJlYXN1cnktYm90MCowBQYDK2VwAyEAru25Yl7DMAqp4pbbQB2FOC4C\n"
    "hYQV2+zQpc3Ad2TzM2ajgaQwgaEwHQYDVR0OBBYEFI5X0mvWfNia05KyybVeA+Dl\n"
    "I2I6MB8GA1UdIwQYMBaAFI5X0mvWfNia05KyybVeA+DlI2I6MA8GA1UdEwEB/wQF\n"
    "MAMBAf8wTgYDVR0RBEcwRYIQYm90LmV4YW1wbGUudGVzdIYZc3BpZmZlOi8vZXhh\n"
    "bXBsZS50ZXN0L2JvdIEQYm90QGV4YW1wbGUudGVzdIcEfwAAATAFBgMrZXADQQCU\n"
    "YjHyDJ6OaC99kXDRjZ3xaOUJPKodrr7SiZIbBkTWBatneGbVNTVxiyDq1yZHRY47\n"
    "d9+QgMBxrDFs9NQh4+QP\n"
    "-----END CERTIFICATE-----\n";

std::string Der() {
  std::string body;
  for (const char c : kPem.substr(28, kPem.find("-----END") - 28)) {
    if (c != '\n') body.push_back(c);
  }
  return Base64Decode(body).value();
}

BOOST_AUTO_TEST_CASE(a_certificate_says_who_it_is_for) {
  const CertificateFacts facts = ReadCertificatePem(kPem).value();
  BOOST_TEST(facts.subject == "CN=treasury-bot,OU=Treasury,O=Example GmbH");
  BOOST_TEST(facts.issuer == facts.subject);
  BOOST_TEST(facts.common_name == "treasury-bot");
  BOOST_TEST(facts.dns_names.size() == 1U);
  BOOST_TEST(facts.dns_names.at(0) == "bot.example.test");
  BOOST_TEST(facts.uris.at(0) == "spiffe://example.test/bot");
  BOOST_TEST(facts.emails.at(0) == "bot@example.test");
  BOOST_TEST(facts.fingerprint ==
             "7ae15515458fc5ceefad4f9ba728c29d0f6efd48ad77f380a702abc228a24a7e");
  BOOST_TEST(facts.not_before_seconds == 1795888177);  // 2026-11-28T17:49:37Z
  BOOST_TEST(facts.not_after_seconds == 4949488177);   // 2126-11-04T17:49:37Z
}

BOOST_AUTO_TEST_CASE(der_and_pem_give_the_same_facts) {
  BOOST_TEST(ReadCertificateDer(Der()).value().fingerprint ==
             ReadCertificatePem(kPem).value().fingerprint);
}

BOOST_AUTO_TEST_CASE(what_is_no_certificate_is_refused) {
  const std::string der = Der();
  BOOST_TEST(absl::IsInvalidArgument(ReadCertificateDer("").status()));
  BOOST_TEST(absl::IsInvalidArgument(ReadCertificateDer("nonsense").status()));
  BOOST_TEST(absl::IsInvalidArgument(ReadCertificateDer(der.substr(0, der.size() / 2)).status()));
  BOOST_TEST(absl::IsInvalidArgument(ReadCertificatePem("").status()));
  BOOST_TEST(absl::IsInvalidArgument(ReadCertificatePem(kPem.substr(0, 200)).status()));
}

BOOST_AUTO_TEST_CASE(a_name_with_a_nul_byte_is_refused) {
  std::string der = Der();
  const std::size_t at = der.find("bot.example.test");
  BOOST_REQUIRE(at != std::string::npos);
  der[at + 3] = '\0';
  BOOST_TEST(absl::IsInvalidArgument(ReadCertificateDer(der).status()));
}

}  // namespace
}  // namespace kontor::crypto
