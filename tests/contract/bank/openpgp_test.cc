// SPDX-License-Identifier: Apache-2.0
// OpenPGP around the files of folders, here and on a server: what leaves is what the bank can open,
// what comes is opened only as agreed, and keys that will not do are found before they are needed.
#include "server/crypto/openpgp.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <map>
#include <nlohmann/json.hpp>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "tests/contract/bank/rig.h"
#include "tests/unit/crypto/openpgp_maker.h"

namespace bdata = boost::unit_test::data;

namespace kontor::bank::testing {
namespace {

using base::Reason;
using base::StrCat;
using crypto::OpenPgp;
using crypto::SecretString;
using crypto::testing::KeyWish;
using crypto::testing::MadeKey;
using crypto::testing::MakeKey;
using crypto::testing::MakeMessage;
using nlohmann::json;
using ports::FilePlace;

constexpr char kOrder[] = "<Document>100.00</Document>";
constexpr absl::Duration kDay = absl::Hours(24);
constexpr size_t kRoom = size_t{1} << 20U;

/// Made once, some days ago.
const MadeKey& Key(const std::string& name) {
  static auto* const kWishes = new std::map<std::string, KeyWish>{
      {"ours", {}},
      {"bank", {}},
      {"strangers", {}},
      {"weak", {"RSA", 1024, "RSA", 1024}},
      {"locked", {.password = "correct horse"}},
      {"revoked", {.revoked = true}},
      {"ends soon", {.lives = 20 * kDay}},
      {"ended", {.lives = 5 * kDay}},
      {"signs only", {.subkey = ""}},
  };
  static auto* const kMade = new std::map<std::string, MadeKey>();
  const auto it = kMade->find(name);
  if (it != kMade->end()) return it->second;
  const absl::Time made = absl::Now() - 10 * kDay;
  return kMade->emplace(name, MakeKey(made, kWishes->at(name))).first->second;
}

boost::test_tools::assertion_result IsFolders(boost::unit_test::test_unit_id) {
  return KindUnderTest() != "webhook";
}

std::string All(ports::ByteSource& source) {
  std::string out;
  std::string piece(1000, '\0');
  while (true) {
    const auto got = source.Read(piece);
    BOOST_REQUIRE(got.ok());
    if (*got == 0) return out;
    out.append(piece, 0, *got);
  }
}

struct Sealing : Rig {
  Sealing() { channel = With("ours", "bank"); }
  /// A channel with these keys and other settings of openpgp over the usual ones.
  std::shared_ptr<ports::BankChannel> With(const std::string& own, const std::string& bank,
                                           const json& overrides = json::object()) {
    auto made = Try(own, bank, overrides);
    BOOST_REQUIRE_MESSAGE(made.ok(), made.status().ToString());
    return *std::move(made);
  }
  absl::StatusOr<std::shared_ptr<ports::BankChannel>> Try(const std::string& own,
                                                          const std::string& bank,
                                                          const json& overrides) {
    json all = json::parse(settings);
    all["openpgp"] = {{"bank_key", Key(bank).open}};
    all["openpgp"].merge_patch(overrides);
    const std::string both = own.empty() ? secret : StrCat(secret, "\n", Key(own).secret);
    return MakeChannel(KindUnderTest(), all.dump(), both, ChannelOptions(), clock);
  }
  /// As the bank opens it.
  std::string BankOpens(const std::string& sealed, bool is_signed = true, bool encrypted = true) {
    OpenPgp::Keys keys;
    keys.own = SecretString(Key("bank").secret);
    keys.theirs = Key("ours").open;
    const auto bank = OpenPgp::Make(std::move(keys), absl::Now());
    const auto opened = bank->Open(sealed, {encrypted, is_signed, kRoom, absl::Now()});
    BOOST_REQUIRE_MESSAGE(opened.ok(), opened.status().ToString());
    return *opened;
  }
  std::string BankSeals(const std::string& text) {
    return MakeMessage(text, absl::Now(),
                       {.signer = Key("bank").secret, .reader = Key("ours").open});
  }
};

BOOST_FIXTURE_TEST_SUITE(openpgp, Sealing, *boost::unit_test::precondition(IsFolders))

BOOST_AUTO_TEST_CASE(a_ready_channel_says_that_it_seals_and_has_no_findings) {
  const auto findings = channel->Check();
  BOOST_REQUIRE_MESSAGE(findings.ok(), findings.status().ToString());
  BOOST_TEST(findings->empty());
  BOOST_TEST(channel->capabilities().sealed_suffix == ".pgp");
  BOOST_TEST(channel->capabilities().unseals);
  BOOST_TEST(Make()->capabilities().sealed_suffix.empty());
  BOOST_TEST(!Make()->capabilities().unseals);
}

BOOST_AUTO_TEST_CASE(what_leaves_is_signed_by_us_and_opens_at_the_bank) {
  const auto sealed = channel->Seal(kOrder);
  BOOST_REQUIRE_MESSAGE(sealed.ok(), sealed.status().ToString());
  BOOST_REQUIRE(sealed->has_value());
  BOOST_TEST(BankOpens(**sealed) == kOrder);
  BOOST_REQUIRE(Submit("a.xml.pgp", **sealed).ok());
  BOOST_TEST(ReadFile(folder / "outbox" / "a.xml.pgp") == **sealed);
  BOOST_TEST((Find("a.xml.pgp", **sealed).value() == FilePlace::kOutbox));
}

BOOST_AUTO_TEST_CASE(another_sealing_of_the_same_file_is_a_conflict_and_seen_as_such) {
  const std::string first = channel->Seal(kOrder)->value();
  const std::string second = channel->Seal(kOrder)->value();
  BOOST_TEST((first != second));
  BOOST_REQUIRE(Submit("a.xml.pgp", first).ok());
  BOOST_TEST((Find("a.xml.pgp", second).value() == FilePlace::kAltered));
  BOOST_TEST(base::Is(Submit("a.xml.pgp", second), Reason::kChannelFileConflict));
  // Whatever its bytes were: once the bank took it, it has it.
  TakeAll();
  BOOST_TEST((Find("a.xml.pgp", second).value() == FilePlace::kTaken));
  BOOST_TEST(base::Is(Submit("a.xml.pgp", second), Reason::kChannelFileConflict));
  BOOST_TEST(HandedOver().empty());
  BOOST_TEST((channel->Find({"a.xml.pgp", "MSG-1", ""}).value() == FilePlace::kTaken));
}

struct Out {
  const char* name;
  bool sign;
  bool encrypt;
  bool armor;
};
std::ostream& operator<<(std::ostream& out, const Out& c) { return out << c.name; }
const Out kOuts[] = {{"armored", true, true, true},
                     {"signed only", true, false, false},
                     {"encrypted only", false, true, false}};

BOOST_DATA_TEST_CASE(files_leave_as_agreed, bdata::make(kOuts), c) {
  channel = With("ours", "bank", {{"sign", c.sign}, {"encrypt", c.encrypt}, {"armor", c.armor}});
  BOOST_TEST(channel->Check()->empty());
  const std::string sealed = channel->Seal(kOrder)->value();
  BOOST_TEST(BankOpens(sealed, c.sign, c.encrypt) == kOrder);
  BOOST_TEST(sealed.starts_with("-----BEGIN PGP MESSAGE-----") == c.armor);
}

BOOST_AUTO_TEST_CASE(a_channel_that_only_opens_sends_files_as_they_are) {
  channel = With("ours", "bank", {{"sign", false}, {"encrypt", false}});
  BOOST_TEST(channel->capabilities().sealed_suffix.empty());
  BOOST_TEST(!channel->Seal(kOrder)->has_value());
  BOOST_TEST(channel->Unseal("a", BankSeals(kOrder))->value() == kOrder);
}

BOOST_AUTO_TEST_CASE(what_comes_is_given_as_it_came_and_opened_beside_that) {
  const std::string sealed = BankSeals(kOrder);
  Arrive("day.xml.pgp", sealed);
  const auto files = channel->Poll(10);
  BOOST_REQUIRE(files->size() == 1U);
  const std::string came = All(**channel->Open(files->front()));
  BOOST_TEST((came == sealed));
  const auto opened = channel->Unseal(files->front().name, came);
  BOOST_REQUIRE_MESSAGE(opened.ok(), opened.status().ToString());
  BOOST_TEST(opened->value() == kOrder);
  BOOST_TEST(channel->Done(files->front()).ok());
  BOOST_TEST((ReadFile(folder / "archive" / "day.xml.pgp") == sealed));
}

struct In {
  const char* name;
  std::string (*file)();
  bool verify;
  bool encrypted;
  Reason reason;  ///< kInternal: it is taken.
};
std::ostream& operator<<(std::ostream& out, const In& c) { return out << c.name; }
constexpr Reason kFine = Reason::kInternal;
std::string Plain() { return kOrder; }
std::string Signed() { return MakeMessage(kOrder, absl::Now(), {.signer = Key("bank").secret}); }
std::string Unsigned() { return MakeMessage(kOrder, absl::Now(), {.reader = Key("ours").open}); }
std::string Foreign() {
  return MakeMessage(kOrder, absl::Now(),
                     {.signer = Key("strangers").secret, .reader = Key("ours").open});
}
const In kIns[] = {
    {"plain, and it must be sealed", Plain, true, true, Reason::kOpenpgpRequired},
    {"plain, and it must be signed", Plain, true, false, Reason::kOpenpgpRequired},
    {"plain, and it must be encrypted", Plain, false, true, Reason::kOpenpgpRequired},
    {"plain, and nobody asks", Plain, false, false, kFine},
    {"signed, and it must be encrypted", Signed, true, true, Reason::kOpenpgpRequired},
    {"signed, as it must be", Signed, true, false, kFine},
    {"signed, and nobody asks", Signed, false, false, kFine},
    {"unsigned, and it must be signed", Unsigned, true, true, Reason::kOpenpgpSignatureInvalid},
    {"unsigned, and nobody asks", Unsigned, false, true, kFine},
    {"a stranger's", Foreign, true, true, Reason::kOpenpgpSignatureInvalid},
};

BOOST_DATA_TEST_CASE(files_are_taken_as_agreed, bdata::make(kIns), c) {
  channel =
      With("ours", "bank", {{"verify_incoming", c.verify}, {"encrypted_incoming", c.encrypted}});
  const std::string file = c.file();
  const auto opened = channel->Unseal("day.xml", file);
  BOOST_TEST(opened.ok() == (c.reason == kFine), opened.status().ToString());
  if (opened.ok()) {
    BOOST_TEST(opened->value_or(file) == kOrder);
  } else {
    BOOST_TEST(base::Is(opened.status(), c.reason), opened.status().ToString());
  }
}

BOOST_AUTO_TEST_CASE(a_name_that_says_that_it_is_sealed_is_held_to_it) {
  channel = With("ours", "bank", {{"verify_incoming", false}, {"encrypted_incoming", false}});
  BOOST_TEST(base::Is(channel->Unseal("day.xml.pgp", kOrder).status(), Reason::kOpenpgpRequired));
  BOOST_TEST(!channel->Unseal("day.xml", kOrder)->has_value());
}

// Keys.

struct KeyCase {
  const char* name;
  const char* own;
  const char* bank;
  const char* settings;  ///< Of openpgp.
  const char* field;     ///< "": it is taken.
};
std::ostream& operator<<(std::ostream& out, const KeyCase& c) { return out << c.name; }
const KeyCase kKeys[] = {
    {"nothing more than keys", "ours", "bank", "{}", ""},
    {"all of it", "ours", "bank",
     R"({"sign": true, "encrypt": true, "verify_incoming": true, "encrypted_incoming": true,
         "armor": true, "suffix": ".asc"})",
     ""},
    {"a key that ran out: what was handed over is to be found all the same", "ended", "bank", "{}",
     ""},
    {"no key of ours where none is needed", "", "bank",
     R"({"sign": false, "encrypted_incoming": false})", ""},
    {"no key of the bank's where none is needed", "ours", "bank",
     R"({"bank_key": null, "encrypt": false, "verify_incoming": false})", ""},
    {"no key of ours", "", "bank", "{}", "secret"},
    {"our key with a password", "locked", "bank", "{}", "secret"},
    {"our key is weak", "weak", "bank", "{}", "secret"},
    {"our key is revoked", "revoked", "bank", "{}", "secret"},
    {"the bank's key is weak", "ours", "weak", "{}", "settings.openpgp.bank_key"},
    {"the bank's key is revoked", "ours", "revoked", "{}", "settings.openpgp.bank_key"},
    {"the bank's key is ours", "ours", "ours", "{}", "settings.openpgp.bank_key"},
    {"no key of the bank's", "ours", "bank", R"({"bank_key": null})", "settings.openpgp.bank_key"},
    {"the bank's key is no text", "ours", "bank", R"({"bank_key": 7})",
     "settings.openpgp.bank_key"},
    {"the bank's key is no key", "ours", "bank", R"({"bank_key": "key"})",
     "settings.openpgp.bank_key"},
    {"a flag that is none", "ours", "bank", R"({"sign": "yes"})", "settings.openpgp.sign"},
    {"a setting that is none", "ours", "bank", R"({"sing": true})", "settings.openpgp.sing"},
    {"nothing to do", "ours", "bank",
     R"({"sign": false, "encrypt": false, "verify_incoming": false, "encrypted_incoming": false})",
     "settings.openpgp"},
    {"a suffix without a dot", "ours", "bank", R"({"suffix": "pgp"})", "settings.openpgp.suffix"},
    {"a suffix that leads elsewhere", "ours", "bank", R"({"suffix": "./../a"})",
     "settings.openpgp.suffix"},
    {"a suffix of unfinished files", "ours", "bank", R"({"suffix": ".tmp"})",
     "settings.openpgp.suffix"},
    {"a suffix that is too long", "ours", "bank", R"({"suffix": ".encrypted1"})",
     "settings.openpgp.suffix"},
    {"another fingerprint of ours", "ours", "bank",
     R"({"own_fingerprint": "0123456789ABCDEF0123456789ABCDEF01234567"})",
     "settings.openpgp.own_fingerprint"},
    {"a fingerprint of ours that is none", "ours", "bank", R"({"own_fingerprint": "0123"})",
     "settings.openpgp.own_fingerprint"},
    {"another fingerprint of the bank's", "ours", "bank",
     R"({"bank_fingerprints": ["0123456789ABCDEF0123456789ABCDEF01234567"]})",
     "settings.openpgp.bank_fingerprints"},
    {"no fingerprint of the bank's", "ours", "bank", R"({"bank_fingerprints": []})",
     "settings.openpgp.bank_fingerprints"},
};

