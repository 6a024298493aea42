// SPDX-License-Identifier: Apache-2.0
// Puts the parts together behind ports::Erp; see odoo_erp.h. No logic of its own beyond identity.
#include "adapters/odoo/odoo_erp.h"

#include <utility>

#include "adapters/odoo/addon.h"
#include "adapters/odoo/catalogue.h"
#include "adapters/odoo/changes.h"
#include "adapters/odoo/claims.h"
#include "adapters/odoo/classify.h"
#include "adapters/odoo/drafts.h"
#include "adapters/odoo/external_id.h"
#include "adapters/odoo/payables.h"
#include "adapters/odoo/posting.h"
#include "adapters/odoo/resolve.h"
#include "adapters/odoo/session.h"
#include "adapters/odoo/snapshot.h"
#include "adapters/odoo/statement_lines.h"
#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::odoo {
namespace {

using base::Reason;
using model::ErpRecord;
using ports::Deadline;
using ports::DraftRequest;

class OdooErp final : public ports::Erp, public ports::ErpBank {
 public:
  explicit OdooErp(Wire wire) : clock_(*wire.clock), session_(std::move(wire)) {}

  absl::StatusOr<ports::ErpIdentity> Identify(Deadline deadline) override {
    KONTOR_RETURN_IF_ERROR(session_.Connect(deadline, true).status());
    KONTOR_ASSIGN_OR_RETURN(Work work, Work::Begin(session_, 0, deadline));
    return IdentityOf(work);
  }

  absl::StatusOr<std::string> BindDatabase(const std::string& mark, Deadline deadline) override {
    KONTOR_ASSIGN_OR_RETURN(Work work, Work::Begin(session_, 0, deadline));
    return MakeMark(work, mark);
  }

  absl::StatusOr<ports::ErpReport> Check(int64_t company_id, Deadline deadline) override {
    KONTOR_RETURN_IF_ERROR(session_.Connect(deadline, true).status());
    KONTOR_ASSIGN_OR_RETURN(Work work, Work::Begin(session_, company_id, deadline));
    ports::ErpReport report;
    KONTOR_ASSIGN_OR_RETURN(report.identity, IdentityOf(work));
    KONTOR_ASSIGN_OR_RETURN(Work everywhere, Work::Begin(session_, 0, deadline));
    KONTOR_ASSIGN_OR_RETURN(report.companies, ReadCompanies(everywhere));
    const auto precision = ReadPrecision(work);
    if (precision.ok()) {
      report.precision = *precision;
    } else if (!base::Is(precision.status(), Reason::kOdooRightMissing)) {
      return precision.status();
    }
    KONTOR_ASSIGN_OR_RETURN(Rights rights, ReadRights(work));
    report.missing_rights = std::move(rights.missing);
    report.excess_rights = std::move(rights.excess);
    AddRightFindings(report);
    AddAddonFinding(report);
    return report;
  }

  absl::StatusOr<model::Catalogue> ReadCatalogue(int64_t company_id, Deadline deadline) override {
    KONTOR_ASSIGN_OR_RETURN(Work work, Work::Begin(session_, company_id, deadline));
    return odoo::ReadCatalogue(work, journals_, clock_);
  }

  absl::StatusOr<model::LockDates> ReadLockDates(int64_t company_id, Deadline deadline) override {
    KONTOR_ASSIGN_OR_RETURN(Work work, Work::Begin(session_, company_id, deadline));
    return odoo::ReadLockDates(work);
  }

  absl::StatusOr<std::vector<model::References>> Resolve(
      int64_t company_id, std::span<const model::Document* const> documents,
      const std::map<std::string, int64_t>& known_partners, Deadline deadline) override {
    KONTOR_ASSIGN_OR_RETURN(Work work, Work::Begin(session_, company_id, deadline));
    return ResolveReferences(work, documents, known_partners);
  }

  absl::StatusOr<std::vector<ErpRecord>> CreateDrafts(int64_t company_id,
                                                      const model::Catalogue& catalogue,
                                                      std::span<const DraftRequest> requests,
                                                      Deadline deadline) override {
    KONTOR_ASSIGN_OR_RETURN(Work work, Work::Begin(session_, company_id, deadline));
    return CreateDocuments(work, catalogue, requests);
  }

