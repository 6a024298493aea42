// SPDX-License-Identifier: Apache-2.0
// What the engine asks of an ERP, one connection each. Every changing call is repeatable
// (DESIGN 5.4); every failed status says what is known of its outcome (base::Outcome), and one that
// does not say is UNKNOWN. Calls block the calling thread until `deadline` at the latest.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/base/status.h"
#include "server/model/bank_party.h"
#include "server/model/catalogue.h"
#include "server/model/document.h"
#include "server/model/operation.h"
#include "server/ports/erp_bank.h"

namespace kontor::ports {

using Deadline = absl::Time;

/// What tells one database from another (DESIGN 11).
struct ErpIdentity {
  std::string series;          ///< "17.0", "18.0", "19.0".
  std::string server_version;
  std::string transport;       ///< json2, jsonrpc, xmlrpc.
  std::string database_mark;   ///< The marker record's value; empty: there is none yet.
  std::string database_uuid;   ///< With the addon: database.uuid; empty without it.
  bool neutralised = false;    ///< A copy for tests, says the addon.
  int64_t event_sequence = 0;  ///< Highest kontor.event; 0 without the addon.
  bool has_addon = false;      ///< It is there, speaks our protocol and may be used.
  std::string addon_version;
  std::string addon_missing;   ///< Without a usable addon: why, in a sentence; may be empty.
};

struct ErpCompany {
  int64_t id = 0;
  std::string name;
  std::string currency_code;
  model::LockDates lock_dates;
};

/// Fraction digits that the database keeps on the lines of documents.
struct ErpPrecision {
  int price = 0;
  int quantity = 0;
  int discount = 0;
};

struct ErpReport {
  ErpIdentity identity;
  std::vector<ErpCompany> companies;      ///< All that the connection's user sees.
  std::optional<ErpPrecision> precision;  ///< None: out of the user's reach.
  std::vector<std::string> missing_rights;
  std::vector<std::string> excess_rights;
  std::vector<model::Finding> findings;
};

/// A document on its way. `external_id` is the bare name under module `kontor`.
struct DraftRequest {
  std::string external_id;
  const model::Document* document = nullptr;
  const model::References* references = nullptr;
};

/// A record as read back. Amounts are exact at the currency's scale.
struct ErpSnapshot {
  model::ErpRecord record;
  bool exists = false;
  std::string state;         ///< draft, posted, cancel; payments also in_process, paid, rejected.
  std::string
      move_type;  ///< out_invoice, in_invoice, out_refund, in_refund, entry; payments: payment.
  int64_t move_id = 0;       ///< The account.move behind a payment; 0: none.
  std::optional<model::Date> date;          ///< The move's accounting date.
  std::optional<model::Date> invoice_date;
  std::optional<model::Date> due_date;
  std::string currency_code;
  model::Decimal total;      ///< Unsigned document total; entries: sum of debits.
  model::Decimal tax;
  model::Decimal residual;
  model::Decimal company_total;  ///< In company currency, unsigned; shows the rate used.
  std::string company_currency_code;
  std::string payment_state; ///< not_paid, in_payment, paid, partial, reversed …
  std::string reference;
  std::string payment_reference;
  std::string journal_code;
  std::string company_name;
  int64_t partner_id = 0;
  std::string partner_name;
  std::string external_id;   ///< Bare name when it is one of kontor's; filled by ReadMoves only.
  bool hashed = false;
  std::string write_date;    ///< Odoo's own, UTC, "YYYY-MM-DD HH:MM:SS".
};

struct ProbeResult {
  enum class Kind { kAbsent, kPresent, kNotVisible };
  Kind kind = Kind::kAbsent;
  model::ErpRecord record;
};

/// Pays `amount` (none: as much as possible) of `invoice_move_id` with a posted payment.
struct ReconcileRequest {
  int64_t payment_move_id = 0;
  int64_t invoice_move_id = 0;
};

/// A document for the addon, which creates, compares and posts it in one transaction.
struct ApplyRequest {
  DraftRequest draft;
  std::string digest;          ///< Hex SHA-256 of the document's normal form.
  int revision = 1;
  std::string correlation_id;
  /// What is compared before posting, each only when given; amounts in the document's currency.
  std::optional<model::Money> total;
  std::optional<model::Money> tax;
  std::string currency_code;
  std::optional<model::Date> date;
  std::optional<model::Date> due_date;
  /// Above zero: a single tax line that misses `tax` by at most this is set to it (bills only).
  std::optional<model::Money> tax_correction_max;
};

struct ApplyResult {
  enum class Status {
    kApplied,   ///< It stands in Odoo as asked, by this call or by an earlier one.
    kRefused,   ///< Nothing of it stands in Odoo; `findings` say why.
    kConflict,  ///< Other content was applied under this external id before.
    kStale,     ///< Odoo knows of a higher revision than the one asked for.
    kDeferred,  ///< Nothing was done, for the journal was held long enough: send it again.
  };
  Status status = Status::kRefused;
  int revision = 0;            ///< As stored in Odoo; for kStale and kConflict the one it has.
  bool repeated = false;       ///< An earlier call had applied it.
  ErpSnapshot snapshot;        ///< Of kApplied, read in the same transaction.
  std::vector<model::Finding> findings;
};

/// What the addon knows of an external id.
struct FoundResult {
  enum class Kind { kAbsent, kApplied, kNotVisible };
  Kind kind = Kind::kAbsent;
  ErpSnapshot snapshot;        ///< Of kApplied; exists = false when the record is gone.
};

/// A change that the addon wrote down in the transaction that made it.
struct ErpChange {
  int64_t id = 0;
  int64_t company_id = 0;          ///< 0: of all companies, such as a shared bank account.
  std::vector<std::string> kinds;  ///< Such as move.posted; the most important one first.
  model::ErpRecord record;
  std::string time;                ///< Odoo's, UTC.
  std::string user;                ///< Login.
  bool by_bot = false;
  ErpSnapshot snapshot;            ///< As read at the fetch.
  std::string details;             ///< The snapshot as JSON text, for what ErpSnapshot cannot hold.
};

struct AttachmentRequest {
  std::string external_id;
  model::ErpRecord record;
  const model::Attachment* attachment = nullptr;
};

/// Where a change reading stopped: everything up to (write_date, id) is read.
struct ChangeCursor {
  std::string write_date;
  int64_t id = 0;
};

struct ChangePage {
  std::vector<ErpSnapshot> snapshots;  ///< By (write_date, id).
  ChangeCursor next;
  bool more = false;
};

/// The account that a bill is to be paid to, as it stands in Odoo.
struct PayableAccount {
  int64_t id = 0;            ///< Of res.partner.bank.
  int64_t partner_id = 0;    ///< Whose it is.
  std::string number;        ///< Without spaces.
  std::string holder;        ///< Empty: the partner's name.
  std::string bic;
  std::string bank_name;
  std::string currency_code;
  bool trusted = false;      ///< Odoo's "send money".
  std::string editor;        ///< Who last wrote it: the login where it may be read, else the name.
  std::string write_date;
};

/// Who is to be paid, as a record in Odoo says.
struct Payee {
  int64_t partner_id = 0;    ///< The commercial partner, whose debt it is.
  std::string partner_name;
  model::PostalAddress address;
  std::optional<PayableAccount> account;  ///< The record's own, else the partner's only one.
  int accounts = 0;          ///< Accounts of the partner, when the record names none.
};

/// A vendor bill with what its payment needs.
struct Payable : Payee {
  ErpSnapshot bill;
};

/// An account.payment that somebody else made, with what sending it to a bank needs.
/// A bill that a payment is reconciled with.
struct PaidMove {
  int64_t id = 0;
  std::string name;
  friend bool operator==(const PaidMove&, const PaidMove&) = default;
};

struct BookedPayment : Payee {
  ErpSnapshot payment;
  bool outgoing = false;
  bool sent = false;         ///< Somebody marked it as sent.
  bool matched = false;      ///< Reconciled with a bank line.
  std::vector<PaidMove> bills;
};

/// Which bills: those named, whatever their state, else posted ones with something left to pay.
struct PayableQuery {
  std::vector<int64_t> move_ids;
  std::optional<model::Date> due_until;
  std::optional<model::Date> due_from;
  std::string journal_code;
  int64_t partner_id = 0;
  std::string currency_code;
  int64_t after_id = 0;      ///< Pages go by the bill's id.
  int limit = 500;           ///< 1 to 1000.
};

struct PayablePage {
  std::vector<Payable> rows;
  int64_t next_id = 0;
  bool more = false;
};

/// Implementations are thread-safe; calls run in parallel up to the connection's own limit.
class Erp {
 public:
  virtual ~Erp() = default;

