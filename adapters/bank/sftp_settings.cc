// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "adapters/bank/sftp_folders.h"
#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::bank {
namespace {

using base::Error;
using base::Reason;
using nlohmann::json;

constexpr int kPortMax = 65535;
constexpr size_t kHostMax = 253;
constexpr size_t kHostKeysMax = 10;
constexpr std::string_view kFingerprint = "SHA256:";
constexpr size_t kFingerprintSize = 7 + 43;  // 32 bytes as base64 without padding

absl::Status Invalid(const std::string& key, const std::string& what) {
  return Error(Reason::kChannelInvalid).Field(base::StrCat("settings.", key)).Says(what);
}

bool IsFingerprint(const json& value) {
  if (!value.is_string()) return false;
  const auto text = value.get<std::string>();
  return text.starts_with(kFingerprint) && text.size() == kFingerprintSize;
}

}  // namespace

const std::vector<std::string>& SftpKeys() {
  static const auto* const kKeys =
      new std::vector<std::string>{"host", "port", "user", "host_keys"};
  return *kKeys;
}

absl::StatusOr<SftpTarget> ReadSftpTarget(std::string_view text, std::string_view secret) {
  const json in = json::parse(text, nullptr, false);
  if (!in.is_object()) return Invalid("", "must be a JSON object");
  SftpTarget target;
  for (const auto& [key, out] : {std::pair{"host", &target.host}, {"user", &target.user}}) {
    if (!in.contains(key) || !in[key].is_string()) return Invalid(key, "is missing");
    *out = in[key].get<std::string>();
    if (out->empty() || out->size() > kHostMax) return Invalid(key, "1 to 253 characters");
  }
  if (in.contains("port")) {
    const json& port = in["port"];
    if (!port.is_number_integer() || port.get<int64_t>() < 1 || port.get<int64_t>() > kPortMax) {
      return Invalid("port", "1 to 65535");
    }
    target.port = static_cast<int>(port.get<int64_t>());
  }
  const json& keys = in.contains("host_keys") ? in["host_keys"] : json();
  if (!keys.is_array() || keys.empty() || keys.size() > kHostKeysMax) {
    return Invalid("host_keys",
                   "1 to 10 fingerprints of the server's keys, as the bank states them");
  }
  for (const json& key : keys) {
    if (!IsFingerprint(key)) {
      return Invalid("host_keys", "a fingerprint is SHA256: and 43 characters, as ssh-keygen -l "
                                  "prints it");
    }
    target.host_keys.push_back(key.get<std::string>());
  }
  if (secret.empty()) {
    return Error(Reason::kChannelInvalid)
        .Field("secret")
        .Says("a password or a private key is needed");
  }
  const bool is_key = secret.starts_with("-----BEGIN");
  (is_key ? target.private_key : target.password) = std::string(secret);
  return target;
}

}  // namespace kontor::bank
