// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "adapters/bank/webhook_channel.h"
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/crypto/standard_webhooks.h"
#include "server/model/bank.h"

namespace kontor::bank {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;
using nlohmann::json;

constexpr size_t kUrlMax = 2000;
constexpr std::string_view kPlace = "{message_id}";

absl::Status Invalid(const std::string& key, std::string what) {
  return Error(Reason::kChannelInvalid).Field(StrCat("settings.", key)).Says(std::move(what));
}

absl::Status ReadUrl(const json& in, const char* key, bool allow_plain_http, std::string* out) {
  if (!in[key].is_string()) return Invalid(key, "an address is a text");
  const std::string url = in[key].get<std::string>();
  const bool scheme =
      url.starts_with("https://") || (allow_plain_http && url.starts_with("http://"));
  if (!scheme || url.size() > kUrlMax) {
    return Invalid(key, "an address begins with https:// and has 2000 characters at most");
  }
  *out = url;
  return absl::OkStatus();
}

absl::Status ReadSecrets(std::string_view secret, WebhookTarget* out) {
  const auto both = model::SplitSecrets(secret);
  const bool good =
      both && crypto::SecretBytes(both->ours).ok() && crypto::SecretBytes(both->banks).ok();
  if (!good) {
    return Error(Reason::kChannelInvalid)
        .Field("secret")
        .Says(
            "two different secrets are needed, ours and the bank's: whsec_ and 24 to 64 bytes "
            "in base64 each, parted by a space");
  }
  out->our_secret = both->ours;
  out->bank_secret = both->banks;
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<WebhookTarget> ReadWebhookTarget(std::string_view text, std::string_view secret,
                                                bool allow_plain_http) {
  const json in = json::parse(text, nullptr, false);
  if (!in.is_object()) {
    return Error(Reason::kChannelInvalid).Field("settings").Says("must be a JSON object");
  }
  for (const auto& [key, value] : in.items()) {
    if (key != "url" && key != "status_url") {
      return Invalid(key, "no setting of this kind of channel");
    }
  }
  WebhookTarget target;
  if (!in.contains("url")) return Invalid("url", "is missing");
  KONTOR_RETURN_IF_ERROR(ReadUrl(in, "url", allow_plain_http, &target.url));
  if (in.contains("status_url")) {
    KONTOR_RETURN_IF_ERROR(ReadUrl(in, "status_url", allow_plain_http, &target.status_url));
    if (target.status_url.find(kPlace) == std::string::npos) {
      return Invalid("status_url", "holds {message_id}, where the order's id goes");
    }
  }
  KONTOR_RETURN_IF_ERROR(ReadSecrets(secret, &target));
  return target;
}

}  // namespace kontor::bank
