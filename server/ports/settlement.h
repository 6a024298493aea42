// SPDX-License-Identifier: Apache-2.0
// What statements tell payment orders, and how incoming files are shared out between them. The
// engine's statements call it, the engine's payment orders implement it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/date.h"
#include "server/model/money.h"
#include "server/model/payment_order.h"
#include "server/ports/codec.h"

namespace kontor::ports {

/// One booking on one of our accounts that a bank reported; a batch line that was not exploded
/// carries the payment information id alone.
struct Booking {
  std::string statement_id;           ///< stm_…
  std::string line_key;               ///< Stable over re-issues; a booking told twice is one.
  std::string account_iban;           ///< Ours.
  std::string message_id;             ///< Ours, where the bank repeats it.
  std::string payment_information_id;
  std::string end_to_end_id;
  std::string uetr;
  std::string bank_reference;
  std::string other_account;          ///< Paid, or paying; empty where the bank does not say.
  model::Money amount;                ///< > 0.
  bool debit = true;                  ///< False: money came back.
  bool booked = true;                 ///< False: pending only; settles nothing.
  bool returned = false;              ///< A return or reversal of an earlier debit.
  std::string reason_code;            ///< AC04 … of a return; may be empty.
  base::Date booking_date;
  base::Date value_date;
};

/// What the booking was for.
struct BookingMatch {
  std::string payment_order_id;       ///< pmo_…
  std::vector<std::string> transfer_ids;
  std::string explanation;            ///< Why, in a sentence for a finance person.
  /// Names of Odoo payments that the statement line is reconciled with: k1_… external ids, or
  /// "account.payment,7" for one that kontor did not make.
  std::vector<std::string> odoo_payments;
  std::string account;                ///< Outstanding account to book the line's counterpart on.
};

/// Implemented by payment orders. Repeatable with the same line_key: the first answer again.
class Settlement {
 public:
  virtual ~Settlement() = default;
  /// none: no payment order of ours is proven by this booking; people decide.
  virtual absl::StatusOr<std::optional<BookingMatch>> OnBooking(const Booking& booking) = 0;
  /// The bank revoked what it had booked (a re-issued statement without the line).
  virtual absl::Status OnBookingRevoked(const Booking& booking) = 0;
};

/// Implemented by payment orders; called by whoever polls the channels. Thread-safe.
class StatusSink {
 public:
  virtual ~StatusSink() = default;
  /// Takes a status file (pain.002) of `channel` (its name) whose bytes are in the store as
  /// `blob_id`. All of it or nothing; repeatable with the same blob. Errors: what the codec says of
  /// a file that it cannot read, NOT_FOUND when the file names no order of ours (a person looks at
  /// it), and the store's.
  virtual absl::Status OnStatusFile(const std::string& blob_id, std::string_view channel,
                                    ByteSource& source) = 0;
};

}  // namespace kontor::ports
