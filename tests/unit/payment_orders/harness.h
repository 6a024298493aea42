// SPDX-License-Identifier: Apache-2.0
// The loop beside a stepped engine and its Odoo in memory (../engine/harness.h), with the real
// formats and a bank in memory. Nothing sleeps; the clock is moved by hand.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "server/engine/payment_orders/delegations.h"
#include "server/engine/payment_orders/lists.h"
#include "server/engine/payment_orders/payment_orders.h"
#include "server/engine/payment_orders/policies.h"
#include "tests/unit/engine/harness.h"

namespace kontor::payment_orders::testing {

using Json = nlohmann::json;

inline constexpr char kOurIban[] = "DE89370400440532013000";
inline constexpr char kVendorIban[] = "DE02120300000000202051";
inline constexpr char kOtherIban[] = "DE75512108001245126199";
inline constexpr char kVendorBic[] = "BYLADEM1001";

/// Of a channel that leads to the other bank.
inline constexpr char kOtherSettings[] = R"({"other": true})";

/// What becomes of one hand-over.
enum class Trouble {
  kNone,
  kRefused,     ///< Known not to have been handed over.
  kLostBefore,  ///< Nobody knows, and it was not.
  kLostAfter,   ///< Nobody knows, and it was.
};

class FakeBank final : public ports::BankChannel {
 public:
  std::deque<Trouble> trouble;               ///< Of the next hand-overs.
  std::map<std::string, std::string> files;  ///< By name: what the bank has.
  int submits = 0;
  int finds = 0;
  bool sees_outbox = true;
  bool has_outbox = false;
  /// Where files are that it has; none: taken.
  std::optional<ports::FilePlace> place_after;
  absl::Status find_answer;
  std::function<void()> before_find;  ///< Called once; may be empty.
  std::function<void()> on_submit;    ///< The same.
  std::string sealed_suffix;          ///< Not empty: it seals, and never twice to the same bytes.
  int seals = 0;
  absl::Status seal_answer;
  bool compares = false;  ///< A file of another digest under a name is seen as unknown.

  const ports::ChannelCapabilities& capabilities() const override {
    can_.sees_outbox = sees_outbox;
    can_.has_outbox = has_outbox;
    can_.sealed_suffix = sealed_suffix;
    return can_;
  }
  absl::Status Submit(const ports::OutgoingFile& file, ports::ByteSource& bytes) override;
  absl::StatusOr<ports::FilePlace> Find(const ports::OutgoingFile& file) override;
  absl::StatusOr<std::vector<ports::IncomingFile>> Poll(int) override {
    return std::vector<ports::IncomingFile>();
  }
  absl::StatusOr<std::unique_ptr<ports::ByteSource>> Open(const ports::IncomingFile&) override {
    return absl::NotFoundError("it sends nothing");
  }
  absl::Status Done(const ports::IncomingFile&) override { return absl::OkStatus(); }
  absl::StatusOr<std::vector<model::Finding>> Check() override {
    return std::vector<model::Finding>();
  }
  absl::StatusOr<std::optional<std::string>> Seal(std::string_view bytes) override;

 private:
  mutable ports::ChannelCapabilities can_{"directory", true, true, false, 1 << 24, false};
};

/// Persons as the tests name them.
class FakePeople final : public ports::People {
 public:
  std::vector<ports::Actor> all;
  absl::StatusOr<std::optional<ports::Actor>> Find(ports::ReadView&,
                                                   const std::string& name_or_id) override {
    for (const ports::Actor& one : all) {
      if (one.name == name_or_id || one.principal_id == name_or_id) return std::optional(one);
    }
    return std::optional<ports::Actor>();
  }
  absl::StatusOr<std::vector<ports::Actor>> WithRole(ports::ReadView&, ports::Role role) override {
    std::vector<ports::Actor> out;
    for (const ports::Actor& one : all) {
      if (one.is_person && one.Has(role)) out.push_back(one);
    }
    return out;
  }
  ports::Actor& At(const std::string& id);
};

/// A word of the bank on one payment, or on the whole order when there is no end-to-end id.
struct StatusWord {
  std::string end_to_end_id;
  std::string status;
  std::string reason;
};

struct OrderHarness : engine::testing::Harness {
  OrderHarness();
  void RestartLoop();
  /// A posted bill of the vendor; answers its id in Odoo.
  int64_t AddBill(const std::string& total, const std::string& account = kVendorIban);
  /// A posted payment to the vendor that somebody made in Odoo; answers its id there.
  int64_t AddPayment(const std::string& total, const std::string& journal_code = "BNK1");
  CreateRequest RequestForPayments(const std::vector<int64_t>& payments);
  void PutChannel(const std::function<void(model::Channel&)>& change);
  void PutAccount(const std::function<void(model::OwnAccount&)>& change);
  /// Proposed by one administrator and activated by another.
  void SetPolicy(const std::string& kind, const std::string& content);

