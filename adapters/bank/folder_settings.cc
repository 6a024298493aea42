// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <nlohmann/json.hpp>

#include "adapters/bank/folder_channel.h"
#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::bank {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;
using nlohmann::json;

constexpr int64_t kRestMax = 3600;
constexpr size_t kSuffixMax = 20;

absl::Status Invalid(const std::string& key, std::string what) {
  return Error(Reason::kChannelInvalid).Field(StrCat("settings.", key)).Says(std::move(what));
}

bool IsPath(const std::string& path) {
  return path.starts_with('/') && path.size() > 1 && !path.ends_with('/') &&
         path.find("/../") == std::string::npos && !path.ends_with("/..") &&
         path.find('\0') == std::string::npos;
}

absl::Status ReadPath(const json& in, const char* key, std::string* out) {
  if (!in.contains(key)) return absl::OkStatus();
  if (!in[key].is_string() || !IsPath(in[key].get<std::string>())) {
    return Invalid(key, "an absolute path without '..' and without '/' at its end");
  }
  *out = in[key].get<std::string>();
  return absl::OkStatus();
}

absl::Status CheckPaths(const FolderSettings& settings) {
  if (settings.outbox.empty() && settings.inbox.empty()) {
    return Invalid("outbox", "an outbox, an inbox or both are needed");
  }
  if (!settings.archive.empty() && settings.inbox.empty()) {
    return Invalid("archive", "an archive is of an inbox, and there is none");
  }
  const std::pair<const char*, const std::string*> incoming[] = {
      {"archive", &settings.archive}, {"outbox", &settings.outbox}};
  for (const auto& [key, path] : incoming) {
    // What kontor puts there would come in again.
    if (!path->empty() && *path == settings.inbox) {
      return Invalid(key, "must not be the inbox");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<FolderSettings> ReadFolderSettings(std::string_view text,
                                                  const std::vector<std::string>& others) {
  const json in = json::parse(text, nullptr, false);
  if (!in.is_object()) {
    return Error(Reason::kChannelInvalid).Field("settings").Says("must be a JSON object");
  }
  FolderSettings settings;
  const std::pair<const char*, std::string*> paths[] = {
      {"outbox", &settings.outbox},
      {"inbox", &settings.inbox},
      {"archive", &settings.archive},
      {"sent", &settings.sent},
      {"acknowledgements", &settings.acknowledgements}};
  std::vector<std::string> known = others;
  for (const auto& [key, path] : paths) {
    known.emplace_back(key);
    KONTOR_RETURN_IF_ERROR(ReadPath(in, key, path));
  }
  known.insert(known.end(), {"acknowledgement_suffix", "rest_seconds", "openpgp"});
  for (const auto& [key, value] : in.items()) {
    if (std::ranges::find(known, key) == known.end()) {
      return Invalid(key, "no setting of this kind of channel");
    }
  }
  if (in.contains("acknowledgement_suffix")) {
    const json& suffix = in["acknowledgement_suffix"];
    if (!suffix.is_string() || suffix.get<std::string>().empty() ||
        suffix.get<std::string>().size() > kSuffixMax ||
        suffix.get<std::string>().find('/') != std::string::npos) {
      return Invalid("acknowledgement_suffix", "1 to 20 characters without '/'");
    }
    settings.acknowledgement_suffix = suffix.get<std::string>();
  }
  if (in.contains("rest_seconds")) {
    const json& rest = in["rest_seconds"];
    if (!rest.is_number_integer() || rest.get<int64_t>() < 0 || rest.get<int64_t>() > kRestMax) {
      return Invalid("rest_seconds", "whole seconds from 0 to 3600");
    }
    settings.rest = absl::Seconds(rest.get<int64_t>());
  }
  KONTOR_RETURN_IF_ERROR(CheckPaths(settings));
  return settings;
}

}  // namespace kontor::bank
