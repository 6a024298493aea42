// SPDX-License-Identifier: Apache-2.0
// An Odoo in memory that behaves as ODOO-FACTS say, the unpleasant part included, and whose answers
// the tests can cut, delay and refuse. Knows nothing of the engine.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "server/base/clock.h"
#include "server/ports/erp.h"

namespace kontor::engine::testing {

/// What becomes of one call.
enum class Fault {
  kNone,
  kUnreachable,  ///< Refused connection: known not applied.
  kBusy,         ///< Odoo's own "try again": known not applied.
  kCutBefore,    ///< The request was lost on its way; nobody knows.
  kCutAfter,     ///< It was done and the answer lost.
  kLate,         ///< The caller gave up; it arrives with one of the next calls.
};

struct FakeRecord {
  int64_t id = 0;
  std::string model;
  std::string external_id;
  model::Document document;
  ports::ErpSnapshot snapshot;
  model::Decimal remaining;     ///< Of payments: not reconciled yet.
  int drafts_made = 0;
  int posts = 0;
  bool visible = true;
};

class FakeErp final : public ports::Erp {
 public:
  explicit FakeErp(const base::Clock& clock);

  // What the tests steer; guarded by the tests' being single-threaded or by `Locked`.
  /// Asked before each call: name of the method and number of the call, from 1.
  std::function<Fault(const std::string& method, int call)> fault;
  /// Told of each call before it begins, on the caller's thread; may wait for another call.
  std::function<void(const std::string& method)> arrives;
  /// External ids that Odoo refuses, and whether it says which of a batch it was.
  std::set<std::string> refused;
  bool names_refused_item = true;
  /// Refuses every call of these methods with that status.
  std::map<std::string, absl::Status> broken;
  /// Cents that Odoo's tax has more than ours.
  int64_t tax_extra_minor = 0;
  /// Moves dates up to and including this one behind it, in silence, when posting.
  std::optional<model::Date> silent_lock;
  /// Whether payments get a journal entry.
  bool payments_have_moves = true;
  model::Catalogue catalogue;
  ports::ErpIdentity identity;
  int64_t same_reference_move_id = 0;
  /// What the next ReadChanges answers instead: a page that was read before and comes late.
  std::vector<ports::ErpSnapshot> late_page;
  /// What ReadPayables tells beside the bill itself, by the bill's id.
  std::map<int64_t, ports::Payable> payables;
  /// What ReadPayments tells beside the payment itself, by the payment's id.
  std::map<int64_t, ports::BookedPayment> booked_payments;
  std::vector<model::NamedId> vendors;  ///< By id; a page has two.
  /// Documents that one call of the addon takes; it puts the others off.
  size_t taken_together = 1000;

  // What the tests ask.
  std::vector<FakeRecord> All(const std::string& model) const;
  std::optional<FakeRecord> ByExternalId(const std::string& external_id) const;
  int Calls(const std::string& method) const;
  int calls_total() const { return calls_total_; }
  std::vector<size_t> batch_sizes() const { return batch_sizes_; }
  std::vector<std::string> activities() const { return activities_; }
  /// Lets every call that is still on its way arrive.
  void DeliverLate();

  /// Puts the addon in, as it tells of itself, or takes it out with all it knew.
  void InstallAddon();
  void RemoveAddon();
  /// Numbers of the changes that nobody acknowledged.
  std::vector<int64_t> WaitingChanges() const;
  /// A change that the addon wrote down.
  void NoteChange(const std::string& kind, const model::ErpRecord& record,
                  const std::string& details = "{}", int64_t company_id = 1);

  // What people do in Odoo.
  void DeleteRecord(int64_t id, const std::string& model);
  void Hide(int64_t id, const std::string& model);
  void EditReference(int64_t id, const std::string& reference);
  /// Less than nothing: a payment goes away again.
  void PayByHand(int64_t id, const std::string& amount);
  int64_t MakeForeignInvoice(const std::string& total);
  int64_t PostByHand(int64_t id);
  /// A posted payment to a partner that nobody but a person in Odoo knows of.
  int64_t MakeForeignPayment(const std::string& total, const std::string& journal_code);
  /// What a person changes on it; the record is the one that ReadPayments tells.
  void EditPayment(int64_t id, const std::function<void(ports::ErpSnapshot&)>& edit);