  /// Who answers, over which transport; probes again after a change of series.
  virtual absl::StatusOr<ErpIdentity> Identify(Deadline deadline) = 0;
  /// Binds the connection: makes the marker when there is none, answers its value. Repeatable.
  virtual absl::StatusOr<std::string> BindDatabase(const std::string& mark, Deadline deadline) = 0;
  virtual absl::StatusOr<ErpReport> Check(int64_t company_id, Deadline deadline) = 0;
  virtual absl::StatusOr<model::Catalogue> ReadCatalogue(int64_t company_id, Deadline deadline) = 0;
  /// The lock dates as they are now: asked just before posting, since Odoo moves dates in silence.
  virtual absl::StatusOr<model::LockDates> ReadLockDates(int64_t company_id,
                                                         Deadline deadline) = 0;

  /// Looks up what the catalogue does not hold: partners by vat or id, products by code, bank
  /// accounts, invoices behind reversals. `known_partners` maps references to ids that kontor has
  /// made itself. Missing ones stay 0 / absent in the answer; the rules turn them into findings.
  virtual absl::StatusOr<std::vector<model::References>> Resolve(
      int64_t company_id, std::span<const model::Document* const> documents,
      const std::map<std::string, int64_t>& known_partners, Deadline deadline) = 0;

  /// Creates what is absent, changes nothing that exists, answers the records in order. All or
  /// nothing: a refusal names the guilty item in metadata "item" (its index) when it is known.
  /// All requests have one document type, one journal and one currency-of-columns, as the caller's
  /// lane gives them; the adapter splits by columns itself.
  virtual absl::StatusOr<std::vector<model::ErpRecord>> CreateDrafts(
      int64_t company_id, const model::Catalogue& catalogue,
      std::span<const DraftRequest> requests, Deadline deadline) = 0;
  /// Writes the differing fields of existing partners of ours.
  virtual absl::Status UpdatePartner(int64_t company_id, const model::Catalogue& catalogue,
                                     const DraftRequest& request, const model::ErpRecord& record,
                                     Deadline deadline) = 0;
  /// Creates the partner's bank accounts if absent.
  virtual absl::Status CreateBankAccounts(int64_t company_id, const DraftRequest& request,
                                          const model::ErpRecord& record, Deadline deadline) = 0;
  /// Posts drafts, skipping those posted already (state is read first). All or nothing.
  virtual absl::Status Post(int64_t company_id, std::span<const model::ErpRecord> records,
                            Deadline deadline) = 0;
  /// Takes a claim of expenses through submission, approval and posting, from where it stands.
  /// Repeatable: the state is read before and after each step, since Odoo answers some of them with
  /// a question. DUPLICATE_SUSPECTED when it asks whether two expenses are one.
  virtual absl::Status PostClaim(int64_t company_id, const model::Catalogue& catalogue,
                                 const DraftRequest& request, const model::ErpRecord& record,
                                 Deadline deadline) = 0;
  /// Writes the tax line's amount of a draft with a single tax line, for a supplier's rounding
  /// cent.
  virtual absl::Status CorrectTax(int64_t company_id, const model::ErpRecord& record,
                                  const model::Money& tax, Deadline deadline) = 0;
  /// Reconciles the open receivable/payable lines of the two; done already is done.
  virtual absl::Status Reconcile(int64_t company_id, const ReconcileRequest& request,
                                 Deadline deadline) = 0;
  virtual absl::Status Attach(int64_t company_id, std::span<const AttachmentRequest> requests,
                              Deadline deadline) = 0;
  /// Deletes drafts; gone already is done; STATE_CONFLICT when posted.
  virtual absl::Status RemoveDrafts(int64_t company_id, std::span<const model::ErpRecord> records,
                                    Deadline deadline) = 0;
  /// Posted → cancelled (payments: unreconciled first). HASHED_DOCUMENT when it is sealed.
  virtual absl::Status Undo(int64_t company_id, const model::ErpRecord& record,
                            Deadline deadline) = 0;

