// SPDX-License-Identifier: Apache-2.0
#include "server/formats/internal/bai2_fields.h"

#include <algorithm>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/formats/internal/iso_values.h"
#include "server/formats/internal/line_reader.h"
#include "server/formats/internal/mt_fields.h"

namespace kontor::formats::internal {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;

absl::Status Bad(std::string_view what) { return Error(Reason::kFormatInvalid).Says(what); }

/// A type code, or what stands in its place.
absl::StatusOr<std::string> ReadCode(BaiFields& fields) {
  constexpr size_t kCodeSize = 3;
  const std::string_view code = fields.Next();
  if (code.size() != kCodeSize || !ReadCount(code).has_value()) {
    return Bad(StrCat("\"", ToUtf8(code.substr(0, 10)), "\" is no type code of three digits"));
  }
  return std::string(code);
}

/// Past the funds type: Z, 0, 1, 2 stand alone, V brings a date and a time, S three amounts, D a
/// number of pairs.
absl::Status ReadFunds(BaiFields& fields, BaiAmount& amount) {
  constexpr int64_t kPairsMax = 1000;
  const std::string_view funds = fields.Next();
  if (funds == "V") {
    KONTOR_ASSIGN_OR_RETURN(amount.value_date, ReadBaiDate(fields.Next()));
    fields.Next();
  } else if (funds == "S") {
    for (int i = 0; i < 3; ++i) fields.Next();
  } else if (funds == "D") {
    const std::optional<int64_t> pairs = ReadCount(fields.Next());
    if (!pairs.has_value() || *pairs > kPairsMax) return Bad("funds type D without its number");
    for (int64_t i = 0; i < 2 * *pairs; ++i) fields.Next();
  } else if (!funds.empty() && funds != "Z" && funds != "0" && funds != "1" && funds != "2") {
    return Bad(StrCat("\"", ToUtf8(funds.substr(0, 10)), "\" is no funds type"));
  }
  return absl::OkStatus();
}

absl::Status ReadMinor(BaiFields& fields, BaiAmount& amount) {
  const std::string_view text = fields.Next();
  if (text.empty()) return absl::OkStatus();
  KONTOR_ASSIGN_OR_RETURN(amount.minor, ReadBaiMinor(text));
  return absl::OkStatus();
}

}  // namespace

std::string_view BaiFields::Next() {
  const auto* const end =
      std::find_if(rest_.begin(), rest_.end(), [](char c) { return c == ',' || c == kBaiJoint; });
  const auto size = static_cast<size_t>(end - rest_.begin());
  const std::string_view field = rest_.substr(0, size);
  more_ = size < rest_.size();
  rest_.remove_prefix(more_ ? size + 1 : size);
  return base::Trim(field);
}

std::string BaiFields::Text() {
  std::string text(rest_);
  std::replace(text.begin(), text.end(), kBaiJoint, ' ');
  rest_ = {};
  more_ = false;
  return ToUtf8(base::Trim(text));
}

absl::StatusOr<BaiAmount> ReadBaiSummary(BaiFields& fields) {
  BaiAmount amount;
  KONTOR_ASSIGN_OR_RETURN(amount.code, ReadCode(fields));
  KONTOR_RETURN_IF_ERROR(ReadMinor(fields, amount));
  if (const std::string_view count = fields.Next(); !count.empty()) {
    amount.count = ReadCount(count);
    if (!amount.count.has_value()) return Bad("an item count is not a number");
  }
  KONTOR_RETURN_IF_ERROR(ReadFunds(fields, amount));
  return amount;
}

absl::StatusOr<BaiAmount> ReadBaiDetail(BaiFields& fields) {
  BaiAmount amount;
  KONTOR_ASSIGN_OR_RETURN(amount.code, ReadCode(fields));
  KONTOR_RETURN_IF_ERROR(ReadMinor(fields, amount));
  KONTOR_RETURN_IF_ERROR(ReadFunds(fields, amount));
  return amount;
}

absl::StatusOr<int64_t> ReadBaiMinor(std::string_view text) {
  constexpr int64_t kMinorMax = 999'999'999'999'999;
  std::string_view digits = text;
  const bool negative = digits.starts_with('-');
  if (negative || digits.starts_with('+')) digits.remove_prefix(1);
  const std::optional<int64_t> value = ReadCount(digits);
  if (!value.has_value()) {
    return Error(Reason::kAmountInvalid)
        .Says(StrCat("\"", ToUtf8(text.substr(0, 20)), "\" is no amount in whole minor units"));
  }
  if (*value > kMinorMax) {
    return Error(Reason::kAmountTooLarge).Says("the amount has more than 15 digits");
  }
  return negative ? -*value : *value;
}

absl::StatusOr<model::Date> ReadBaiDate(std::string_view text) { return ReadMtDate(text); }

BaiSide SideOfBai(std::string_view code) {
  if (code == "890") return BaiSide::kInformation;
  if (code >= "100" && code <= "399") return BaiSide::kCredit;
  if (code >= "400" && code <= "699") return BaiSide::kDebit;
  if (code >= "720" && code <= "759") return BaiSide::kCredit;  // loan payments
  if (code >= "760" && code <= "799") return BaiSide::kDebit;   // loan advances
  if (code >= "920" && code <= "959") return BaiSide::kCredit;  // the bank's own
  if (code >= "960" && code <= "999") return BaiSide::kDebit;
  return BaiSide::kUnknown;
}

std::optional<model::BalanceType> BalanceOfBai(std::string_view code) {
  using model::BalanceType;
  if (code == "010") return BalanceType::kOpeningBooked;
  if (code == "015") return BalanceType::kClosingBooked;
  if (code == "030") return BalanceType::kInterimBooked;
  if (code == "040") return BalanceType::kOpeningAvailable;
  if (code == "045") return BalanceType::kClosingAvailable;
  if (code == "060") return BalanceType::kInterimAvailable;
  return std::nullopt;
}

}  // namespace kontor::formats::internal