  absl::Status UpdatePartner(int64_t company_id, const model::Catalogue& catalogue,
                             const DraftRequest& request, const ErpRecord& record,
                             Deadline deadline) override {
    KONTOR_ASSIGN_OR_RETURN(Work work, Work::Begin(session_, company_id, deadline));
    return UpdatePartnerFields(work, catalogue, request, record);
  }

  absl::Status CreateBankAccounts(int64_t company_id, const DraftRequest& request,
                                  const ErpRecord& record, Deadline deadline) override {
    KONTOR_ASSIGN_OR_RETURN(Work work, Work::Begin(session_, company_id, deadline));
    return CreatePartnerAccounts(work, request, record);
  }

  absl::Status Post(int64_t company_id, std::span<const ErpRecord> records,
                    Deadline deadline) override {
    KONTOR_ASSIGN_OR_RETURN(Work work, Work::Begin(session_, company_id, deadline));
    return PostRecords(work, records);
  }

  absl::Status PostClaim(int64_t company_id, const model::Catalogue& catalogue,
                         const DraftRequest& request, const ErpRecord& record,
                         Deadline deadline) override {
    KONTOR_ASSIGN_OR_RETURN(Work work, Work::Begin(session_, company_id, deadline));
    return odoo::PostClaim(work, catalogue, request, record);
  }

  absl::Status CorrectTax(int64_t company_id, const ErpRecord& record, const model::Money& tax,
                          Deadline deadline) override {
    KONTOR_ASSIGN_OR_RETURN(Work work, Work::Begin(session_, company_id, deadline));
    return CorrectTaxLine(work, record, tax);
  }

  absl::Status Reconcile(int64_t company_id, const ports::ReconcileRequest& request,
                         Deadline deadline) override {
    KONTOR_ASSIGN_OR_RETURN(Work work, Work::Begin(session_, company_id, deadline));
    return ReconcileMoves(work, request);
  }

  absl::Status Attach(int64_t company_id, std::span<const ports::AttachmentRequest> requests,
                      Deadline deadline) override {
    KONTOR_ASSIGN_OR_RETURN(Work work, Work::Begin(session_, company_id, deadline));
    return CreateAttachments(work, requests);
  }

  absl::Status RemoveDrafts(int64_t company_id, std::span<const ErpRecord> records,
                            Deadline deadline) override {
    KONTOR_ASSIGN_OR_RETURN(Work work, Work::Begin(session_, company_id, deadline));
    return RemoveDraftRecords(work, records);
  }

  absl::Status Undo(int64_t company_id, const ErpRecord& record, Deadline deadline) override {
    KONTOR_ASSIGN_OR_RETURN(Work work, Work::Begin(session_, company_id, deadline));
    return UndoRecord(work, record);
  }

  absl::StatusOr<std::vector<ports::ErpSnapshot>> Read(int64_t company_id,
                                                       std::span<const ErpRecord> records,
                                                       Deadline deadline) override {
    KONTOR_ASSIGN_OR_RETURN(Work work, Work::Begin(session_, company_id, deadline));
    return ReadSnapshots(work, journals_, records);
  }

  absl::StatusOr<std::vector<ports::ProbeResult>> Probe(std::span<const std::string> external_ids,
                                                        Deadline deadline) override {
    KONTOR_ASSIGN_OR_RETURN(Work work, Work::Begin(session_, 0, deadline));
    std::vector<ports::ProbeResult> results;
    for (const std::string& external_id : external_ids) {
      KONTOR_ASSIGN_OR_RETURN(ports::ProbeResult result, ProbeExternalId(work, external_id));
      if (result.kind == ports::ProbeResult::Kind::kPresent && IsClaimModel(result.record.model)) {
        KONTOR_ASSIGN_OR_RETURN(result.record, BookedAs(work, result.record));
      }
      results.push_back(std::move(result));
    }
    return results;
  }

