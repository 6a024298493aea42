// SPDX-License-Identifier: Apache-2.0
// Channels and our accounts as JSON. Their rules are in bank_check.cc.
#include "server/model/bank.h"

#include <algorithm>
#include <array>

#include "server/base/clock.h"
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/model/internal/bank_json.h"
#include "server/model/validate.h"

namespace kontor::model {
namespace {

using internal::Findings;
using internal::Json;
using internal::JsonFields;
using internal::PutEach;
using internal::PutFlag;
using internal::PutObject;
using internal::PutText;

constexpr std::array<std::string_view, 4> kStates = {"SHADOW", "LIVE", "PAUSED", "TEST"};
constexpr size_t kCutOffsMax = 50;

void ReadDays(JsonFields& in, const char* key, std::vector<base::Date>& out) {
  std::vector<std::string> texts;
  in.Texts(key, texts);
  for (const std::string& text : texts) {
    const auto day = base::Date::Parse(text);
    if (!day.ok()) return in.Wrong(key, base::StrCat("has '", text, "', which is no date"));
    out.push_back(*day);
  }
}

void Read(JsonFields& in, Channel& out, bool with_secret) {
  in.Text("id", out.id);
  in.Text("name", out.name);
  in.Text("description", out.description);
  in.Text("kind", out.kind);
  in.Text("settings", out.settings);
  if (with_secret) in.Text("secret", out.secret);
  internal::ReadDuration(in, "poll_interval", out.poll_interval);
  in.Text("time_zone", out.time_zone);
  in.List("cut_offs", out.cut_offs, kCutOffsMax, [](JsonFields& item, CutOff& cut_off) {
    item.Text("service_level", cut_off.service_level);
    item.Text("currency_code", cut_off.currency_code);
    item.Text("time", cut_off.time);
  });
  ReadDays(in, "holidays", out.holidays);
  internal::ReadDuration(in, "answer_within", out.answer_within);
  internal::ReadDuration(in, "settle_within", out.settle_within);
  internal::ReadDuration(in, "remind_before", out.remind_before);
  internal::ReadDuration(in, "escalate_before", out.escalate_before);
  in.Whole("version", out.version);
  for (const char* ours : {"state", "signed_by", "has_secret", "create_time", "update_time"}) {
    in.Skip(ours);
  }
  if (out.time_zone.empty()) out.time_zone = "UTC";
}

Json Write(const Channel& in, bool with_secret) {
  Json out = {{"id", in.id},
              {"name", in.name},
              {"kind", in.kind},
              {"poll_interval", internal::DurationText(in.poll_interval)},
              {"answer_within", internal::DurationText(in.answer_within)},
              {"settle_within", internal::DurationText(in.settle_within)},
              {"remind_before", internal::DurationText(in.remind_before)},
              {"escalate_before", internal::DurationText(in.escalate_before)},
              {"time_zone", in.time_zone}};
  PutText(out, "description", in.description);
  PutText(out, "settings", in.settings);
  if (with_secret) PutText(out, "secret", in.secret);
  PutEach(out, "cut_offs", in.cut_offs, [](const CutOff& cut_off) {
    Json item = {{"time", cut_off.time}};
    PutText(item, "service_level", cut_off.service_level);
    PutText(item, "currency_code", cut_off.currency_code);
    return item;
  });
  PutEach(out, "holidays", in.holidays,
          [](const base::Date& day) { return Json(day.ToString()); });
  return out;
}

void Read(JsonFields& in, OwnAccount& out) {
  in.Text("id", out.id);
  in.Text("name", out.name);
  in.Text("entity", out.entity);
  in.Text("iban", out.iban);
  in.Text("bic", out.bic);
  std::optional<Currency> currency;
  in.Parsed("currency_code", currency, Currency::Parse);
  out.currency = currency.value_or(Currency());
  in.Text("holder_name", out.holder_name);
  in.Object("address", [&](JsonFields& at) { internal::ReadAddress(at, out.address); });
  in.Text("organisation_id", out.organisation_id);
  in.Text("journal_code", out.journal_code);
  in.Text("outstanding_account", out.outstanding_account);
  in.Text("channel", out.channel);
  in.Text("dialect", out.dialect);
  in.Text("csv_mapping", out.csv_mapping);
  internal::ReadDuration(in, "stale_after", out.stale_after);
  in.Flag("disabled", out.disabled);
  in.Whole("version", out.version);
  for (const char* ours : {"create_time", "update_time"}) in.Skip(ours);
}

Json Write(const OwnAccount& in) {
  Json out = {{"id", in.id},
              {"name", in.name},
              {"entity", in.entity},
              {"iban", in.iban},
              {"currency_code", in.currency.code()},
              {"holder_name", in.holder_name},
              {"journal_code", in.journal_code},
              {"channel", in.channel},
              {"stale_after", internal::DurationText(in.stale_after)}};
  PutText(out, "bic", in.bic);
  PutObject(out, "address", internal::WriteAddress(in.address));
  PutText(out, "organisation_id", in.organisation_id);
  PutText(out, "outstanding_account", in.outstanding_account);
  PutText(out, "dialect", in.dialect);
  PutText(out, "csv_mapping", in.csv_mapping);
  PutFlag(out, "disabled", in.disabled);
  return out;
}

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

template <typename T, typename ReadIt>
T ReadFrom(std::string_view json, const char* path, std::vector<Finding>* findings,
           ReadIt read_it) {
  T out;
  Findings found;
  const Json body = Json::parse(json, nullptr, false);
  if (body.is_discarded()) {
    found.Add(base::Reason::kJsonInvalid, path, "is no JSON");
  } else {
    JsonFields fields(body, path, found);
    read_it(fields, out);
    fields.Finish();
  }
  *findings = found.Take();
  return out;
}

absl::Status Unreadable(std::string_view what) {
  return base::Error(base::Reason::kInternal)
      .Says(base::StrCat("the row of a ", what, " is unreadable"));
}

}  // namespace

std::string_view NameOf(ChannelState state) { return kStates[static_cast<size_t>(state)]; }

Channel ReadChannel(std::string_view json, std::vector<Finding>* findings) {
  return ReadFrom<Channel>(json, "channel", findings,
                           [](JsonFields& in, Channel& out) { Read(in, out, true); });
}

OwnAccount ReadOwnAccount(std::string_view json, std::vector<Finding>* findings) {
  OwnAccount account = ReadFrom<OwnAccount>(json, "account", findings,
                                            [](JsonFields& in, OwnAccount& out) { Read(in, out); });
  account.iban = NormalAccountNumber(account.iban);
  return account;
}

std::string WriteChannel(const Channel& channel) {
  Json out = Write(channel, false);
  out["state"] = base::StrCat("STATE_", NameOf(channel.state));
  out["has_secret"] = !channel.secret.empty();
  if (!channel.signers.empty()) out["signed_by"] = channel.signers;
  out["create_time"] = base::FormatInstant(channel.created);
  out["update_time"] = base::FormatInstant(channel.updated);
  out["version"] = base::StrCat(channel.version);
  return Dump(out);
}

std::string WriteOwnAccount(const OwnAccount& account) {
  Json out = Write(account);
  out["create_time"] = base::FormatInstant(account.created);
  out["update_time"] = base::FormatInstant(account.updated);
  out["version"] = base::StrCat(account.version);
  return Dump(out);
}

std::string ChannelBody(const Channel& channel) {
  Json out = {{"channel", Write(channel, true)},
              {"state", std::string(NameOf(channel.state))},
              {"before_pause", std::string(NameOf(channel.before_pause))},
              {"signers", channel.signers}};
  return Dump(out);
}

absl::StatusOr<Channel> ChannelFromBody(std::string_view text) {
  const Json body = Json::parse(text, nullptr, false);
  if (!body.is_object() || !body.contains("channel")) return Unreadable("channel");
  Findings found;
  Channel channel;
  JsonFields all(body, "", found);
  all.Object("channel", [&](JsonFields& part) { Read(part, channel, true); });
  all.Name("state", channel.state, "", kStates);
  all.Name("before_pause", channel.before_pause, "", kStates);
  all.Texts("signers", channel.signers);
  all.Finish();
  if (!found.IsEmpty()) return Unreadable("channel");
  return channel;
}

std::string OwnAccountBody(const OwnAccount& account) { return Dump(Write(account)); }

absl::StatusOr<OwnAccount> OwnAccountFromBody(std::string_view text) {
  std::vector<Finding> findings;
  OwnAccount account = ReadOwnAccount(text, &findings);
  if (!findings.empty()) return Unreadable("bank account");
  return account;
}

std::optional<ChannelSecrets> SplitSecrets(std::string_view secret) {
  constexpr std::string_view kWhite = " \t\r\n";
  std::vector<std::string> words;
  while (true) {
    secret.remove_prefix(std::min(secret.find_first_not_of(kWhite), secret.size()));
    if (secret.empty()) break;
    const size_t end = std::min(secret.find_first_of(kWhite), secret.size());
    words.emplace_back(secret.substr(0, end));
    secret.remove_prefix(end);
  }
  // One secret both ways would let what kontor sends come back as the bank's word.
  if (words.size() != 2 || words[0] == words[1]) return std::nullopt;
  return ChannelSecrets{words[0], words[1]};
}

bool NeedsSigningAgain(const Channel& before, const Channel& after) {
  return before.kind != after.kind || before.settings != after.settings ||
         before.secret != after.secret;
}

}  // namespace kontor::model
