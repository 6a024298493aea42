// SPDX-License-Identifier: Apache-2.0
// The port's promises: seals that open, look-ups that survive a new key, one reason for all failures.
#include <string>

#include <boost/test/unit_test.hpp>

#include "server/base/status.h"
#include "server/crypto/port_crypto.h"
#include "server/ports/crypto.h"

namespace kontor::crypto {
namespace {

constexpr char kOldLine[] = "old AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n";
constexpr char kNewLine[] = "new Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA=\n";
using Crypto = PortCrypto<ports::Crypto>;

Crypto With(const std::string& lines) { return Crypto(KeyRing::Parse(lines).value()); }

BOOST_AUTO_TEST_CASE(a_sealed_text_opens_through_the_port) {
  const Crypto crypto = With(kOldLine);
  const ports::Crypto& port = crypto;
  BOOST_TEST(port.Open(port.Seal("text", "documents/inv_1"), "documents/inv_1").value() == "text");
}

BOOST_AUTO_TEST_CASE(every_text_that_does_not_open_is_a_broken_seal) {
  const Crypto old_key = With(kOldLine);
  const Crypto new_key = With(kNewLine);
  const std::string sealed = old_key.Seal("text", "a");
  for (const absl::Status& status :
       {old_key.Open(sealed, "b").status(), new_key.Open(sealed, "a").status(),
        old_key.Open("plain", "a").status(), old_key.Open("", "a").status(),
        old_key.Open(sealed.substr(0, sealed.size() - 4), "a").status()}) {
    BOOST_TEST(base::Is(status, base::Reason::kSealBroken));
  }
}

BOOST_AUTO_TEST_CASE(look_ups_survive_a_new_sealing_key) {
  const std::string before = With(kOldLine).LookupHash("DE89");
  BOOST_TEST(With(std::string(kOldLine) + kNewLine).LookupHash("DE89") == before);
  BOOST_TEST(With(kNewLine).LookupHash("DE89") != before);
}

BOOST_AUTO_TEST_CASE(digests_and_random_bytes_are_those_of_the_folder) {
  const Crypto crypto = With(kOldLine);
  BOOST_TEST(crypto.Sha256Hex("abc") == Sha256("abc").Hex());
  std::uint8_t bytes[16] = {};
  crypto.Random(bytes, sizeof(bytes));
  BOOST_TEST(std::string(reinterpret_cast<char*>(bytes), 16) != std::string(16, '\0'));
}

}  // namespace
}  // namespace kontor::crypto
