// SPDX-License-Identifier: Apache-2.0
// Logical records of BAI2 cut into fields, and what their type codes mean. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/model/statement.h"

namespace kontor::formats::internal {

/// Stands between the physical records of a logical one where the first of them ended in a slash:
/// a comma to fields, a space to texts.
inline constexpr char kBaiJoint = '\x1F';

/// Takes the fields of a logical record from its front.
class BaiFields {
 public:
  explicit BaiFields(std::string_view record) : rest_(record) {}
  /// Up to the next comma or joint; empty when there is none left.
  std::string_view Next();
  /// All that is left, as text.
  std::string Text();
  bool IsEmpty() const { return !more_; }

 private:
  std::string_view rest_;
  bool more_ = true;
};

/// What is behind a type code, the funds type read past: its amount in minor units (none when the
/// field is empty), item count and value date.
struct BaiAmount {
  std::string code;
  std::optional<int64_t> minor;
  std::optional<int64_t> count;
  std::optional<model::Date> value_date;
};
/// Summary of an 03 record: code, amount, item count, funds type. FORMAT_INVALID, AMOUNT_INVALID.
absl::StatusOr<BaiAmount> ReadBaiSummary(BaiFields& fields);
/// Detail of a 16 record: code, amount, funds type.
absl::StatusOr<BaiAmount> ReadBaiDetail(BaiFields& fields);

/// Signed digits of at most 15; AMOUNT_INVALID, AMOUNT_TOO_LARGE.
absl::StatusOr<int64_t> ReadBaiMinor(std::string_view text);
/// YYMMDD; DATE_INVALID.
absl::StatusOr<model::Date> ReadBaiDate(std::string_view text);

enum class BaiSide { kCredit, kDebit, kInformation, kUnknown };
/// Which side a detail's type code books on.
BaiSide SideOfBai(std::string_view code);
/// The balance that a summary's type code names; none for totals, averages and floats.
std::optional<model::BalanceType> BalanceOfBai(std::string_view code);

}  // namespace kontor::formats::internal
