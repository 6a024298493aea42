// SPDX-License-Identifier: Apache-2.0
#include "adapters/bank/file_seal.h"

#include <algorithm>

#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::bank {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;
using crypto::OpenPgp;
using crypto::OpenPgpKeyFacts;

constexpr char kBankKey[] = "settings.openpgp.bank_key";
constexpr char kSecret[] = "secret";
constexpr absl::Duration kExpiresSoon = absl::Hours(24 * 30);

absl::Status Invalid(std::string_view field, std::string_view what) {
  return Error(Reason::kChannelInvalid).Field(field).Says(what);
}

/// Where the person who made the channel wrote the key that is wrong.
std::string FieldOf(const absl::Status& status) {
  return base::InfoOf(status).field == "own" ? kSecret : kBankKey;
}

/// The same of a key, by the setting that holds it. Nothing was handed over.
absl::Status AtSetting(const absl::Status& status) {
  if (!base::Is(status, Reason::kOpenpgpKeyUnusable)) return status;
  return Error(Reason::kOpenpgpKeyUnusable)
      .Field(FieldOf(status))
      .Happened(base::Outcome::kNotApplied)
      .Says(model::FindingOf(status).message);
}

absl::Status CheckFingerprints(const SealSettings& settings, const OpenPgp& keys) {
  if (!settings.own_fingerprint.empty() && keys.own() &&
      keys.own()->fingerprint != settings.own_fingerprint) {
    return Invalid("settings.openpgp.own_fingerprint",
                   StrCat("the secret holds the key ", keys.own()->fingerprint));
  }
  if (settings.bank_fingerprints.empty()) return absl::OkStatus();
  for (const OpenPgpKeyFacts& facts : keys.theirs()) {
    if (std::ranges::count(settings.bank_fingerprints, facts.fingerprint) > 0) continue;
    return Invalid("settings.openpgp.bank_fingerprints",
                   StrCat("bank_key holds the key ", facts.fingerprint));
  }
  return absl::OkStatus();
}

/// The key does what it is there for, and for how long; `use`: "signs".
void CheckUntil(const OpenPgpKeyFacts& facts, absl::Time until, const char* use, const char* field,
                absl::Time now, std::vector<model::Finding>& findings) {
  if (until <= now || until - now > kExpiresSoon) return;  // what it does not do, its use tells
  model::Finding finding =
      model::MakeFinding(Reason::kOpenpgpKeyExpires, field,
                         StrCat("The key ", facts.fingerprint, " ", use, " only until ",
                                absl::FormatTime("%Y-%m-%d", until, absl::UTCTimeZone())));
  finding.severity = model::Severity::kWarning;
  findings.push_back(std::move(finding));
}

}  // namespace

absl::StatusOr<std::shared_ptr<const FileSeal>> FileSeal::Make(SealSettings settings,
                                                               crypto::SecretString own_key,
                                                               int64_t file_bytes_max,
                                                               absl::Time now) {
  if (settings.NeedsOwnKey() && own_key.Reveal().empty()) {
    return Invalid(kSecret, "our armored OpenPGP secret key is needed");
  }
  OpenPgp::Keys keys;
  keys.own = std::move(own_key);
  keys.theirs = settings.bank_key;
  auto made = OpenPgp::Make(std::move(keys), now);
  if (!made.ok()) return Invalid(FieldOf(made.status()), model::FindingOf(made.status()).message);
  KONTOR_RETURN_IF_ERROR(CheckFingerprints(settings, *made));
  return std::shared_ptr<const FileSeal>(new FileSeal(std::move(settings), *std::move(made),
                                                      std::min(file_bytes_max, kOpenedBytesMax)));
}

absl::StatusOr<std::string> FileSeal::Seal(std::string_view bytes, absl::Time now) const {
  auto sealed = keys_.Seal(bytes, {settings_.sign, settings_.encrypt, settings_.armor, now});
  if (sealed.ok()) return sealed;
  return AtSetting(sealed.status());
}

absl::StatusOr<std::optional<std::string>> FileSeal::Unseal(std::string_view name,
                                                            std::string_view bytes,
                                                            absl::Time now) const {
  const bool must = settings_.verify_incoming || settings_.encrypted_incoming;
  const bool may = name.ends_with(settings_.suffix) || OpenPgp::LooksLikeMessage(bytes);
  if (!must && !may) return std::optional<std::string>();
  OpenPgp::OpenOptions options;
  options.must_be_encrypted = settings_.encrypted_incoming;
  options.must_be_signed = settings_.verify_incoming;
  options.bytes_max = bytes_max_;
  options.now = now;
  KONTOR_ASSIGN_OR_RETURN(std::string opened, keys_.Open(bytes, options));
  return std::optional<std::string>(std::move(opened));
}

std::vector<model::Finding> FileSeal::Check(absl::Time now) const {
  std::vector<model::Finding> findings;
  const auto add = [&](const absl::Status& status) {
    if (!status.ok()) findings.push_back(model::FindingOf(status));
  };
  if (settings_.Outgoing()) add(Seal("kontor looks whether its keys do", now).status());
  if (settings_.encrypted_incoming) add(AtSetting(keys_.TryOwnKey(now)));
  if (keys_.own()) {
    const OpenPgpKeyFacts& own = *keys_.own();
    if (settings_.sign) CheckUntil(own, own.signs_until, "signs", kSecret, now, findings);
    if (settings_.encrypted_incoming) {
      CheckUntil(own, own.encrypts_until, "is encrypted to", kSecret, now, findings);
    }
  }
  bool verifies = !settings_.verify_incoming;
  for (const OpenPgpKeyFacts& bank : keys_.theirs()) {
    verifies = verifies || bank.signs_until > now;
    if (settings_.verify_incoming) {
      CheckUntil(bank, bank.signs_until, "signs", kBankKey, now, findings);
    }
    if (settings_.encrypt) {
      CheckUntil(bank, bank.encrypts_until, "can be encrypted to", kBankKey, now, findings);
    }
  }
  if (!verifies) {
    findings.push_back(
        model::MakeFinding(Reason::kOpenpgpKeyUnusable, kBankKey, "None of the bank's keys signs"));
  }
  return findings;
}

}  // namespace kontor::bank
