// SPDX-License-Identifier: Apache-2.0
// What channels and accounts must have to be of use, and when a bank executes.
#include <algorithm>
#include <array>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/base/text.h"
#include "server/model/bank.h"
#include "server/model/internal/bank_json.h"
#include "server/model/validate.h"

namespace kontor::model {
namespace {

using base::Date;
using base::Reason;
using base::StrCat;
using internal::FieldAt;
using internal::Findings;

constexpr int kNameCharactersMax = 64;
constexpr int kTextCharactersMax = 200;
constexpr int kHolderCharactersMax = 70;
constexpr int kIdCharactersMax = 35;
constexpr int kCodeCharactersMax = 64;
constexpr size_t kSettingsBytesMax = 16UL << 10;
constexpr size_t kDialectBytesMax = 256UL << 10;
constexpr size_t kHolidaysMax = 1000;
constexpr std::array<std::string_view, 3> kKinds = {"directory", "sftp", "webhook"};

void CheckName(const std::string& name, const char* field, Findings& findings) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  if (name.empty()) {
    findings.Add(Reason::kFieldMissing, field, "A name is missing");
  } else if (name.size() > kNameCharactersMax || !std::all_of(name.begin(), name.end(), fits)) {
    findings.Add(Reason::kFieldInvalid, field, "A name has 1 to 64 of a-z, 0-9 and '-'");
  }
}

void CheckObject(const std::string& json, size_t most, const std::string& field,
                 Findings& findings) {
  if (json.empty()) return;
  if (json.size() > most) {
    findings.Add(Reason::kFieldTooLong, field, StrCat("At most ", most, " bytes"));
  } else if (!internal::Json::parse(json, nullptr, false).is_object()) {
    findings.Add(Reason::kJsonInvalid, field, "This is no JSON object");
  }
}

/// Minutes of the day; none when it is no "HH:MM".
std::optional<int> MinutesOf(std::string_view time) {
  const auto digit = [&](size_t at) { return time[at] >= '0' && time[at] <= '9'; };
  constexpr size_t kLength = 5;
  if (time.size() != kLength || time[2] != ':') return std::nullopt;
  if (!digit(0) || !digit(1) || !digit(3) || !digit(4)) return std::nullopt;
  const int hours = (time[0] - '0') * 10 + (time[1] - '0');
  const int minutes = (time[3] - '0') * 10 + (time[4] - '0');
  constexpr int kHours = 24;
  constexpr int kMinutes = 60;
  if (hours >= kHours || minutes >= kMinutes) return std::nullopt;
  return hours * kMinutes + minutes;
}

void CheckCutOffs(const Channel& channel, Findings& findings) {
  for (size_t i = 0; i < channel.cut_offs.size(); ++i) {
    const CutOff& cut_off = channel.cut_offs[i];
    const std::string at = FieldAt("channel.cut_offs", i);
    if (!MinutesOf(cut_off.time)) {
      findings.Add(Reason::kFieldInvalid, StrCat(at, ".time"), "A cut-off is told as HH:MM",
                   cut_off.time);
    }
    if (!cut_off.currency_code.empty()) {
      findings.Add(base::AtField(Currency::Parse(cut_off.currency_code).status(),
                                 StrCat(at, ".currency_code")));
    }
    for (size_t k = 0; k < i; ++k) {
      if (channel.cut_offs[k].service_level == cut_off.service_level &&
          channel.cut_offs[k].currency_code == cut_off.currency_code) {
        findings.Add(Reason::kFieldConflict, at, "There are two cut-offs for the same payments");
      }
    }
  }
}

/// How well the cut-off fits; -1: not at all.
int Fit(const CutOff& cut_off, std::string_view service_level, std::string_view currency_code) {
  int fit = 0;
  if (!cut_off.service_level.empty()) {
    if (cut_off.service_level != service_level) return -1;
    fit += 2;
  }
  if (!cut_off.currency_code.empty()) {
    if (cut_off.currency_code != currency_code) return -1;
    fit += 1;
  }
  return fit;
}

const CutOff* CutOffFor(const Channel& channel, std::string_view service_level,
                        std::string_view currency_code) {
  const CutOff* best = nullptr;
  int best_fit = -1;
  for (const CutOff& cut_off : channel.cut_offs) {
    const int fit = Fit(cut_off, service_level, currency_code);
    if (fit > best_fit) {
      best = &cut_off;
      best_fit = fit;
    }
  }
  return best;
}

bool IsBankingDay(const Channel& channel, const Date& day) {
  const std::chrono::weekday weekday(day.days());
  if (weekday == std::chrono::Saturday || weekday == std::chrono::Sunday) return false;
  return std::find(channel.holidays.begin(), channel.holidays.end(), day) ==
         channel.holidays.end();
}

absl::Time InstantOf(const Date& day, int minutes, const absl::TimeZone& zone) {
  const std::chrono::year_month_day parts(day.days());
  constexpr int kMinutesPerHour = 60;
  return absl::FromCivil(
      absl::CivilMinute(static_cast<int>(parts.year()), static_cast<unsigned>(parts.month()),
                        static_cast<unsigned>(parts.day()), minutes / kMinutesPerHour,
                        minutes % kMinutesPerHour),
      zone);
}

void CheckWaits(const Channel& channel, Findings& findings) {
  constexpr absl::Duration kAnswerMin = absl::Minutes(1);
  constexpr absl::Duration kAnswerMax = absl::Hours(24 * 30);
  constexpr absl::Duration kSettleMax = absl::Hours(24 * 60);
  constexpr absl::Duration kBeforeMax = absl::Hours(24 * 7);
  const auto check = [&](absl::Duration wait, absl::Duration most, const char* field,
                         const char* range) {
    const bool fits = wait == absl::ZeroDuration() || (wait >= kAnswerMin && wait <= most);
    if (!fits) findings.Add(Reason::kFieldInvalid, field, range);
  };
  check(channel.answer_within, kAnswerMax, "channel.answer_within", "0, or 1 minute to 30 days");
  check(channel.settle_within, kSettleMax, "channel.settle_within", "0, or 1 minute to 60 days");
  check(channel.remind_before, kBeforeMax, "channel.remind_before", "0, or 1 minute to 7 days");
  check(channel.escalate_before, kBeforeMax, "channel.escalate_before",
        "0, or 1 minute to 7 days");
  const bool both = channel.remind_before > absl::ZeroDuration() &&
                    channel.escalate_before > absl::ZeroDuration();
  if (both && channel.escalate_before >= channel.remind_before) {
    findings.Add(Reason::kFieldConflict, "channel.escalate_before",
                 "The reminder comes before it: this must be shorter than remind_before");
  }
}

Date DayIn(const absl::TimeZone& zone, absl::Time now) {
  const absl::CivilDay day = absl::ToCivilDay(now, zone);
  return Date(std::chrono::sys_days(
      std::chrono::year(static_cast<int>(day.year())) / day.month() / day.day()));
}

}  // namespace

