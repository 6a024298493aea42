// SPDX-License-Identifier: Apache-2.0
// Values: dates, amounts, instants, enumerations.
#include "server/api/convert.h"
#include "server/base/status.h"

namespace kontor::api {

using base::AtField;

absl::StatusOr<std::optional<model::Date>> ReadDate(const std::string& text,
                                                    std::string_view field) {
  if (text.empty()) return std::optional<model::Date>();
  auto date = model::Date::Parse(text);
  if (!date.ok()) return AtField(date.status(), field);
  return std::optional<model::Date>(*date);
}

absl::StatusOr<std::optional<model::Money>> ReadMoney(bool present, const v1::Money& money,
                                                      std::string_view field) {
  if (!present) return std::optional<model::Money>();
  auto amount = model::Money::Parse(money.currency_code(), money.value());
  if (!amount.ok()) return AtField(amount.status(), field);
  return std::optional<model::Money>(*std::move(amount));
}

absl::StatusOr<model::Decimal> ReadDecimal(const std::string& text, std::string_view field) {
  if (text.empty()) return model::Decimal();
  auto number = model::Decimal::Parse(text);
  if (!number.ok()) return AtField(number.status(), field);
  return number;
}

void WriteMoney(const model::Money& money, v1::Money* out) {
  out->set_currency_code(money.currency().code());
  out->set_value(money.ValueText());
}

void WriteTime(absl::Time time, google::protobuf::Timestamp* out) {
  const int64_t seconds = absl::ToUnixSeconds(time);
  out->set_seconds(seconds);
  const absl::Duration rest = time - absl::FromUnixSeconds(seconds);
  out->set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(rest)));
}

absl::Time ReadTime(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

absl::Duration ReadDuration(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

void WriteDuration(absl::Duration duration, google::protobuf::Duration* out) {
  const int64_t seconds = absl::ToInt64Seconds(duration);
  out->set_seconds(seconds);
  out->set_nanos(
      static_cast<int32_t>(absl::ToInt64Nanoseconds(duration - absl::Seconds(seconds))));
}

v1::DocumentType WriteType(model::DocumentType type) {
  switch (type) {
    case model::DocumentType::kPartner: return v1::DOCUMENT_TYPE_PARTNER;
    case model::DocumentType::kInvoice: return v1::DOCUMENT_TYPE_INVOICE;
    case model::DocumentType::kPayment: return v1::DOCUMENT_TYPE_PAYMENT;
    case model::DocumentType::kJournalEntry: return v1::DOCUMENT_TYPE_JOURNAL_ENTRY;
    case model::DocumentType::kExpenseClaim: return v1::DOCUMENT_TYPE_EXPENSE_CLAIM;
  }
  return v1::DOCUMENT_TYPE_UNSPECIFIED;
}

std::optional<model::Posting> ReadPosting(v1::Posting posting) {
  switch (posting) {
    case v1::POSTING_DRAFT: return model::Posting::kDraft;
    case v1::POSTING_HOLD: return model::Posting::kHold;
    case v1::POSTING_POST: return model::Posting::kPost;
    default: return std::nullopt;
  }
}

v1::Posting WritePosting(model::Posting posting) {
  switch (posting) {
    case model::Posting::kDraft: return v1::POSTING_DRAFT;
    case model::Posting::kHold: return v1::POSTING_HOLD;
    case model::Posting::kPost: return v1::POSTING_POST;
  }
  return v1::POSTING_UNSPECIFIED;
}

}  // namespace kontor::api
