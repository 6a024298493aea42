// SPDX-License-Identifier: Apache-2.0
// Payment orders from bills to settled payments: made, checked, approved and released by different
// persons, handed to the bank once, followed by its statuses and bookings, and told to Odoo. No
// network, no SQL, no proto.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "server/engine/engine.h"
#include "server/model/bank.h"
#include "server/model/payment_policy.h"
#include "server/ports/bank_channel.h"
#include "server/ports/codec.h"
#include "server/ports/people.h"
#include "server/ports/screening.h"
#include "server/ports/settlement.h"

namespace kontor::payment_orders {

/// FlowRow::kind of orders and of creditors' accounts.
inline constexpr char kOrderKind[] = "payment_order";
inline constexpr char kBeneficiaryKind[] = "beneficiary";
inline constexpr std::string_view kOrderPrefix = "pmo_";
inline constexpr std::string_view kBeneficiaryPrefix = "bnf_";

/// Times and sizes; server/app fills them from the configuration ([banks]).
struct Settings {
  std::string node;
  absl::Duration look_interval = absl::Seconds(30);    ///< How often what waits is looked at.
  absl::Duration watch_interval = absl::Minutes(5);    ///< How often approved bills are read again.
  absl::Duration books_interval = absl::Seconds(1);    ///< Between looks while Odoo is at work.
  absl::Duration find_interval = absl::Seconds(10);    ///< Between looks for a lost file.
  absl::Duration find_patience = absl::Minutes(5);     ///< Then people are asked.
  absl::Duration outbox_interval = absl::Minutes(10);  ///< Between looks for a file that waits.
  absl::Duration payments_interval = absl::Hours(1);   ///< The same for Odoo's own on their way.
  absl::Duration retry_first = absl::Seconds(1);
  absl::Duration retry_max = absl::Minutes(5);
  absl::Duration call_timeout = absl::Seconds(90);  ///< Of one call to a channel.
  absl::Duration lease_ttl = absl::Seconds(270);    ///< Must outlive call_timeout by far.
  absl::Duration exception_deadline = absl::Hours(24);
  size_t transfers_max = 10'000;  ///< Payments of one order.
};

struct Dependencies {
  ports::Store& store;
  const base::Clock& clock;
  base::IdSource& ids;
  const ports::Crypto& crypto;
  engine::Engine& engine;
  const ports::BankCodec& codec;
  ports::People& people;
  ports::BankChannelFactory channels;
  ports::ScreeningFactory screening;  ///< May be empty: nobody is screened, and orders say so.
  std::function<void(const std::string& event,
                     const std::vector<std::pair<std::string, std::string>>& fields)>
      log;
  std::function<void(const char* name)> failpoint;  ///< May be empty.
};

/// An order or account as it stands, for answers: the contract's JSON (snake_case).
struct View {
  std::string id;
  std::string entity;
  std::string json;
};

/// A bill to pay; no amount: all that is left.
struct BillChoice {
  int64_t move_id = 0;
  std::optional<model::Money> amount;
};
/// One payment of a free list.
struct FreePayment {
  model::CreditTransfer transfer;  ///< Amount, creditor, remittance, purpose.
  int64_t partner_id = 0;
  std::vector<BillChoice> bills;
};

/// Exactly one of query, bills, payments and odoo_payments.
struct CreateRequest {
  std::string request_id;
  std::string digest;  ///< Of all that the request says beside its id.
  std::string entity;
  std::string account;
  std::string currency_code;
  std::string description;
  std::optional<model::Date> execution_date;
  std::string urgency = "NORMAL";
  std::optional<ports::PayableQuery> query;
  std::vector<BillChoice> bills;
  std::vector<FreePayment> payments;
  std::vector<int64_t> odoo_payments;  ///< Database ids of account.payment.
  bool test = false;  ///< One small payment of a list, which may leave by a channel in test.
};

struct ListFilter {
  std::string entity;
  std::string account;
  std::vector<std::string> states;
};

struct RouteExplanation {
  std::string route;
  std::string account;
  std::string channel;
  std::string fallback_channel;
  std::string dialect;
  std::string policy_version;
  std::vector<model::RouteVerdict> verdicts;
  std::string day;
  std::string day_note;
};

/// What a person says of a name that is like a listed one.
enum class HitDecision { kClear, kConfirm, kReopen };

/// One file of the evidence for a payment; its path has no "..", and no "/" in front.
struct EvidenceFile {
  std::string path;
  std::string content;
};

/// All of one moment.
struct Evidence {
  std::vector<EvidenceFile> files;  ///< By path.
  std::string audit_head;           ///< "sequence:hash" of the last audit row of all.
};

struct Trail {
  struct Entry {
    absl::Time time;
    std::string what;
    std::string who;
    std::string reference;
    std::string note;
  };
  std::vector<View> orders;
  std::vector<Entry> entries;
};

/// Thread-safe. Methods block on the store; Create, Refresh and Release on Odoo too. Errors are
/// those that proto/kontor/v1/payment_order.proto names for the method.
class PaymentOrders : public ports::Settlement, public ports::StatusSink {
 public:
  /// Takes the lease and starts the thread.
  virtual absl::Status Start() = 0;
  virtual void Stop(absl::Time deadline) = 0;

