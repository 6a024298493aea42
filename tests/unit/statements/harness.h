// SPDX-License-Identifier: Apache-2.0
// The loop on a store on SQLite, stepped by hand under a fake clock, with the real formats. Bank,
// payment orders and Odoo are in memory and misbehave as told.
#pragma once

#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "server/engine/statements/statements.h"
#include "server/store/store.h"

namespace kontor::statements::testing {

using Json = nlohmann::json;

inline constexpr char kIban[] = "DE89370400440532013000";
inline constexpr char kOtherIban[] = "DE02120300000000202051";

/// A statement as MT940. Amounts in cents; negative: money that went out.
struct Mt {
  int number = 1;
  int day = 1;                   ///< Of March 2026.
  int64_t opening = 0;
  std::vector<std::pair<int64_t, std::string>> lines;  ///< Amount and bank's reference, or "".
  int64_t wrong_by = 0;          ///< Added to the closing balance.
  std::string account = kIban;
  std::string note = "";         ///< In the statement's own reference.
  int64_t closing() const;
  std::string Text() const;
};

/// All flows of a kind, of one channel when it is named.
inline ports::FlowFilter Of(const char* kind, const std::string& group = "") {
  ports::FlowFilter filter;
  filter.kind = kind;
  filter.group = group;
  return filter;
}

/// Whatever ends the loop in the middle of a step.
struct Crash : std::runtime_error {
  using std::runtime_error::runtime_error;
};

enum class Trouble { kNone, kNotSent, kLostBefore, kLostAfter, kRefused };

class FakeBooks final : public ports::ErpBank {
 public:
  std::deque<Trouble> trouble;   ///< Of the next calls.
  std::map<std::string, ports::StatementLineDraft> lines;   ///< By external id.
  std::map<std::string, ports::StatementDraft> statements;
  std::vector<ports::StatementLineSettlement> settled;
  bool refuses_settling = false;
  int calls = 0;

  absl::StatusOr<std::vector<model::ErpRecord>> CreateStatementLines(
      int64_t, const model::Catalogue&, const std::string& journal,
      std::span<const ports::StatementLineDraft> drafts, absl::Time) override;
  absl::StatusOr<model::ErpRecord> CreateStatement(int64_t, const ports::StatementDraft& draft,
                                                   absl::Time) override;
  absl::Status SettleStatementLine(int64_t, const model::Catalogue&,
                                   const ports::StatementLineSettlement& settlement,
                                   absl::Time) override;
  absl::StatusOr<ports::StatementLinePage> ReadStatementLines(
      int64_t, const model::Catalogue&, const std::string& journal, const base::Date& from,
      const base::Date& to, int64_t after_id, int limit, absl::Time) override;
  absl::StatusOr<std::vector<ports::StatementLineSeen>> FindStatementLines(
      int64_t, const model::Catalogue&, const std::vector<int64_t>& ids, absl::Time) override;
  absl::StatusOr<std::vector<ports::StatementSeen>> FindStatements(int64_t,
                                                                   const std::vector<int64_t>& ids,
                                                                   absl::Time) override;
  int64_t Sum() const;

  /// What people changed since, as it is seen now.
  std::map<std::string, std::function<void(ports::StatementLineSeen&)>> edits;
  std::set<std::string> deleted;                 ///< External ids of lines.
  std::vector<ports::StatementLineSeen> foreign;  ///< Lines that others made.
  std::map<int64_t, std::function<void(ports::StatementSeen&)>> statement_edits;
  std::set<int64_t> deleted_statements;
  std::vector<base::Decimal> statement_closings;  ///< In the order of their ids, from 1.

 private:
  absl::Status Under(const std::function<void()>& effect);
  std::vector<ports::StatementLineSeen> Seen() const;
  std::map<std::string, int64_t> ids_;
};

class FakeOrders final : public ports::Settlement, public ports::StatusSink {
 public:
  std::map<std::string, ports::BookingMatch> matches;   ///< By end to end id.
  std::vector<ports::Booking> bookings;
  std::vector<ports::Booking> revoked;
  std::vector<std::string> status_files;
  absl::Status status_answer;

  absl::StatusOr<std::optional<ports::BookingMatch>> OnBooking(
      const ports::Booking& booking) override;
  absl::Status OnBookingRevoked(const ports::Booking& booking) override;
  absl::Status OnStatusFile(const std::string& blob_id, std::string_view channel,
                            ports::ByteSource& source) override;
};

class FakeChannel final : public ports::BankChannel {
 public:
  std::map<std::string, std::string> inbox;
  std::vector<model::Finding> findings;  ///< Of its checks.
  bool stays_here = true;
  absl::Status done_answer;
  absl::Status poll_answer;
  /// How it opens what its bank sealed; empty: it does not.
  std::function<absl::StatusOr<std::optional<std::string>>(std::string_view name,
                                                           std::string_view bytes)>
      unseal;

  void SeeOutbox(bool sees) { can_.sees_outbox = sees; }
  const ports::ChannelCapabilities& capabilities() const override {
    can_.stays_here = stays_here;
    can_.unseals = unseal != nullptr;
    return can_;
  }
  absl::Status Submit(const ports::OutgoingFile&, ports::ByteSource&) override {
    return absl::OkStatus();
  }
  absl::StatusOr<ports::FilePlace> Find(const ports::OutgoingFile&) override {
    return ports::FilePlace::kUnknown;
  }
  absl::StatusOr<std::vector<ports::IncomingFile>> Poll(int max) override;
  absl::StatusOr<std::unique_ptr<ports::ByteSource>> Open(const ports::IncomingFile& file) override;
  absl::Status Done(const ports::IncomingFile& file) override;
  absl::StatusOr<std::vector<model::Finding>> Check() override {
    return findings;
  }
  absl::StatusOr<std::optional<std::string>> Unseal(std::string_view name,
                                                    std::string_view bytes) override {
    if (unseal == nullptr) return std::optional<std::string>();
    return unseal(name, bytes);
  }

 private:
  mutable ports::ChannelCapabilities can_{"directory", true, true, false, 1 << 20, false, true};
};

struct Harness {
  Harness();
  ~Harness();
  void Restart();
  void AddAccount(const std::string& id, const std::string& iban, const std::string& entity);
  void AddChannel(model::ChannelState state);
  /// Hands a file over and lets the loop come to rest; answers the file.
  Json Import(const std::string& text, const std::string& name = "file.sta");
  Json Import(const Mt& statement) { return Import(statement.Text()); }
  /// Steps until nothing is due; a crash on the way restarts the loop.
  void Settle();
  Json File(const std::string& id);
  Json Statement(const std::string& id);
  /// The only statement of a file.
  Json Only(const Json& file);
  std::vector<Json> Lines(const std::string& id);
  std::vector<std::string> EventsOf(const std::string& subject);
  model::ExceptionCase CaseOf(const std::string& id);
  void Resolve(const std::string& exception_id, model::Resolution resolution);
  Json Cash();

  std::unique_ptr<ports::Crypto> crypto;
  base::FakeClock clock;
  base::IdSource ids;
  std::filesystem::path folder;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<ports::BankCodec> codec;
  std::shared_ptr<model::Catalogue> catalogue = std::make_shared<model::Catalogue>();
  FakeBooks books;
  FakeOrders orders;
  std::shared_ptr<FakeChannel> channel = std::make_shared<FakeChannel>();
  std::unique_ptr<Statements> loop;
  std::string crash_at;
  bool shadow = false;
  int64_t lines_a_group_max = 100;
  absl::Status book_answer;
  ports::Actor operator_;
};

}  // namespace kontor::statements::testing