  /// A list of parties in force: imported by one administrator and activated by another.
  void LoadList(const std::string& name, const std::string& content);
  absl::StatusOr<ImportedList> ImportList(const ports::Actor& actor, const std::string& name,
                                          const std::string& content);

  CreateRequest RequestFor(const std::vector<int64_t>& bills);
  /// Creates and lets the loop come to rest; fails the test when it is refused.
  std::string Create(const std::vector<int64_t>& bills);
  /// The same with its accounts confirmed: it waits for approvals.
  std::string CreateReady(const std::vector<int64_t>& bills);
  /// Two approvals, and the release that the loop has not seen yet.
  std::string CreateReleased(const std::vector<int64_t>& bills);
  /// On to the bank, with Odoo's payments posted.
  std::string CreateSubmitted(const std::vector<int64_t>& bills);
  void ConfirmAll(const std::string& id);
  void ApproveAll(const std::string& id);
  absl::Status Release(const std::string& id);

  /// Steps loop and engine until neither has anything due; a crash restarts the loop.
  void Settle();
  void Wait(absl::Duration time);
  Json Order(const std::string& id);
  std::string State(const std::string& id) {
    return Order(id)["state"].get<std::string>().substr(6);
  }
  std::string Submission(const std::string& id) {
    return Order(id)["submission"].get<std::string>().substr(11);
  }
  std::string Digest(const std::string& id) { return Order(id)["digest"]; }
  Json Payment(const std::string& id, size_t index) { return Order(id)["payments"][index]; }
  std::string PaymentState(const std::string& id, size_t index) {
    return Payment(id, index)["state"].get<std::string>().substr(6);
  }
  std::string EndToEndId(const std::string& id, size_t index) {
    return Payment(id, index)["end_to_end_id"];
  }
  model::ExceptionCase CaseOf(const std::string& id);
  /// The case about what is late.
  model::ExceptionCase LateCaseOf(const std::string& id);
  model::ExceptionCase ExceptionOf(const std::string& exception_id);
  std::vector<std::string> ReasonsIn(const model::ExceptionCase& exception);
  std::vector<std::string> ReasonsOf(const std::string& id);
  bool Told(const std::string& id, const std::string& event);
  /// Runs `change` on the order's row as it rests in the store.
  void Tamper(const std::string& id, const std::function<void(ports::FlowRow&)>& change);

  /// The bank's answer on an order, as pain.002.
  std::string StatusFile(const std::string& id, const std::string& group,
                         const std::vector<StatusWord>& words);
  absl::Status TakeStatus(const std::string& id, const std::string& group,
                          const std::vector<StatusWord>& words,
                          const std::string& channel = "house-bank");
  ports::Booking BookingOf(const std::string& id, size_t index);

  std::shared_ptr<FakeBank> bank = std::make_shared<FakeBank>();
  std::shared_ptr<FakeBank> other_bank = std::make_shared<FakeBank>();  ///< By kOtherSettings.
  std::unique_ptr<ports::BankCodec> codec;
  std::unique_ptr<PaymentOrders> loop;
  std::unique_ptr<Policies> policies;
  FakePeople people;
  std::unique_ptr<Delegations> delegations;
  std::unique_ptr<ports::ScreeningListReader> list_reader;
  std::unique_ptr<ScreeningLists> lists;
  std::string crash_in_loop_at;
  int requests = 0;
  int status_files = 0;
  ports::Actor preparer;
  ports::Actor approver;
  ports::Actor second_approver;
  ports::Actor releasing;
  ports::Actor everything;  ///< A person with all three roles.
  ports::Actor second_administrator;
};

}  // namespace kontor::payment_orders::testing
