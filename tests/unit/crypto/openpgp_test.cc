// SPDX-License-Identifier: Apache-2.0
// What leaves is signed and encrypted; what comes is opened only when all of it is as agreed. Keys
// are made here; that others understand the same is the business of openpgp_gpg_test.py.
#include "server/crypto/openpgp.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <map>
#include <string>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "tests/unit/crypto/openpgp_maker.h"

namespace bdata = boost::unit_test::data;

namespace kontor::crypto {
namespace {

using base::Reason;
using testing::KeyWish;
using testing::MadeKey;
using testing::MakeKey;
using testing::MakeMessage;
using testing::MessageWish;

const absl::Time kNow = absl::FromUnixSeconds(1'773'230'400);  // 2026-03-11
constexpr absl::Duration kDay = absl::Hours(24);
constexpr char kOrder[] = "<Document>100.00</Document>";
constexpr size_t kRoom = size_t{1} << 20U;

/// Made once: keys cost time.
const MadeKey& Key(const std::string& name) {
  static auto* const kWishes = new std::map<std::string, KeyWish>{
      {"ours", {}},
      {"theirs", {}},
      {"strangers", {}},
      {"rsa", {"RSA", 3072, "RSA", 3072}},
      {"rsa-1024", {"RSA", 1024, "RSA", 3072}},
      {"rsa-subkey-1024", {"RSA", 2048, "RSA", 1024}},
      {"dsa", {"DSA", 1024}},
      {"month", {.lives = 30 * kDay}},
      {"subkey-month", {.subkey_lives = 30 * kDay}},
      {"locked", {.password = "correct horse"}},
      {"revoked", {.revoked = true}},
      {"subkey-revoked", {.subkey_revoked = true}},
      {"signs only", {.subkey = ""}},
  };
  static auto* const kMade = new std::map<std::string, MadeKey>();
  const auto it = kMade->find(name);
  if (it != kMade->end()) return it->second;
  return kMade->emplace(name, MakeKey(kNow - kDay, kWishes->at(name))).first->second;
}

absl::StatusOr<OpenPgp> Make(const std::string& own, const std::string& theirs,
                             const std::string& password = "") {
  OpenPgp::Keys keys;
  keys.own = SecretString(own);
  keys.own_password = SecretString(password);
  keys.theirs = theirs;
  return OpenPgp::Make(std::move(keys), kNow);
}

OpenPgp Side(const std::string& own, const std::string& theirs) {
  auto made = Make(Key(own).secret, Key(theirs).open);
  BOOST_REQUIRE_MESSAGE(made.ok(), made.status().ToString());
  return *std::move(made);
}

OpenPgp::SealOptions Sealing(bool sign = true, bool encrypt = true) {
  OpenPgp::SealOptions options;
  options.sign = sign;
  options.encrypt = encrypt;
  options.now = kNow;
  return options;
}

OpenPgp::OpenOptions Opening(bool encrypted = true, bool signed_ = true) {
  OpenPgp::OpenOptions options;
  options.must_be_encrypted = encrypted;
  options.must_be_signed = signed_;
  options.bytes_max = kRoom;
  options.now = kNow;
  return options;
}

void Refused(const absl::Status& status, Reason reason) {
  BOOST_TEST(base::Is(status, reason), status.ToString());
  BOOST_TEST(status.ToString().find("PRIVATE KEY") == std::string::npos);
}

// Keys.

struct KeyCase {
  const char* name;
  const char* own;
  const char* theirs;
  const char* field;  ///< "": they are taken.
};
std::ostream& operator<<(std::ostream& out, const KeyCase& c) { return out << c.name; }
const KeyCase kKeys[] = {
    {"two keys of elliptic curves", "ours", "theirs", ""},
    {"two keys of RSA", "rsa", "theirs", ""},
    {"a key whose subkey only is weak signs all the same", "rsa-subkey-1024", "theirs", ""},
    {"a key of theirs that runs out later", "ours", "month", ""},
    {"our key is RSA of 1024 bits", "rsa-1024", "theirs", "own"},
    {"their key is RSA of 1024 bits", "ours", "rsa-1024", "theirs"},
    {"their key is DSA", "ours", "dsa", "theirs"},
    {"our key is revoked", "revoked", "theirs", "own"},
    {"their key is revoked", "ours", "revoked", "theirs"},
    {"our key has a password that nobody gave", "locked", "theirs", "own"},
    {"both sides have the same key", "ours", "ours", "theirs"},
};

BOOST_DATA_TEST_CASE(keys_are_looked_at_before_they_are_used, bdata::make(kKeys), c) {
  const auto made = Make(Key(c.own).secret, Key(c.theirs).open);
  BOOST_TEST(made.ok() == std::string_view(c.field).empty(), made.status().ToString());
  if (made.ok()) return;
  Refused(made.status(), Reason::kOpenpgpKeyUnusable);
  BOOST_TEST(base::InfoOf(made.status()).field == c.field);
}

struct BlockCase {
  const char* name;
  std::string (*own)();
  std::string (*theirs)();
  const char* field;
};
std::ostream& operator<<(std::ostream& out, const BlockCase& c) { return out << c.name; }
const BlockCase kBlocks[] = {
    {"binary keys", [] { return Key("ours").secret_binary; },
     [] { return Key("theirs").open_binary; }, ""},
    {"two of theirs after each other", [] { return Key("ours").secret; },
     [] { return Key("theirs").open + Key("strangers").open; }, ""},
    {"none of ours", [] { return std::string(); }, [] { return Key("theirs").open; }, ""},
    {"none of theirs", [] { return Key("ours").secret; }, [] { return std::string(); }, ""},
    {"our public key", [] { return Key("ours").open; }, [] { return Key("theirs").open; }, "own"},
    {"their secret key", [] { return Key("ours").secret; }, [] { return Key("theirs").secret; },
     "theirs"},
    {"two of ours", [] { return Key("ours").secret + Key("rsa").secret; },
     [] { return Key("theirs").open; }, "own"},
    {"half a key", [] { return Key("ours").secret.substr(0, 200); },
     [] { return Key("theirs").open; }, "own"},
    {"no key", [] { return std::string("secret"); }, [] { return Key("theirs").open; }, "own"},
    {"no key of theirs", [] { return Key("ours").secret; }, [] { return std::string("{}"); },
     "theirs"},
    {"a message instead of a key", [] { return Key("ours").secret; },
     [] { return MakeMessage(kOrder, kNow, {.signer = Key("ours").secret}); }, "theirs"},
    {"far too much", [] { return std::string(OpenPgp::kKeyBytesMax + 1, 'x'); },
     [] { return Key("theirs").open; }, "own"},
};

BOOST_DATA_TEST_CASE(of_blocks_of_keys_only_the_right_ones_are_taken, bdata::make(kBlocks), c) {
  const auto made = Make(c.own(), c.theirs());
  BOOST_TEST(made.ok() == std::string_view(c.field).empty(), made.status().ToString());
  if (made.ok()) return;
  Refused(made.status(), Reason::kOpenpgpKeyUnusable);
  BOOST_TEST(base::InfoOf(made.status()).field == c.field);
}

BOOST_AUTO_TEST_CASE(what_is_to_be_known_of_keys_is_told) {
  const OpenPgp sides = Side("ours", "month");
  BOOST_TEST(sides.own()->fingerprint == Key("ours").fingerprint);
  BOOST_TEST((sides.own()->signs_until == absl::InfiniteFuture()));
  BOOST_REQUIRE(sides.theirs().size() == 1U);
  BOOST_TEST(sides.theirs()[0].fingerprint == Key("month").fingerprint);
  BOOST_TEST((sides.theirs()[0].signs_until == kNow + 29 * kDay));
  BOOST_TEST((sides.theirs()[0].encrypts_until == kNow + 29 * kDay));
  const OpenPgp other = Side("signs only", "subkey-month");
  BOOST_TEST((other.own()->encrypts_until == absl::InfinitePast()));
  BOOST_TEST((other.theirs()[0].signs_until == absl::InfiniteFuture()));
  BOOST_TEST((other.theirs()[0].encrypts_until == kNow + 29 * kDay));
}

BOOST_AUTO_TEST_CASE(a_password_opens_our_key_and_a_wrong_one_does_not) {
  const auto made = Make(Key("locked").secret, Key("theirs").open, "correct horse");
  BOOST_REQUIRE_MESSAGE(made.ok(), made.status().ToString());
  const auto sealed = made->Seal(kOrder, Sealing());
  BOOST_REQUIRE_MESSAGE(sealed.ok(), sealed.status().ToString());
  BOOST_TEST(Side("theirs", "locked").Open(*sealed, Opening()).value() == kOrder);
  BOOST_TEST(made->TryOwnKey(kNow).ok());
  const absl::Status wrong = Make(Key("locked").secret, Key("theirs").open, "wrong").status();
  Refused(wrong, Reason::kOpenpgpKeyUnusable);
  BOOST_TEST(wrong.ToString().find("correct horse") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(our_own_key_opens_what_was_encrypted_to_it) {
  BOOST_TEST(Side("ours", "theirs").TryOwnKey(kNow).ok());
  BOOST_TEST(Side("rsa", "theirs").TryOwnKey(kNow).ok());
  Refused(Side("signs only", "theirs").TryOwnKey(kNow), Reason::kOpenpgpKeyUnusable);
  Refused(Make("", Key("theirs").open)->TryOwnKey(kNow), Reason::kOpenpgpKeyUnusable);
  Refused(Side("month", "theirs").TryOwnKey(kNow + 40 * kDay), Reason::kOpenpgpKeyUnusable);
}

// Sealing.

struct SealCase {
  const char* name;
  const char* own;
  const char* theirs;
  bool sign;
  bool encrypt;
  int days;           ///< From now on.
  const char* field;  ///< "": it is sealed.
};
std::ostream& operator<<(std::ostream& out, const SealCase& c) { return out << c.name; }
const SealCase kSeals[] = {
    {"signed and encrypted", "ours", "theirs", true, true, 0, ""},
    {"signed only", "ours", "theirs", true, false, 0, ""},
    {"encrypted only", "ours", "theirs", false, true, 0, ""},
    {"by RSA", "rsa", "theirs", true, true, 0, ""},
    {"to RSA", "ours", "rsa", true, true, 0, ""},
    {"signed only for a key that cannot be encrypted to", "ours", "signs only", true, false, 0, ""},
    {"to a key that cannot be encrypted to", "ours", "signs only", true, true, 0, "theirs"},
    {"to a key whose subkey is revoked", "ours", "subkey-revoked", true, true, 0, "theirs"},
    {"to a key whose subkey is weak", "ours", "rsa-subkey-1024", true, true, 0, "theirs"},
    {"by our key on its last day", "month", "theirs", true, true, 28, ""},
    {"by our key after its last day", "month", "theirs", true, true, 30, "own"},
    {"to their key after its last day", "ours", "month", true, true, 30, "theirs"},
    {"to their subkey after its last day", "ours", "subkey-month", true, true, 30, "theirs"},
};

BOOST_DATA_TEST_CASE(a_file_is_sealed_by_keys_that_are_fit_for_it, bdata::make(kSeals), c) {
  const OpenPgp us = Side(c.own, c.theirs);
  OpenPgp::SealOptions options = Sealing(c.sign, c.encrypt);
  options.now += c.days * kDay;
  const auto sealed = us.Seal(kOrder, options);
  BOOST_TEST(sealed.ok() == std::string_view(c.field).empty(), sealed.status().ToString());
  if (!sealed.ok()) {
    Refused(sealed.status(), Reason::kOpenpgpKeyUnusable);
    BOOST_TEST(base::InfoOf(sealed.status()).field == c.field);
    return;
  }
  BOOST_TEST(OpenPgp::LooksLikeMessage(*sealed));
  OpenPgp::OpenOptions opening = Opening(c.encrypt, c.sign);
  opening.now = options.now;
  const auto opened = Side(c.theirs, c.own).Open(*sealed, opening);
  BOOST_REQUIRE_MESSAGE(opened.ok(), opened.status().ToString());
  BOOST_TEST(*opened == kOrder);
}

BOOST_AUTO_TEST_CASE(sealing_needs_keys_and_something_to_do) {
  const auto no_key = Make("", Key("theirs").open);
  Refused(no_key->Seal(kOrder, Sealing()).status(), Reason::kOpenpgpKeyUnusable);
  BOOST_TEST(no_key->Seal(kOrder, Sealing(false, true)).ok());
  const auto no_reader = Make(Key("ours").secret, "");
  Refused(no_reader->Seal(kOrder, Sealing()).status(), Reason::kOpenpgpKeyUnusable);
  Refused(Side("ours", "theirs").Seal(kOrder, Sealing(false, false)).status(), Reason::kInternal);
}

BOOST_AUTO_TEST_CASE(each_sealing_gives_other_bytes_and_none_tells_what_is_in_it) {
  const OpenPgp us = Side("ours", "theirs");
  const std::string once = us.Seal(kOrder, Sealing()).value();
  BOOST_TEST(once != us.Seal(kOrder, Sealing()).value());
  BOOST_TEST(once.find("100.00") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(armor_and_every_size_come_through) {
  const OpenPgp us = Side("ours", "theirs");
  const OpenPgp bank = Side("theirs", "ours");
  OpenPgp::SealOptions armored = Sealing();
  armored.armor = true;
  for (const size_t size : {size_t{1}, size_t{511}, size_t{70'000}, size_t{700'000}}) {
    std::string text(size, 'x');
    for (size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * i % 251);
    for (const auto& options : {armored, Sealing()}) {
      const std::string sealed = us.Seal(text, options).value();
      BOOST_TEST(sealed.starts_with("-----BEGIN PGP MESSAGE-----") == options.armor);
      const auto opened = bank.Open(sealed, Opening());
      BOOST_REQUIRE_MESSAGE(opened.ok(), opened.status().ToString());
      BOOST_TEST((*opened == text), size);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_bank_that_changes_its_key_reads_by_either_and_signs_by_either) {
  const OpenPgp us =
      *Make(Key("ours").secret,
            Key("month").open + Key("theirs").open_binary.substr(0, 0) + Key("theirs").open);
  const std::string sealed = us.Seal(kOrder, Sealing()).value();
  BOOST_TEST(Side("month", "ours").Open(sealed, Opening()).value() == kOrder);
  BOOST_TEST(Side("theirs", "ours").Open(sealed, Opening()).value() == kOrder);
  for (const char* bank : {"month", "theirs"}) {
    const std::string answer = Side(bank, "ours").Seal(kOrder, Sealing()).value();
    BOOST_TEST(us.Open(answer, Opening()).value() == kOrder, bank);
  }
  // The old one ran out: the new one is enough.
  OpenPgp::SealOptions later = Sealing();
  later.now += 40 * kDay;
  BOOST_TEST(us.Seal(kOrder, later).ok());
}

// Opening.

struct OpenCase {
  const char* name;
  std::string (*message)();
  bool encrypted;  ///< It must be.
  bool signed_;    ///< It must be.
  Reason reason;   ///< kInternal: it is opened.
};
std::ostream& operator<<(std::ostream& out, const OpenCase& c) { return out << c.name; }
constexpr Reason kFine = Reason::kInternal;

std::string Message(const MessageWish& wish, absl::Duration ago = absl::ZeroDuration()) {
  return MakeMessage(kOrder, kNow - ago, wish);
}
std::string Good() { return Message({.signer = Key("theirs").secret, .reader = Key("ours").open}); }
std::string Changed(size_t at) {
  std::string message = Good();
  message[message.size() - at] = static_cast<char>(message[message.size() - at] ^ 1);
  return message;
}

const OpenCase kOpens[] = {
    {"as agreed", Good, true, true, kFine},
    {"armored",
     [] {
       OpenPgp::SealOptions options = Sealing();
       options.armor = true;
       return Side("theirs", "ours").Seal(kOrder, options).value();
     },
     true, true, kFine},
    {"encrypted, and nobody asks for more", [] { return Message({.reader = Key("ours").open}); },
     true, false, kFine},
    {"signed, and nobody asks for more", [] { return Message({.signer = Key("theirs").secret}); },
     false, true, kFine},
    {"signed by a stranger, and nobody asks who",
     [] { return Message({.signer = Key("strangers").secret, .reader = Key("ours").open}); }, true,
     false, kFine},
    {"only signed by a stranger, and nobody asks who",
     [] { return Message({.signer = Key("strangers").secret}); }, false, false, kFine},
    {"a signature that has not run out yet",
     [] {
       return Message({.signer = Key("theirs").secret,
                       .reader = Key("ours").open,
                       .signature_lives = absl::Hours(2)},
                      absl::Hours(1));
     },
     true, true, kFine},
    {"the bank's clock is a little ahead",
     [] {
       return Message({.signer = Key("theirs").secret, .reader = Key("ours").open},
                      -absl::Minutes(2));
     },
     true, true, kFine},
    {"nothing", [] { return std::string(); }, true, true, Reason::kOpenpgpRequired},
    {"a plain file", [] { return std::string(kOrder); }, true, true, Reason::kOpenpgpRequired},
    {"a plain file, and nobody asks", [] { return std::string(kOrder); }, false, false,
     Reason::kOpenpgpRequired},
    {"a signed text", [] { return Message({.signer = Key("theirs").secret, .cleartext = true}); },
     false, true, Reason::kOpenpgpRequired},
    {"a key", [] { return Key("theirs").open; }, false, false, Reason::kOpenpgpRequired},
    {"a binary key", [] { return Key("theirs").open_binary; }, false, false,
     Reason::kOpenpgpRequired},
    {"a signature alone",
     [] { return Message({.signer = Key("theirs").secret, .detached = true}); }, false, true,
     Reason::kOpenpgpRequired},
    {"signed and not encrypted", [] { return Message({.signer = Key("theirs").secret}); }, true,
     true, Reason::kOpenpgpRequired},
    {"encrypted and not signed", [] { return Message({.reader = Key("ours").open}); }, true, true,
     Reason::kOpenpgpSignatureInvalid},
    {"signed by a stranger",
     [] { return Message({.signer = Key("strangers").secret, .reader = Key("ours").open}); }, true,
     true, Reason::kOpenpgpSignatureInvalid},
    {"only signed by a stranger", [] { return Message({.signer = Key("strangers").secret}); },
     false, true, Reason::kOpenpgpSignatureInvalid},
    {"signed by ourselves",
     [] { return Message({.signer = Key("ours").secret, .reader = Key("ours").open}); }, true, true,
     Reason::kOpenpgpSignatureInvalid},
    {"a signature that ran out",
     [] {
       return Message({.signer = Key("theirs").secret,
                       .reader = Key("ours").open,
                       .signature_lives = absl::Hours(2)},
                      absl::Hours(3));
     },
     true, true, Reason::kOpenpgpSignatureInvalid},
    {"a signature from tomorrow",
     [] { return Message({.signer = Key("theirs").secret, .reader = Key("ours").open}, -kDay); },
     true, true, Reason::kOpenpgpSignatureInvalid},
    {"to somebody else",
     [] { return Message({.signer = Key("theirs").secret, .reader = Key("strangers").open}); },
     true, true, Reason::kOpenpgpUnreadable},
    {"by a password instead of a key",
     [] { return Message({.signer = Key("theirs").secret, .password = "guess"}); }, true, true,
     Reason::kOpenpgpUnreadable},
    {"by an old cipher",
     [] {
       return Message(
           {.signer = Key("theirs").secret, .reader = Key("ours").open, .cipher = "CAST5"});
     },
     true, true, Reason::kOpenpgpUnreadable},
    {"changed at its end", [] { return Changed(2); }, true, true, Reason::kOpenpgpUnreadable},
    {"changed within", [] { return Changed(100); }, true, true, Reason::kOpenpgpUnreadable},
    {"changed, and nobody asks who signed it", [] { return Changed(100); }, true, false,
     Reason::kOpenpgpUnreadable},
    {"cut off", [] { return Good().substr(0, Good().size() - 30); }, true, true,
     Reason::kOpenpgpUnreadable},
    {"its first half", [] { return Good().substr(0, Good().size() / 2); }, true, false,
     Reason::kOpenpgpUnreadable},
    {"a byte that begins like a message", [] { return std::string("\xc1"); }, false, false,
     Reason::kOpenpgpUnreadable},
};

BOOST_DATA_TEST_CASE(a_message_is_opened_only_as_agreed, bdata::make(kOpens), c) {
  const auto opened = Side("ours", "theirs").Open(c.message(), Opening(c.encrypted, c.signed_));
  BOOST_TEST(opened.ok() == (c.reason == kFine), opened.status().ToString());
  if (opened.ok()) {
    BOOST_TEST(*opened == kOrder);
  } else {
    Refused(opened.status(), c.reason);
    BOOST_TEST(opened.status().ToString().find("100.00") == std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(a_signed_only_message_whose_text_was_changed_is_refused) {
  std::string message = MakeMessage(kOrder, kNow, {.signer = Key("theirs").secret});
  const size_t at = message.find("100.00");
  if (at == std::string::npos) return;  // it was compressed
  message.replace(at, 6, "900.00");
  Refused(Side("ours", "theirs").Open(message, Opening(false, true)).status(),
          Reason::kOpenpgpSignatureInvalid);
}

BOOST_AUTO_TEST_CASE(what_hangs_on_a_signed_message_is_not_taken_for_signed) {
  const OpenPgp us = Side("ours", "theirs");
  const std::string good = MakeMessage(kOrder, kNow, {.signer = Key("theirs").secret});
  const std::string foreign = MakeMessage("<Foreign/>", kNow, {.signer = Key("strangers").secret});
  for (const std::string& both : {good + foreign, foreign + good}) {
    const auto opened = us.Open(both, Opening(false, true));
    if (opened.ok()) BOOST_TEST(*opened == kOrder);
  }
}

BOOST_AUTO_TEST_CASE(a_key_that_ran_out_since_does_not_vouch_for_what_was_signed_later) {
  const OpenPgp us = Side("ours", "month");
  OpenPgp::OpenOptions later = Opening();
  later.now += 40 * kDay;
  // By a clock that was put back nobody signs for it either.
  const std::string in_time =
      MakeMessage(kOrder, kNow, {.signer = Key("month").secret, .reader = Key("ours").open});
  BOOST_TEST(us.Open(in_time, Opening()).value() == kOrder);
  OpenPgp::SealOptions options = Sealing();
  options.now = later.now;
  BOOST_TEST(!Side("month", "ours").Seal(kOrder, options).ok());
}

BOOST_AUTO_TEST_CASE(what_unpacks_to_more_than_its_limit_is_refused) {
  const OpenPgp us = Side("ours", "theirs");
  const OpenPgp bank = Side("theirs", "ours");
  const std::string zeroes(size_t{8} << 20U, '0');
  const std::string sealed = bank.Seal(zeroes, Sealing()).value();
  BOOST_TEST(sealed.size() < zeroes.size() / 50);  // a bomb, of the small kind
  Refused(us.Open(sealed, Opening()).status(), Reason::kTooLarge);
  OpenPgp::OpenOptions exact = Opening();
  exact.bytes_max = zeroes.size();
  BOOST_TEST((us.Open(sealed, exact).value() == zeroes));
  exact.bytes_max = zeroes.size() - 1;
  Refused(us.Open(sealed, exact).status(), Reason::kTooLarge);
}

BOOST_AUTO_TEST_CASE(noise_is_refused_and_nothing_breaks) {
  const OpenPgp us = Side("ours", "theirs");
  const std::string good = Good();
  for (size_t cut = 1; cut < good.size(); cut += 7) {
    BOOST_TEST(!us.Open(good.substr(0, cut), Opening()).ok());
  }
  unsigned seed = 7;
  for (int i = 0; i < 300; ++i) {
    std::string noisy = good;
    for (int hits = 0; hits < 3; ++hits) {
      seed = seed * 1664525U + 1013904223U;
      noisy[(seed >> 8U) % noisy.size()] = static_cast<char>(seed >> 24U);
    }
    const auto opened = us.Open(noisy, Opening());
    if (opened.ok()) BOOST_TEST(*opened == kOrder);
  }
}

struct LookCase {
  const char* bytes;
  bool is_message;
};
std::ostream& operator<<(std::ostream& out, const LookCase& c) { return out << c.bytes; }
const LookCase kLooks[] = {
    {"-----BEGIN PGP MESSAGE-----\n", true},
    {"\r\n -----BEGIN PGP MESSAGE-----\n", true},
    {"\x84\x5e", true},
    {"\xc1\x5e", true},
    {"-----BEGIN PGP SIGNED MESSAGE-----\n", false},
    {"-----BEGIN PGP PUBLIC KEY BLOCK-----\n", false},
    {"<?xml version=\"1.0\"?>", false},
    {"\xef\xbb\xbf<?xml", false},
    {":20:STARTUMS", false},
    {"{1:F01", false},
    {"", false},
};

BOOST_DATA_TEST_CASE(a_message_is_known_by_how_it_begins, bdata::make(kLooks), c) {
  BOOST_TEST(OpenPgp::LooksLikeMessage(c.bytes) == c.is_message);
}

}  // namespace
}  // namespace kontor::crypto