  absl::StatusOr<ports::ErpIdentity> Identify(ports::Deadline deadline) override;
  absl::StatusOr<std::string> BindDatabase(const std::string& mark,
                                           ports::Deadline deadline) override;
  absl::StatusOr<ports::ErpReport> Check(int64_t company_id, ports::Deadline deadline) override;
  absl::StatusOr<model::Catalogue> ReadCatalogue(int64_t company_id,
                                                 ports::Deadline deadline) override;
  absl::StatusOr<model::LockDates> ReadLockDates(int64_t company_id,
                                                 ports::Deadline deadline) override;
  absl::StatusOr<std::vector<model::References>> Resolve(
      int64_t company_id, std::span<const model::Document* const> documents,
      const std::map<std::string, int64_t>& known_partners, ports::Deadline deadline) override;
  absl::StatusOr<std::vector<model::ErpRecord>> CreateDrafts(
      int64_t company_id, const model::Catalogue& given,
      std::span<const ports::DraftRequest> requests, ports::Deadline deadline) override;
  absl::Status UpdatePartner(int64_t company_id, const model::Catalogue& given,
                             const ports::DraftRequest& request, const model::ErpRecord& record,
                             ports::Deadline deadline) override;
  absl::Status CreateBankAccounts(int64_t company_id, const ports::DraftRequest& request,
                                  const model::ErpRecord& record,
                                  ports::Deadline deadline) override;
  absl::Status Post(int64_t company_id, std::span<const model::ErpRecord> records,
                    ports::Deadline deadline) override;
  absl::Status PostClaim(int64_t company_id, const model::Catalogue& catalogue,
                         const ports::DraftRequest& request, const model::ErpRecord& record,
                         ports::Deadline deadline) override;
  absl::Status CorrectTax(int64_t company_id, const model::ErpRecord& record,
                          const model::Money& tax, ports::Deadline deadline) override;
  absl::Status Reconcile(int64_t company_id, const ports::ReconcileRequest& request,
                         ports::Deadline deadline) override;
  absl::Status Attach(int64_t company_id, std::span<const ports::AttachmentRequest> requests,
                      ports::Deadline deadline) override;
  absl::Status RemoveDrafts(int64_t company_id, std::span<const model::ErpRecord> records,
                            ports::Deadline deadline) override;
  absl::Status Undo(int64_t company_id, const model::ErpRecord& record,
                    ports::Deadline deadline) override;
  absl::StatusOr<std::vector<ports::ErpSnapshot>> Read(int64_t company_id,
                                                       std::span<const model::ErpRecord> records,
                                                       ports::Deadline deadline) override;
  absl::StatusOr<std::vector<ports::ProbeResult>> Probe(std::span<const std::string> external_ids,
                                                        ports::Deadline deadline) override;
  absl::StatusOr<ports::ChangePage> ReadChanges(int64_t company_id,
                                                const ports::ChangeCursor& after, int limit,
                                                ports::Deadline deadline) override;
  absl::StatusOr<ports::ChangePage> ReadMoves(int64_t company_id, const model::Date& from,
                                              const model::Date& to, int64_t after_id, int limit,
                                              ports::Deadline deadline) override;
  absl::StatusOr<std::vector<ports::ApplyResult>> Apply(
      int64_t company_id, const model::Catalogue& given,
      std::span<const ports::ApplyRequest> requests, bool post, ports::Deadline deadline) override;
  absl::StatusOr<std::vector<ports::FoundResult>> Find(int64_t company_id,
                                                       std::span<const std::string> external_ids,
                                                       ports::Deadline deadline) override;
  absl::StatusOr<std::vector<ports::ErpChange>> FetchChanges(int64_t company_id, int64_t after_id,
                                                             int limit,
                                                             ports::Deadline deadline) override;
  absl::Status AcknowledgeChanges(std::span<const int64_t> ids, ports::Deadline deadline) override;
  absl::StatusOr<ports::PayablePage> ReadPayables(int64_t company_id,
                                                  const ports::PayableQuery& query,
                                                  ports::Deadline deadline) override;
  absl::StatusOr<std::vector<ports::BookedPayment>> ReadPayments(int64_t company_id,
                                                                 std::span<const int64_t> ids,
                                                                 ports::Deadline deadline) override;
  absl::StatusOr<std::vector<model::NamedId>> ReadVendors(int64_t company_id, int64_t after_id,
                                                          ports::Deadline deadline) override;
  absl::Status ScheduleActivity(int64_t company_id, const std::string& external_id,
                                const model::ErpRecord& record, const std::string& summary,
                                const std::string& note, ports::Deadline deadline) override;

  std::set<std::string> attachments;
  std::set<std::string> bank_accounts;

 private:
  /// What the addon keeps of one external id.
  struct Applied {
    std::string digest;
    int revision = 0;
    bool applied = false;
  };
  /// A request that outlives its caller.
  struct KeptApply {
    std::string external_id;
    model::Document document;
    model::References references;
    ports::ApplyRequest request;
  };
  ports::ApplyResult ApplyOne(const KeptApply& kept, bool post);
  absl::Status CheckAddon() const;

  /// Runs `work` under the fault of this call.
  absl::Status Call(const std::string& method, std::function<absl::Status()> work);
  FakeRecord* Find(const model::ErpRecord& record);
  FakeRecord* FindMove(int64_t move_id);
  model::ErpRecord Create(const std::string& external_id, const model::Document& document,
                          const model::References& references);
  absl::Status PostOne(FakeRecord& record);
  void Touch(FakeRecord& record);
  std::string Number(const FakeRecord& record);

  const base::Clock& clock_;
  mutable std::recursive_mutex mutex_;
  std::map<int64_t, FakeRecord> records_;
  std::map<std::string, int64_t> by_external_id_;
  std::map<std::string, int> calls_;
  std::vector<size_t> batch_sizes_;
  std::vector<std::string> activities_;
  std::vector<std::function<absl::Status()>> late_;
  std::map<std::string, Applied> applied_;
  std::map<int64_t, ports::ErpChange> changes_;
  int64_t next_change_ = 1;
  int calls_total_ = 0;
  int64_t next_id_ = 1;
  int64_t next_number_ = 1;
};

}  // namespace kontor::engine::testing