  absl::StatusOr<ports::ChangePage> ReadChanges(int64_t company_id,
                                                const ports::ChangeCursor& after, int limit,
                                                Deadline deadline) override {
    KONTOR_ASSIGN_OR_RETURN(Work work, Work::Begin(session_, company_id, deadline));
    return ReadChangedRecords(work, journals_, after, limit);
  }

  absl::StatusOr<ports::ChangePage> ReadMoves(int64_t company_id, const model::Date& from,
                                              const model::Date& to, int64_t after_id, int limit,
                                              Deadline deadline) override {
    KONTOR_ASSIGN_OR_RETURN(Work work, Work::Begin(session_, company_id, deadline));
    return ReadMovesOfPeriod(work, journals_, from, to, after_id, limit);
  }

  absl::StatusOr<std::vector<ports::ApplyResult>> Apply(
      int64_t company_id, const model::Catalogue& catalogue,
      std::span<const ports::ApplyRequest> requests, bool post, Deadline deadline) override {
    KONTOR_ASSIGN_OR_RETURN(Work work, Work::Begin(session_, company_id, deadline));
    return ApplyDocuments(work, catalogue, requests, post);
  }

  absl::StatusOr<std::vector<ports::FoundResult>> Find(int64_t company_id,
                                                       std::span<const std::string> external_ids,
                                                       Deadline deadline) override {
    KONTOR_ASSIGN_OR_RETURN(Work work, Work::Begin(session_, company_id, deadline));
    return FindApplied(work, external_ids);
  }

  absl::StatusOr<std::vector<ports::ErpChange>> FetchChanges(int64_t company_id, int64_t after_id,
                                                             int limit,
                                                             Deadline deadline) override {
    KONTOR_ASSIGN_OR_RETURN(Work work, Work::Begin(session_, company_id, deadline));
    return FetchAddonChanges(work, after_id, limit);
  }

  absl::Status AcknowledgeChanges(std::span<const int64_t> ids, Deadline deadline) override {
    KONTOR_ASSIGN_OR_RETURN(Work work, Work::Begin(session_, 0, deadline));
    return AcknowledgeAddonChanges(work, ids);
  }

  absl::StatusOr<ports::PayablePage> ReadPayables(int64_t company_id,
                                                  const ports::PayableQuery& query,
                                                  Deadline deadline) override {
    KONTOR_ASSIGN_OR_RETURN(Work work, Work::Begin(session_, company_id, deadline));
    return ReadPayableBills(work, journals_, query);
  }

  absl::StatusOr<std::vector<ports::BookedPayment>> ReadPayments(int64_t company_id,
                                                                 std::span<const int64_t> ids,
                                                                 Deadline deadline) override {
    KONTOR_ASSIGN_OR_RETURN(Work work, Work::Begin(session_, company_id, deadline));
    return ReadBookedPayments(work, journals_, ids);
  }

  absl::StatusOr<std::vector<model::NamedId>> ReadVendors(int64_t company_id, int64_t after_id,
                                                          Deadline deadline) override {
    KONTOR_ASSIGN_OR_RETURN(Work work, Work::Begin(session_, company_id, deadline));
    return ReadVendorPage(work, after_id);
  }

  absl::Status ScheduleActivity(int64_t company_id, const std::string& external_id,
                                const ErpRecord& record, const std::string& summary,
                                const std::string& note, Deadline deadline) override {
    KONTOR_ASSIGN_OR_RETURN(Work work, Work::Begin(session_, company_id, deadline));
    return CreateActivity(work, external_id, record, summary, note);
  }

  ports::ErpBank* Bank() override { return this; }

  absl::StatusOr<std::vector<ErpRecord>> CreateStatementLines(
      int64_t company_id, const model::Catalogue& catalogue, const std::string& journal_code,
      std::span<const ports::StatementLineDraft> lines, absl::Time deadline) override {
    KONTOR_ASSIGN_OR_RETURN(Work work, Work::Begin(session_, company_id, deadline));
    return CreateBankLines(work, catalogue, journal_code, lines);
  }