  /// Reads records back, in order; exists = false for missing ones.
  virtual absl::StatusOr<std::vector<ErpSnapshot>> Read(
      int64_t company_id, std::span<const model::ErpRecord> records, Deadline deadline) = 0;
  /// Asks for external ids, in order.
  virtual absl::StatusOr<std::vector<ProbeResult>> Probe(
      std::span<const std::string> external_ids, Deadline deadline) = 0;
  /// Moves and payments changed after the cursor, by (write_date, id).
  virtual absl::StatusOr<ChangePage> ReadChanges(int64_t company_id, const ChangeCursor& after,
                                                 int limit, Deadline deadline) = 0;
  /// Every move with an accounting date in [from, to], with external ids; a page by id.
  virtual absl::StatusOr<ChangePage> ReadMoves(int64_t company_id, const model::Date& from,
                                               const model::Date& to, int64_t after_id, int limit,
                                               Deadline deadline) = 0;
  /// Through the addon: creates, compares and (with `post`) posts each document that is absent, in
  /// one transaction; what stands there already is answered and left alone. One result a request,
  /// in order; a refusal concerns its own document alone. All requests have one document type and
  /// one journal; at most 200. A failed status is about the whole call: ADDON_MISSING, not applied,
  /// when the addon is gone.
  virtual absl::StatusOr<std::vector<ApplyResult>> Apply(int64_t company_id,
                                                         const model::Catalogue& catalogue,
                                                         std::span<const ApplyRequest> requests,
                                                         bool post, Deadline deadline) = 0;
  /// Through the addon: what became of external ids, in order. Changes nothing.
  virtual absl::StatusOr<std::vector<FoundResult>> Find(int64_t company_id,
                                                        std::span<const std::string> external_ids,
                                                        Deadline deadline) = 0;
  /// Through the addon: changes with id > after_id that nobody acknowledged, by id; limit <= 500.
  virtual absl::StatusOr<std::vector<ErpChange>> FetchChanges(int64_t company_id, int64_t after_id,
                                                              int limit, Deadline deadline) = 0;
  /// Through the addon: these changes are durable here and need not be told again. Repeatable.
  virtual absl::Status AcknowledgeChanges(std::span<const int64_t> ids, Deadline deadline) = 0;