std::vector<Finding> ValidateChannel(const Channel& channel) {
  Findings findings;
  CheckName(channel.name, "channel.name", findings);
  findings.Text(channel.description, kTextCharactersMax, "channel.description");
  if (std::find(kKinds.begin(), kKinds.end(), channel.kind) == kKinds.end()) {
    findings.Add(Reason::kFieldInvalid, "channel.kind",
                 StrCat("The kind is none of ", base::StrJoin(kKinds, ", ")), channel.kind);
  }
  CheckObject(channel.settings, kSettingsBytesMax, "channel.settings", findings);
  if (channel.secret.size() > kSettingsBytesMax) {
    findings.Add(Reason::kFieldTooLong, "channel.secret",
                 StrCat("At most ", kSettingsBytesMax, " bytes"));
  }
  if (channel.poll_interval < absl::Seconds(1) || channel.poll_interval > absl::Hours(24)) {
    findings.Add(Reason::kFieldInvalid, "channel.poll_interval", "1 s to 24 h");
  }
  if (absl::TimeZone zone; !absl::LoadTimeZone(channel.time_zone, &zone)) {
    findings.Add(Reason::kFieldInvalid, "channel.time_zone",
                 "This is no time zone by its IANA name, such as Europe/Berlin",
                 channel.time_zone);
  }
  CheckCutOffs(channel, findings);
  if (channel.holidays.size() > kHolidaysMax) {
    findings.Add(Reason::kFieldTooLong, "channel.holidays",
                 StrCat("At most ", kHolidaysMax, " days"));
  }
  CheckWaits(channel, findings);
  return findings.Take();
}