  absl::StatusOr<ErpRecord> CreateStatement(int64_t company_id,
                                            const ports::StatementDraft& statement,
                                            absl::Time deadline) override {
    KONTOR_ASSIGN_OR_RETURN(Work work, Work::Begin(session_, company_id, deadline));
    return CreateBankStatement(work, statement);
  }

  absl::Status SettleStatementLine(int64_t company_id, const model::Catalogue& catalogue,
                                   const ports::StatementLineSettlement& settlement,
                                   absl::Time deadline) override {
    KONTOR_ASSIGN_OR_RETURN(Work work, Work::Begin(session_, company_id, deadline));
    return SettleBankLine(work, catalogue, settlement);
  }

  absl::StatusOr<ports::StatementLinePage> ReadStatementLines(
      int64_t company_id, const model::Catalogue& catalogue, const std::string& journal_code,
      const base::Date& from, const base::Date& to, int64_t after_id, int limit,
      absl::Time deadline) override {
    KONTOR_ASSIGN_OR_RETURN(Work work, Work::Begin(session_, company_id, deadline));
    return ReadBankLines(work, catalogue, journal_code, from, to, after_id, limit);
  }

  absl::StatusOr<std::vector<ports::StatementLineSeen>> FindStatementLines(
      int64_t company_id, const model::Catalogue& catalogue, const std::vector<int64_t>& ids,
      absl::Time deadline) override {
    KONTOR_ASSIGN_OR_RETURN(Work work, Work::Begin(session_, company_id, deadline));
    return FindBankLines(work, catalogue, ids);
  }

  absl::StatusOr<std::vector<ports::StatementSeen>> FindStatements(
      int64_t company_id, const std::vector<int64_t>& ids, absl::Time deadline) override {
    KONTOR_ASSIGN_OR_RETURN(Work work, Work::Begin(session_, company_id, deadline));
    return FindBankStatements(work, ids);
  }

 private:
  static absl::StatusOr<ports::ErpIdentity> IdentityOf(Work& work) {
    ports::ErpIdentity identity;
    identity.series = std::string(work.dialect().series);
    identity.server_version = work.link().server_version;
    identity.transport = std::string(work.link().transport->name());
    KONTOR_ASSIGN_OR_RETURN(identity.database_mark, ReadMark(work));
    KONTOR_ASSIGN_OR_RETURN(const AddonIdentity addon, AskAddon(work));
    identity.has_addon = addon.usable;
    identity.addon_version = addon.version;
    identity.addon_missing = addon.missing;
    identity.database_uuid = addon.database_uuid;
    identity.neutralised = addon.neutralised;
    identity.event_sequence = addon.event_sequence;
    return identity;
  }

  static void AddWarning(ports::ErpReport& report, Reason reason, std::string message) {
    report.findings.push_back(model::MakeFinding(reason, "", std::move(message)));
    report.findings.back().severity = model::Severity::kWarning;
  }

  static void AddRightFindings(ports::ErpReport& report) {
    for (const std::string& right : report.missing_rights) {
      report.findings.push_back(model::MakeFinding(
          Reason::kOdooRightMissing, "", base::StrCat("kontor's user lacks the right ", right)));
    }
    for (const std::string& right : report.excess_rights) {
      AddWarning(report, Reason::kOdooRightExcess,
                 base::StrCat("kontor's user is in the group ", right));
    }
  }

  /// Kontor works without the addon, so its absence is no error.
  static void AddAddonFinding(ports::ErpReport& report) {
    if (report.identity.has_addon || report.identity.addon_missing.empty()) return;
    AddWarning(report, Reason::kAddonMissing, report.identity.addon_missing);
  }

  const base::Clock& clock_;
  Session session_;
  JournalCodes journals_;
};

}  // namespace

std::shared_ptr<ports::Erp> MakeOdooErp(OdooSettings settings, ports::HttpClient& http,
                                        const base::Clock& clock) {
  return std::make_shared<OdooErp>(
      Wire{.settings = std::move(settings), .http = &http, .clock = &clock});
}

}  // namespace kontor::odoo