  virtual absl::StatusOr<View> Create(const ports::Actor& actor, const CreateRequest& request) = 0;
  virtual absl::StatusOr<View> Get(const ports::Actor& actor, const std::string& id,
                                   bool with_payments) = 0;
  virtual absl::StatusOr<ports::Listed<View>> List(const ports::Actor& actor,
                                                   const ListFilter& filter,
                                                   const ports::Page& page) = 0;
  virtual absl::StatusOr<View> Refresh(const ports::Actor& actor, const std::string& id) = 0;
  virtual absl::StatusOr<View> Approve(const ports::Actor& actor, const std::string& id,
                                       const std::string& digest) = 0;
  virtual absl::StatusOr<View> RevokeApproval(const ports::Actor& actor, const std::string& id,
                                              const std::string& reason) = 0;
  virtual absl::StatusOr<View> Release(const ports::Actor& actor, const std::string& id,
                                       const std::string& digest) = 0;
  /// `numbers` empty: the whole order.
  virtual absl::StatusOr<View> Cancel(const ports::Actor& actor, const std::string& id,
                                      const std::string& reason,
                                      const std::vector<int64_t>& numbers) = 0;
  virtual absl::StatusOr<View> Hold(const ports::Actor& actor, const std::string& id,
                                    const std::string& reason) = 0;
  virtual absl::StatusOr<View> Unhold(const ports::Actor& actor, const std::string& id,
                                      const std::string& reason) = 0;
  virtual absl::StatusOr<View> ResolveSubmission(const ports::Actor& actor, const std::string& id,
                                                 bool sent, const std::string& reason) = 0;
  virtual absl::StatusOr<Trail> Trace(const ports::Actor& actor, const std::string& any_id) = 0;
  /// All that proves the orders that an id leads to, names and account numbers unmasked.
  virtual absl::StatusOr<Evidence> GetEvidence(const ports::Actor& actor,
                                               const std::string& any_id) = 0;
  virtual absl::StatusOr<RouteExplanation> ExplainRoute(const ports::Actor& actor,
                                                        const model::RouteQuestion& question) = 0;

  virtual absl::StatusOr<View> GetHit(const ports::Actor& actor, const std::string& id) = 0;
  /// `state` empty: any.
  virtual absl::StatusOr<ports::Listed<View>> ListHits(const ports::Actor& actor,
                                                       const std::string& entity,
                                                       const std::string& state,
                                                       const ports::Page& page) = 0;
  virtual absl::StatusOr<View> DecideHit(const ports::Actor& actor, const std::string& id,
                                         HitDecision decision, const std::string& reason) = 0;
  virtual absl::StatusOr<std::vector<ports::ScreeningHit>> CheckName(const std::string& name) = 0;

  virtual absl::StatusOr<View> GetBeneficiary(const ports::Actor& actor, const std::string& id) = 0;
  virtual absl::StatusOr<ports::Listed<View>> ListBeneficiaries(const ports::Actor& actor,
                                                                const std::string& entity,
                                                                const std::string& state,
                                                                const ports::Page& page) = 0;
  virtual absl::StatusOr<View> ConfirmBeneficiary(const ports::Actor& actor, const std::string& id,
                                                  const std::string& digest,
                                                  const std::string& reason) = 0;
  virtual absl::StatusOr<View> BlockBeneficiary(const ports::Actor& actor, const std::string& id,
                                                const std::string& reason) = 0;

  /// For tests: does everything that is due by the clock, on the calling thread, until nothing is.
  virtual bool RunUntilIdle() = 0;
};

std::unique_ptr<PaymentOrders> MakePaymentOrders(Dependencies dependencies, Settings settings,
                                                 bool threads);

/// Failpoints on the way to settlement, for tests that hit each once.
inline constexpr const char* kFailpoints[] = {
    "payment_order.after_validated", "payment_order.after_generated",
    "payment_order.after_marked",    "payment_order.after_sent",
    "payment_order.after_submitted", "payment_order.after_payment_accepted",
    "payment_order.after_status",    "payment_order.after_booking",
};

}  // namespace kontor::payment_orders