std::vector<Finding> ValidateOwnAccount(const OwnAccount& account) {
  Findings findings;
  CheckName(account.name, "account.name", findings);
  findings.RequiredText(account.entity, kNameCharactersMax, "account.entity");
  findings.RequiredText(account.iban, kAccountNumberMax, "account.iban");
  if (LooksLikeIban(account.iban)) {
    findings.Add(base::AtField(CheckIban(account.iban), "account.iban"));
  }
  if (!account.bic.empty() && !IsBic(account.bic)) {
    findings.Add(Reason::kFieldInvalid, "account.bic", "A BIC has 8 or 11 capitals and digits");
  }
  if (account.currency.IsNone()) {
    findings.Add(Reason::kFieldMissing, "account.currency_code", "The currency is missing");
  }
  findings.RequiredText(account.holder_name, kHolderCharactersMax, "account.holder_name");
  findings.Text(account.organisation_id, kIdCharactersMax, "account.organisation_id");
  findings.RequiredText(account.journal_code, kCodeCharactersMax, "account.journal_code");
  findings.Text(account.outstanding_account, kCodeCharactersMax, "account.outstanding_account");
  findings.RequiredText(account.channel, kNameCharactersMax, "account.channel");
  if (account.dialect.size() > kDialectBytesMax) {
    findings.Add(Reason::kFieldTooLong, "account.dialect",
                 StrCat("At most ", kDialectBytesMax, " bytes"));
  }
  CheckObject(account.csv_mapping, kDialectBytesMax, "account.csv_mapping", findings);
  if (account.stale_after < absl::ZeroDuration() || account.stale_after > absl::Hours(24 * 60)) {
    findings.Add(Reason::kFieldInvalid, "account.stale_after", "0 to 60 days");
  }
  return findings.Take();
}

absl::StatusOr<ExecutionDay> ExecutionDayOf(const Channel& channel, std::string_view service_level,
                                            std::string_view currency_code, Date wanted,
                                            absl::Time now) {
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(channel.time_zone, &zone)) {
    return base::Error(Reason::kChannelInvalid)
        .Field("channel.time_zone")
        .Says(StrCat("the system does not know the time zone ", channel.time_zone));
  }
  const Date today = DayIn(zone, now);
  const CutOff* const cut_off = CutOffFor(channel, service_level, currency_code);
  const std::optional<int> minutes = cut_off == nullptr ? std::nullopt : MinutesOf(cut_off->time);
  ExecutionDay out;
  out.day = std::max(wanted, today);
  const bool was_past = wanted < today;
  bool moved_by_cut_off = false;
  bool moved_by_holiday = false;
  constexpr int kDaysMax = 60;  // no bank is closed for so long
  for (int i = 0; i < kDaysMax; ++i, out.day = out.day.PlusDays(1)) {
    if (!IsBankingDay(channel, out.day)) {
      moved_by_holiday = true;
      continue;
    }
    out.cut_off = minutes ? InstantOf(out.day, *minutes, zone) : absl::InfiniteFuture();
    if (now < out.cut_off) break;
    moved_by_cut_off = true;
  }
  out.explanation = StrCat("executed on ", out.day.ToString());
  if (was_past) base::StrAppend(&out.explanation, "; ", wanted.ToString(), " has passed");
  if (moved_by_cut_off) {
    base::StrAppend(&out.explanation, "; the cut-off at ", cut_off->time, " ", channel.time_zone,
                    " has passed");
  }
  if (moved_by_holiday) base::StrAppend(&out.explanation, "; the bank is closed in between");
  return out;
}

absl::StatusOr<absl::Time> EndOfDay(const Channel& channel, Date day) {
  absl::TimeZone zone;
  if (absl::LoadTimeZone(channel.time_zone, &zone)) return InstantOf(day.PlusDays(1), 0, zone);
  return base::Error(Reason::kChannelInvalid)
      .Field("channel.time_zone")
      .Says(StrCat("the system does not know the time zone ", channel.time_zone));
}

}  // namespace kontor::model