  /// What bank statements need; null: this one takes none. Lives as long as the Erp.
  virtual ErpBank* Bank() { return nullptr; }
  /// Vendor bills for payment orders. Changes nothing. ODOO_SERIES_UNSUPPORTED where the adapter
  /// cannot tell.
  virtual absl::StatusOr<PayablePage> ReadPayables(int64_t /*company_id*/,
                                                   const PayableQuery& /*query*/,
                                                   Deadline /*deadline*/) {
    return base::Error(base::Reason::kOdooSeriesUnsupported)
        .Happened(base::Outcome::kNotApplied)
        .Says("this connection does not tell what is to be paid");
  }
  /// These payments, by their ids and whatever their state; missing ones are left out. At most
  /// 1000. Changes nothing. ODOO_SERIES_UNSUPPORTED where the adapter cannot tell.
  virtual absl::StatusOr<std::vector<BookedPayment>> ReadPayments(
      int64_t /*company_id*/, std::span<const int64_t> /*ids*/, Deadline /*deadline*/) {
    return base::Error(base::Reason::kOdooSeriesUnsupported)
        .Happened(base::Outcome::kNotApplied)
        .Says("this connection does not tell what payments stand in it");
  }

  /// Companies and persons from whom the company has bought, by name, with id > after_id, by id; at
  /// most 500. Changes nothing. ODOO_SERIES_UNSUPPORTED where the adapter cannot tell.
  virtual absl::StatusOr<std::vector<model::NamedId>> ReadVendors(int64_t /*company_id*/,
                                                                  int64_t /*after_id*/,
                                                                  Deadline /*deadline*/) {
    return base::Error(base::Reason::kOdooSeriesUnsupported)
        .Happened(base::Outcome::kNotApplied)
        .Says("this connection does not tell who its vendors are");
  }

  /// Makes an activity for a person on the record (exceptions without the addon). Repeatable by
  /// external id.
  virtual absl::Status ScheduleActivity(int64_t company_id, const std::string& external_id,
                                        const model::ErpRecord& record, const std::string& summary,
                                        const std::string& note, Deadline deadline) = 0;
};

}  // namespace kontor::ports
