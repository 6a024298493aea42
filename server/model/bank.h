// SPDX-License-Identifier: Apache-2.0
// Banks as data: how a bank is reached (channels) and which of our accounts are there. Added and
// changed without a rebuild. JSON below is of the wire contract's shape
// (proto/kontor/v1/bank.proto).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/base/date.h"
#include "server/model/bank_party.h"
#include "server/model/finding.h"
#include "server/model/money.h"

namespace kontor::model {

/// ObjectRow::kind of channels and of our accounts; ObjectRow::name is the name of either.
inline constexpr char kChannelKind[] = "bank_channel";
inline constexpr char kOwnAccountKind[] = "bank_account";
inline constexpr std::string_view kChannelPrefix = "bch_";
inline constexpr std::string_view kOwnAccountPrefix = "bac_";

/// Shadow: everything but the send; incoming files are read. Paused: nothing goes out or comes in.
/// Test: in onboarding; only orders that are marked as tests leave, and incoming files are read.
enum class ChannelState { kShadow, kLive, kPaused, kTest };
std::string_view NameOf(ChannelState state);

/// The last moment at which a file handed over is executed on the same day.
struct CutOff {
  std::string service_level;    ///< SEPA, URGP …; empty: every other.
  std::string currency_code;    ///< Empty: every other.
  std::string time;             ///< "HH:MM", in the channel's time zone.
  friend bool operator==(const CutOff&, const CutOff&) = default;
};

/// How a bank is reached. `settings` are the adapter's own (ports/bank_channel.h).
struct Channel {
  std::string id;               ///< bch_…
  std::string name;             ///< 1 to 64 of a-z, 0-9, "-"; unique, never changed.
  std::string description;
  std::string kind;             ///< directory, sftp, webhook.
  std::string settings;         ///< JSON object.
  std::string secret;           ///< Never answered or logged.
  ChannelState state = ChannelState::kShadow;
  ChannelState before_pause = ChannelState::kShadow;
  absl::Duration poll_interval = absl::Seconds(30);   ///< Of incoming files.
  std::string time_zone = "UTC";                      ///< IANA name, of cut-offs and holidays.
  std::vector<CutOff> cut_offs;                       ///< None: any time will do.
  std::vector<base::Date> holidays;                   ///< Beside Saturdays and Sundays.
  /// After the hand-over; without an answer for so long people ask the bank. 0: it sends none.
  absl::Duration answer_within = absl::Hours(24);
  /// After the end of the day of execution; what is not booked by then is asked for. 0: never.
  absl::Duration settle_within = absl::Hours(24 * 5);
  absl::Duration remind_before = absl::Hours(4);    ///< A cut-off; 0: nobody is reminded.
  absl::Duration escalate_before = absl::Hours(1);  ///< A cut-off; 0: it does not become a case.
  /// Who signed for going live, by principal id; two different ones make it live once its
  /// onboarding misses nothing. A change of kind, settings or secret empties it and makes the
  /// channel a shadow again.
  std::vector<std::string> signers;
  absl::Time created;
  absl::Time updated;
  int64_t version = 0;
};

/// One of our accounts at a bank.
struct OwnAccount {
  std::string id;               ///< bac_…
  std::string name;             ///< As a channel's.
  std::string entity;           ///< Whose it is.
  std::string iban;             ///< IBAN or the bank's own number, without spaces.
  std::string bic;              ///< 8 or 11 characters; may be empty where the dialect allows it.
  Currency currency;
  std::string holder_name;      ///< As the bank knows us: initiator and debtor.
  PostalAddress address;        ///< Ours; needed by some dialects.
  std::string organisation_id;  ///< As agreed with the bank; may be empty.
  std::string journal_code;     ///< Odoo's bank journal.
  /// Account on which a payment waits for its booking; empty: the journal's own payment method.
  std::string outstanding_account;
  std::string channel;          ///< Name of the channel for payments and statements.
  std::string dialect;          ///< Name or JSON of the pack for payments (formats/dialect.h).
  std::string csv_mapping;      ///< JSON, for statements that are tables; may be empty.
  absl::Duration stale_after = absl::Hours(36);  ///< No statement for so long is told; 0: never.
  bool disabled = false;        ///< No new orders; statements are read all the same.
  absl::Time created;
  absl::Time updated;
  int64_t version = 0;
};

/// Reads what a caller may say, in the contract's JSON (snake_case); everything wrong becomes a
/// finding, fields below `channel` or `account`. Pure.
Channel ReadChannel(std::string_view json, std::vector<Finding>* findings);
OwnAccount ReadOwnAccount(std::string_view json, std::vector<Finding>* findings);
/// What may be answered: no secret. Pure.
std::string WriteChannel(const Channel& channel);
std::string WriteOwnAccount(const OwnAccount& account);
/// Shapes and limits; that channel and entity exist is for others to say. Pure.
std::vector<Finding> ValidateChannel(const Channel& channel);
std::vector<Finding> ValidateOwnAccount(const OwnAccount& account);

/// Bodies of the rows that keep them, for the sealed column alone. id, name and version stand in
/// the row. FromBody: INTERNAL when it is not one of ours.
std::string ChannelBody(const Channel& channel);
absl::StatusOr<Channel> ChannelFromBody(std::string_view body);
std::string OwnAccountBody(const OwnAccount& account);
absl::StatusOr<OwnAccount> OwnAccountFromBody(std::string_view body);

/// Both secrets of a channel of kind webhook: kontor signs by ours, the bank by its own.
struct ChannelSecrets {
  std::string ours;
  std::string banks;
};
/// Two different words parted by white space; none when it is not that. Pure.
std::optional<ChannelSecrets> SplitSecrets(std::string_view secret);

/// Whether another kind, setting or secret makes the old sign-offs worthless.
bool NeedsSigningAgain(const Channel& before, const Channel& after);

/// What the calendar says of a hand-over at `now` for execution on `wanted`.
struct ExecutionDay {
  base::Date day;               ///< The first day on which the bank executes it.
  absl::Time cut_off = absl::InfiniteFuture();  ///< Of that day; none: infinite.
  std::string explanation;      ///< Why, in a sentence.
};
/// First banking day at or after `wanted` whose cut-off has not passed. Pure but for the system's
/// time zone data. CHANNEL_INVALID for a time zone that the system does not know.
absl::StatusOr<ExecutionDay> ExecutionDayOf(const Channel& channel, std::string_view service_level,
                                            std::string_view currency_code, base::Date wanted,
                                            absl::Time now);
/// The end of that day where the channel's bank is. CHANNEL_INVALID as above.
absl::StatusOr<absl::Time> EndOfDay(const Channel& channel, base::Date day);

}  // namespace kontor::model