BOOST_DATA_TEST_CASE(settings_of_openpgp_are_judged_with_the_name_of_the_wrong_one,
                     bdata::make(kKeys), c) {
  const auto made = Try(c.own, c.bank, json::parse(c.settings));
  BOOST_TEST(made.ok() == std::string_view(c.field).empty(), made.status().ToString());
  if (made.ok()) return;
  BOOST_TEST(base::Is(made.status(), Reason::kChannelInvalid));
  BOOST_TEST(base::InfoOf(made.status()).field == c.field);
  BOOST_TEST(made.status().ToString().find("PRIVATE KEY") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(fingerprints_are_taken_as_people_write_them) {
  std::string spaced;
  for (const char c : Key("bank").fingerprint) {
    if (spaced.size() % 5 == 4) spaced += ' ';
    spaced += static_cast<char>(std::tolower(c));
  }
  BOOST_TEST(Try("ours", "bank",
                 {{"own_fingerprint", Key("ours").fingerprint}, {"bank_fingerprints", {spaced}}})
                 .ok());
}

BOOST_AUTO_TEST_CASE(openpgp_is_an_object_and_of_folders_only) {
  json all = json::parse(settings);
  all["openpgp"] = "yes";
  auto made = MakeChannel(KindUnderTest(), all.dump(), secret, ChannelOptions(), clock);
  BOOST_TEST(base::InfoOf(made.status()).field == "settings.openpgp");
  made =
      MakeChannel("webhook", R"({"url": "https://b", "openpgp": {}})", "", ChannelOptions(), clock);
  BOOST_TEST(base::InfoOf(made.status()).field == "settings.openpgp");
}

BOOST_AUTO_TEST_CASE(what_else_stands_in_the_secret_is_the_login_and_a_folder_has_none) {
  json all = json::parse(settings);
  all["openpgp"] = {{"bank_key", Key("bank").open}};
  const std::string& key = Key("ours").secret;
  const bool has_login = KindUnderTest() == "sftp";
  for (const std::string& both : {StrCat(secret, "\n", key), StrCat(key, secret)}) {
    const auto made = MakeChannel(KindUnderTest(), all.dump(), both, ChannelOptions(), clock);
    BOOST_REQUIRE_MESSAGE(made.ok(), made.status().ToString());
    BOOST_TEST((*made)->Poll(1).ok());
  }
  const auto alone = MakeChannel(KindUnderTest(), all.dump(), key, ChannelOptions(), clock);
  BOOST_TEST(alone.ok() == !has_login);
  const auto other = MakeChannel("directory",
                                 R"({"outbox": "/a", "openpgp": {"bank_key": ")" +
                                     json(Key("bank").open).dump().substr(1) + "}}",
                                 "password\n" + key, ChannelOptions(), clock);
  BOOST_TEST(base::InfoOf(other.status()).field == "secret");
}

struct CheckCase {
  const char* name;
  const char* own;
  const char* bank;
  const char* reason;
  const char* field;
  bool error;
};
std::ostream& operator<<(std::ostream& out, const CheckCase& c) { return out << c.name; }
const CheckCase kChecks[] = {
    {"our key ran out", "ended", "bank", "OPENPGP_KEY_UNUSABLE", "secret", true},
    {"the bank's key ran out", "ours", "ended", "OPENPGP_KEY_UNUSABLE", "settings.openpgp.bank_key",
     true},
    {"our key signs only", "signs only", "bank", "OPENPGP_KEY_UNUSABLE", "secret", true},
    {"the bank's key signs only", "ours", "signs only", "OPENPGP_KEY_UNUSABLE",
     "settings.openpgp.bank_key", true},
    {"our key ends soon", "ends soon", "bank", "OPENPGP_KEY_EXPIRES", "secret", false},
    {"the bank's key ends soon", "ours", "ends soon", "OPENPGP_KEY_EXPIRES",
     "settings.openpgp.bank_key", false},
};

BOOST_DATA_TEST_CASE(a_check_tries_the_keys, bdata::make(kChecks), c) {
  channel = With(c.own, c.bank);
  const auto findings = channel->Check();
  BOOST_REQUIRE_MESSAGE(findings.ok(), findings.status().ToString());
  BOOST_REQUIRE(!findings->empty());
  for (const model::Finding& finding : *findings) {
    BOOST_TEST(finding.reason == c.reason);
    BOOST_TEST(finding.field == c.field);
  }
  BOOST_TEST(model::HasErrors(*findings) == c.error);
  const auto sealed = channel->Seal(kOrder);
  if (!sealed.ok()) {
    BOOST_TEST(base::Is(sealed.status(), Reason::kOpenpgpKeyUnusable));
    BOOST_TEST((base::OutcomeOf(sealed.status()) == base::Outcome::kNotApplied));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::bank::testing
