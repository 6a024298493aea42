// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "adapters/bank/file_seal.h"
#include "adapters/bank/folders.h"
#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::bank {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;
using nlohmann::json;

constexpr char kKey[] = "openpgp";
constexpr size_t kSuffixMax = 10;
constexpr size_t kFingerprintSize = 40;
constexpr size_t kFingerprintsMax = 10;

absl::Status Invalid(std::string_view key, std::string what) {
  return Error(Reason::kChannelInvalid)
      .Field(StrCat("settings.", kKey, key.empty() ? "" : ".", key))
      .Says(std::move(what));
}

absl::Status ReadFlag(const json& in, const char* key, bool* out) {
  if (!in.contains(key)) return absl::OkStatus();
  if (!in[key].is_boolean()) return Invalid(key, "true or false");
  *out = in[key].get<bool>();
  return absl::OkStatus();
}

/// As people write them, with spaces or without, to capitals; empty: it is none.
std::string FingerprintOf(const json& value) {
  if (!value.is_string()) return "";
  std::string out;
  for (const char c : value.get<std::string>()) {
    if (c == ' ') continue;
    if (std::isxdigit(static_cast<unsigned char>(c)) == 0) return "";
    out += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return out.size() == kFingerprintSize ? out : "";
}

absl::Status ReadFingerprints(const json& in, SealSettings& out) {
  constexpr char kForm[] = "a fingerprint is 40 hexadecimal digits, as `gpg --fingerprint` prints";
  if (in.contains("own_fingerprint")) {
    out.own_fingerprint = FingerprintOf(in["own_fingerprint"]);
    if (out.own_fingerprint.empty()) return Invalid("own_fingerprint", kForm);
  }
  if (!in.contains("bank_fingerprints")) return absl::OkStatus();
  const json& all = in["bank_fingerprints"];
  if (!all.is_array() || all.empty() || all.size() > kFingerprintsMax) {
    return Invalid("bank_fingerprints", "1 to 10 fingerprints of the bank's keys");
  }
  for (const json& one : all) {
    out.bank_fingerprints.push_back(FingerprintOf(one));
    if (out.bank_fingerprints.back().empty()) return Invalid("bank_fingerprints", kForm);
  }
  return absl::OkStatus();
}

absl::Status ReadSuffix(const json& in, SealSettings& out) {
  if (!in.contains("suffix")) return absl::OkStatus();
  const std::string suffix = in["suffix"].is_string() ? in["suffix"].get<std::string>() : "";
  const bool fine = suffix.size() >= 2 && suffix.size() <= kSuffixMax && suffix.front() == '.' &&
                    std::ranges::all_of(suffix, [](unsigned char c) {
                      return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_';
                    });
  if (!fine || std::ranges::find(kUnfinishedEnds, suffix) != std::end(kUnfinishedEnds)) {
    return Invalid("suffix",
                   "'.' and 1 to 9 letters, digits, '.', '-' or '_', and none that "
                   "unfinished files have");
  }
  out.suffix = suffix;
  return absl::OkStatus();
}

absl::Status CheckUse(const SealSettings& settings) {
  if (!settings.Outgoing() && !settings.verify_incoming && !settings.encrypted_incoming) {
    return Invalid("", "nothing is signed, encrypted or verified: leave it out");
  }
  const bool needs_bank = settings.encrypt || settings.verify_incoming;
  if (needs_bank && settings.bank_key.empty()) return Invalid("bank_key", "is missing");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::optional<SealSettings>> ReadSealSettings(std::string_view text) {
  const json all = json::parse(text, nullptr, false);
  if (!all.is_object() || !all.contains(kKey)) return std::optional<SealSettings>();
  const json& in = all[kKey];
  if (!in.is_object()) return Invalid("", "must be a JSON object");
  SealSettings out;
  const std::pair<const char*, bool*> flags[] = {{"sign", &out.sign},
                                                 {"encrypt", &out.encrypt},
                                                 {"verify_incoming", &out.verify_incoming},
                                                 {"encrypted_incoming", &out.encrypted_incoming},
                                                 {"armor", &out.armor}};
  std::vector<std::string> known = {"suffix", "bank_key", "own_fingerprint", "bank_fingerprints"};
  for (const auto& [key, flag] : flags) {
    known.emplace_back(key);
    KONTOR_RETURN_IF_ERROR(ReadFlag(in, key, flag));
  }
  for (const auto& [key, value] : in.items()) {
    if (std::ranges::find(known, key) == known.end()) return Invalid(key, "no setting of openpgp");
  }
  KONTOR_RETURN_IF_ERROR(ReadSuffix(in, out));
  KONTOR_RETURN_IF_ERROR(ReadFingerprints(in, out));
  if (in.contains("bank_key")) {
    if (!in["bank_key"].is_string()) return Invalid("bank_key", "an armored public key");
    out.bank_key = in["bank_key"].get<std::string>();
  }
  KONTOR_RETURN_IF_ERROR(CheckUse(out));
  return std::optional<SealSettings>(std::move(out));
}

SecretParts SplitOpenPgpKey(std::string_view secret) {
  constexpr std::string_view kBegin = "-----BEGIN PGP PRIVATE KEY BLOCK-----";
  constexpr std::string_view kEnd = "-----END PGP PRIVATE KEY BLOCK-----";
  SecretParts parts;
  const size_t begin = secret.find(kBegin);
  const size_t end = begin == std::string_view::npos ? begin : secret.find(kEnd, begin);
  if (end == std::string_view::npos) {
    parts.rest = std::string(secret);
    return parts;
  }
  const size_t behind = end + kEnd.size();
  parts.key = crypto::SecretString(StrCat(secret.substr(begin, behind - begin), "\n"));
  std::string_view before = secret.substr(0, begin);
  std::string_view after = secret.substr(behind);
  // Only line ends part the two; anything else may be of a password.
  while (!after.empty() && (after.front() == '\n' || after.front() == '\r')) after.remove_prefix(1);
  if (after.empty()) {
    while (!before.empty() && (before.back() == '\n' || before.back() == '\r')) {
      before.remove_suffix(1);
    }
  }
  parts.rest = StrCat(before, after);
  return parts;
}

}  // namespace kontor::bank
