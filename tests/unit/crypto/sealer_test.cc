// SPDX-License-Identifier: Apache-2.0
// Sealing: opens only what it sealed, in the place it was sealed for.
#include <string>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "server/crypto/bytes.h"
#include "server/crypto/sealer.h"

namespace bdata = boost::unit_test::data;
using namespace std::string_literals;

namespace kontor::crypto {
namespace {

constexpr char kOldLine[] = "k2025 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n";
constexpr char kNewLine[] = "k2026 Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA=\n";

Sealer Old() { return Sealer(KeyRing::Parse(kOldLine).value()); }
Sealer Both() { return Sealer(KeyRing::Parse(std::string(kOldLine) + kNewLine).value()); }

BOOST_AUTO_TEST_CASE(a_sealed_value_opens_in_its_place) {
  const Sealer sealer = Both();
  for (const std::string& text : {""s, "x"s, "DE89370400440532013000"s, "a\0b"s,
                                  std::string(100000, 'z')}) {
    const std::string sealed = sealer.Seal(text, "partner.iban/par_1").value();
    BOOST_TEST(sealed.starts_with("k1.k2026."));
    BOOST_TEST((sealer.Open(sealed, "partner.iban/par_1").value() == text));
  }
}

BOOST_AUTO_TEST_CASE(two_seals_of_one_value_differ) {
  const Sealer sealer = Old();
  BOOST_TEST(sealer.Seal("x", "").value() != sealer.Seal("x", "").value());
}

BOOST_AUTO_TEST_CASE(older_keys_still_open_and_ask_to_be_sealed_again) {
  const std::string sealed = Old().Seal("value", "place").value();
  BOOST_TEST(Both().Open(sealed, "place").value() == "value");
  BOOST_TEST(Both().NeedsReseal(sealed));
  BOOST_TEST(!Both().NeedsReseal(Both().Seal("value", "place").value()));
}

BOOST_AUTO_TEST_CASE(another_place_does_not_open) {
  const std::string sealed = Old().Seal("value", "partner.iban/par_1").value();
  BOOST_TEST(absl::IsDataLoss(Old().Open(sealed, "partner.iban/par_2").status()));
  BOOST_TEST(absl::IsDataLoss(Old().Open(sealed, "").status()));
}

BOOST_AUTO_TEST_CASE(a_value_relabelled_with_another_key_does_not_open) {
  std::string sealed = Old().Seal("value", "place").value();
  sealed.replace(3, 5, "k2026");
  BOOST_TEST(absl::IsDataLoss(Both().Open(sealed, "place").status()));
}

BOOST_AUTO_TEST_CASE(a_missing_key_is_named) {
  const std::string sealed = Both().Seal("value", "place").value();
  const absl::Status status = Old().Open(sealed, "place").status();
  BOOST_TEST(absl::IsNotFound(status));
  BOOST_TEST(std::string(status.message()).find("k2026") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(every_changed_byte_is_noticed) {
  const std::string sealed = Old().Seal("value", "place").value();
  const std::size_t body = sealed.rfind('.') + 1;
  std::string raw = Base64UrlDecode(sealed.substr(body)).value();
  for (std::size_t i = 0; i < raw.size(); ++i) {
    std::string bent = raw;
    bent[i] = static_cast<char>(bent[i] ^ 0x40);
    const std::string text = sealed.substr(0, body) + Base64UrlEncode(bent);
    BOOST_TEST(absl::IsDataLoss(Old().Open(text, "place").status()));
  }
  const std::string cut = sealed.substr(0, body) + Base64UrlEncode(raw.substr(0, raw.size() - 1));
  BOOST_TEST(absl::IsDataLoss(Old().Open(cut, "place").status()));
}

const std::string kNotSealed[] = {
    "",         "plain text",    "k1.",      "k1.k2025.", "k1.k2025.!!", "k2.k2025.AAAA",
    "k1..AAAA", "k1.K2025.AAAA", "k1.k2025", "k1.k2025.AAAAAAAAAAAAAAAAAAAAAAAA"};

BOOST_DATA_TEST_CASE(what_is_not_sealed_is_refused, bdata::make(kNotSealed), text) {
  BOOST_TEST(absl::IsInvalidArgument(Old().Open(text, "place").status()));
}

const std::string kBadRings[] = {
    "",
    "# only a comment\n",
    "k2025\n",
    "k2025 c2hvcnQ=\n",
    "k2025 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n",
    "K2025 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
    "a.b AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
    std::string(kOldLine) + kOldLine,
};

BOOST_DATA_TEST_CASE(a_key_ring_with_a_fault_is_refused, bdata::make(kBadRings), text) {
  BOOST_TEST(absl::IsInvalidArgument(KeyRing::Parse(text).status()));
}

BOOST_AUTO_TEST_CASE(a_bad_line_is_named_but_its_key_is_not_shown) {
  const absl::Status status = KeyRing::Parse(std::string(kOldLine) + "k2026 c2VjcmV0\n").status();
  const std::string message(status.message());
  BOOST_TEST(message.find("line 2") != std::string::npos);
  BOOST_TEST(message.find("c2VjcmV0") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(comments_blank_lines_and_windows_line_ends_are_accepted) {
  const auto ring = KeyRing::Parse(
      "# keys\r\n\r\nk2025  AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\r\n");
  BOOST_TEST(ring.value().newest().id == "k2025");
}

BOOST_AUTO_TEST_CASE(a_new_line_is_a_ring_of_its_own) {
  const auto ring = KeyRing::Parse(KeyRing::NewLine("first").value().Reveal());
  BOOST_TEST(ring.value().newest().id == "first");
  BOOST_TEST(ring.value().size() == 1U);
  BOOST_TEST(!KeyRing::NewLine("Not An Id").ok());
}

}  // namespace
}  // namespace kontor::crypto
