// SPDX-License-Identifier: Apache-2.0
// proto ⇄ model, the only place that knows both. Reading answers a status that names the first
// field that has no model form (a date that does not exist, an amount with too many digits); the
// rules of documents are model/validate.h's. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "kontor/v1/common.pb.h"
#include "kontor/v1/event.pb.h"
#include "kontor/v1/exception.pb.h"
#include "kontor/v1/invoice.pb.h"
#include "kontor/v1/journal_entry.pb.h"
#include "kontor/v1/money.pb.h"
#include "kontor/v1/operation.pb.h"
#include "kontor/v1/partner.pb.h"
#include "kontor/v1/payment.pb.h"
#include "server/model/document.h"
#include "server/model/event.h"
#include "server/model/finding.h"
#include "server/model/operation.h"
#include "server/ports/store.h"

namespace kontor::api {

namespace v1 = ::kontor::v1;

// Values.
absl::StatusOr<std::optional<model::Date>> ReadDate(const std::string& text,
                                                    std::string_view field);
absl::StatusOr<std::optional<model::Money>> ReadMoney(bool present, const v1::Money& money,
                                                      std::string_view field);
absl::StatusOr<model::Decimal> ReadDecimal(const std::string& text, std::string_view field);
void WriteMoney(const model::Money& money, v1::Money* out);
void WriteTime(absl::Time time, google::protobuf::Timestamp* out);
absl::Time ReadTime(const google::protobuf::Timestamp& time);
absl::Duration ReadDuration(const google::protobuf::Duration& duration);
void WriteDuration(absl::Duration duration, google::protobuf::Duration* out);

// Documents in. The field paths begin with `root`, such as "invoice".
absl::StatusOr<model::Document> ReadInvoice(const v1::Invoice& in, std::string_view root);
absl::StatusOr<model::Document> ReadPayment(const v1::Payment& in, std::string_view root);
absl::StatusOr<model::Document> ReadJournalEntry(const v1::JournalEntry& in,
                                                 std::string_view root);
absl::StatusOr<model::Document> ReadPartner(const v1::Partner& in, std::string_view root);

/// How much of names and account numbers an answer may show.
enum class Shown { kMasked, kAll };

// Documents out: content, place in Odoo and what was booked. DATA_LOSS when content is unreadable.
absl::Status WriteInvoice(const ports::DocumentRow& row, v1::Invoice* out);
/// The same with the content at hand: `content` must be what `row` holds.
void WriteInvoice(const ports::DocumentRow& row, const model::Invoice& content, v1::Invoice* out);
/// Where a document came from, as its creating operation knows.
template <typename Proto>
void WriteOrigin(const model::Operation& operation, Proto* out) {
  if constexpr (requires { out->set_request_id(""); }) {
    out->set_request_id(operation.request_id);
    out->set_correlation_id(operation.correlation_id);
  }
  WriteTime(operation.updated, out->mutable_update_time());
}
absl::Status WritePayment(const ports::DocumentRow& row, Shown shown, v1::Payment* out);
absl::Status WriteJournalEntry(const ports::DocumentRow& row, v1::JournalEntry* out);
absl::Status WritePartner(const ports::DocumentRow& row, Shown shown, v1::Partner* out);

void WriteOperation(const model::Operation& operation, v1::Operation* out);
void WriteFinding(const model::Finding& finding, v1::Finding* out);
void WriteException(const model::ExceptionCase& exception, v1::Exception* out);
void WriteEvent(const model::Event& event, Shown shown, v1::Event* out);

v1::DocumentType WriteType(model::DocumentType type);
v1::Operation::State WriteState(model::OperationState state);
/// The stored name that a filter by state means; empty for UNSPECIFIED.
std::string StateFilter(v1::Operation::State state);
std::optional<model::Posting> ReadPosting(v1::Posting posting);
v1::Posting WritePosting(model::Posting posting);

}  // namespace kontor::api
