// SPDX-License-Identifier: Apache-2.0
// The addon over every wire: exactly once with the external ids of the path without it, one result
// a document, the same snapshot that a reading gives, changes until they are acknowledged. On a
// simulator the addon is put in for each test and taken out after it; on a real Odoo without the
// addon these tests say so and are passed over.
#include <algorithm>

#include "tests/contract/odoo/rig.h"

namespace kontor::odoo::contract {
namespace {

using base::Reason;
using ports::ApplyRequest;
using ports::ApplyResult;
using ports::FoundResult;

class AddonRig : public Rig {
 public:
  explicit AddonRig(const std::string& target_name) : Rig(target_name) {
    if (target().simulated) AskSimulator(target(), "set", {{"addon", true}});
  }
  ~AddonRig() {
    if (target().simulated) AskSimulator(target(), "set", {{"addon", false}});
  }
  AddonRig(const AddonRig&) = delete;
  AddonRig& operator=(const AddonRig&) = delete;

  bool HasAddon() {
    const auto identity = erp().Identify(Soon());
    REQUIRE_OK(identity);
    if (!identity->has_addon) BOOST_TEST_MESSAGE("no addon: " << identity->addon_missing);
    return identity->has_addon;
  }
  static ApplyRequest RequestFor(const Draft& draft) {
    ApplyRequest request;
    request.draft = {draft.external_id, &draft.document, &draft.references};
    request.digest = Digest('a');
    request.correlation_id = "c-" + draft.external_id;
    return request;
  }
  static std::string Digest(char digit) { return std::string(64, digit); }
  absl::StatusOr<std::vector<ApplyResult>> ApplyAll(const std::vector<ApplyRequest>& requests,
                                                    bool post = true) {
    return erp().Apply(company_id(), catalogue(), requests, post, Soon());
  }
  ApplyResult ApplyOne(const ApplyRequest& request, bool post = true) {
    const auto results = ApplyAll({request}, post);
    REQUIRE_OK(results);
    BOOST_REQUIRE_EQUAL(results->size(), 1U);
    return results->front();
  }
  ApplyResult Applied(const ApplyRequest& request, bool post = true) {
    ApplyResult result = ApplyOne(request, post);
    BOOST_REQUIRE_MESSAGE(
        result.status == ApplyResult::Status::kApplied,
        (result.findings.empty() ? "no finding" : result.findings.front().message));
    return result;
  }
  std::vector<ports::ErpChange> Changes() {
    std::vector<ports::ErpChange> all;
    int64_t after = 0;
    while (true) {
      const auto page = erp().FetchChanges(company_id(), after, 100, Soon());
      REQUIRE_OK(page);
      all.insert(all.end(), page->begin(), page->end());
      if (page->size() < 100) return all;
      after = page->back().id;
    }
  }
};

#define ADDON_RIG(rig)        \
  AddonRig rig(target_name);  \
  if (!rig.HasAddon()) return

/// Everything but what only one of the two readings has.
void CheckSame(const ports::ErpSnapshot& told, const ports::ErpSnapshot& read) {
  BOOST_TEST((told.record == read.record), told.record.name << " " << read.record.name);
  BOOST_TEST(told.state == read.state);
  BOOST_TEST(told.move_type == read.move_type);
  BOOST_TEST(told.move_id == read.move_id);
  BOOST_TEST((told.date == read.date));
  BOOST_TEST((told.invoice_date == read.invoice_date));
  BOOST_TEST((told.due_date == read.due_date));
  BOOST_TEST(told.currency_code == read.currency_code);
  BOOST_TEST(told.total.ToString() == read.total.ToString());
  BOOST_TEST(told.tax.ToString() == read.tax.ToString());
  BOOST_TEST(told.residual.ToString() == read.residual.ToString());
  BOOST_TEST(told.company_total.ToString() == read.company_total.ToString());
  BOOST_TEST(told.company_currency_code == read.company_currency_code);
  BOOST_TEST(told.payment_state == read.payment_state);
  BOOST_TEST(told.reference == read.reference);
  BOOST_TEST(told.payment_reference == read.payment_reference);
  BOOST_TEST(told.journal_code == read.journal_code);
  BOOST_TEST(told.partner_id == read.partner_id);
  BOOST_TEST(told.partner_name == read.partner_name);
  BOOST_TEST(told.hashed == read.hashed);
}

ODOO_TEST(the_addon_is_found_with_its_database_and_missed_with_a_reason) {
  AddonRig rig(target_name);
  if (rig.target().simulated) AskSimulator(rig.target(), "set", {{"addon", false}});
  const auto before = rig.erp().Identify(rig.Soon());
  REQUIRE_OK(before);
  if (!before->has_addon) {
    BOOST_TEST(before->addon_missing.find("not installed") != std::string::npos);
    BOOST_TEST(before->database_uuid.empty());
    const auto report = rig.erp().Check(rig.company_id(), rig.Soon());
    REQUIRE_OK(report);
    BOOST_TEST(std::ranges::any_of(report->findings, [](const model::Finding& finding) {
      return finding.reason == "ADDON_MISSING" && finding.severity == model::Severity::kWarning;
    }));
  }
  if (!rig.target().simulated) return;
  AskSimulator(rig.target(), "set", {{"addon", true}});
  const auto after = rig.erp().Identify(rig.Soon());
  REQUIRE_OK(after);
  BOOST_TEST(after->has_addon);
  BOOST_TEST(after->addon_version.starts_with(rig.target().series));
  BOOST_TEST(after->database_uuid.size() == 36U);
  BOOST_TEST(!after->neutralised);
  BOOST_TEST(after->database_mark == before->database_mark);
}

ODOO_TEST(an_addon_of_another_protocol_or_closed_to_the_user_is_not_used) {
  AddonRig rig(target_name);
  if (!rig.target().simulated) return;
  AskSimulator(rig.target(), "set", {{"addon_protocol", 2}});
  const auto newer = rig.erp().Identify(rig.Soon());
  AskSimulator(rig.target(), "set", {{"addon_protocol", 1}});
  REQUIRE_OK(newer);
  BOOST_TEST(!newer->has_addon);
  BOOST_TEST(newer->addon_missing.find("protocol 2") != std::string::npos);
  OdooSettings settings = rig.Settings();
  settings.login = rig.target().limited_login;
  settings.api_key = rig.target().limited_api_key;
  const auto limited = rig.Connect(settings)->Identify(rig.Soon());
  REQUIRE_OK(limited);
  BOOST_TEST(!limited->has_addon);
  BOOST_TEST(limited->addon_missing.find("Kontor Bot") != std::string::npos);
}

ODOO_TEST(a_document_is_created_compared_and_posted_in_one_call) {
  ADDON_RIG(rig);
  using model::InvoiceKind;
  for (const InvoiceKind kind :
       {InvoiceKind::kCustomerInvoice, InvoiceKind::kVendorBill, InvoiceKind::kCustomerCreditNote,
        InvoiceKind::kVendorCreditNote}) {
    const Draft draft = rig.Invoice(kind);
    ApplyRequest request = AddonRig::RequestFor(draft);
    request.total = model::Money::Parse("EUR", "28.56").value();
    request.tax = model::Money::Parse("EUR", "4.56").value();
    request.currency_code = "EUR";
    request.date = SomeDay();
    const ApplyResult result = rig.Applied(request);
    BOOST_TEST(!result.repeated);
    BOOST_TEST(result.snapshot.state == "posted");
    BOOST_TEST(result.snapshot.external_id == draft.external_id);
    BOOST_TEST(!result.snapshot.record.name.empty());
    CheckSame(result.snapshot, rig.ReadOne(result.snapshot.record));
    BOOST_TEST(rig.CountInOdoo(draft.external_id) == 1);
  }
}

ODOO_TEST(payments_entries_and_partners_are_applied_and_read_alike) {
  ADDON_RIG(rig);
  const Draft payment = rig.Payment("12.34");
  const ApplyResult paid = rig.Applied(AddonRig::RequestFor(payment));
  BOOST_TEST(paid.snapshot.record.model == "account.payment");
  CheckSame(paid.snapshot, rig.ReadOne(paid.snapshot.record));
  const Draft entry = rig.Entry("77.10", "77.10");
  ApplyRequest request = AddonRig::RequestFor(entry);
  request.total = model::Money::Parse("EUR", "77.10").value();
  const ApplyResult booked = rig.Applied(request);
  BOOST_TEST(booked.snapshot.move_type == "entry");
  CheckSame(booked.snapshot, rig.ReadOne(booked.snapshot.record));
  const Draft partner = rig.Partner("Addon & Töchter");
  const ApplyResult made = rig.Applied(AddonRig::RequestFor(partner), false);
  BOOST_TEST(made.snapshot.record.model == "res.partner");
  BOOST_TEST(rig.CountInOdoo(partner.external_id) == 1);
}

ODOO_TEST(a_draft_stays_a_draft_until_the_same_content_is_to_be_posted) {
  ADDON_RIG(rig);
  const Draft draft = rig.Invoice();
  const ApplyRequest request = AddonRig::RequestFor(draft);
  const ApplyResult first = rig.Applied(request, false);
  BOOST_TEST(first.snapshot.state == "draft");
  CheckSame(first.snapshot, rig.ReadOne(first.snapshot.record));
  const ApplyResult second = rig.Applied(request, true);
  BOOST_TEST(second.snapshot.record.id == first.snapshot.record.id);
  BOOST_TEST(second.snapshot.state == "posted");
}

ODOO_TEST(a_repeat_answers_the_same_record_and_other_content_is_a_conflict) {
  ADDON_RIG(rig);
  const Draft draft = rig.Invoice();
  ApplyRequest request = AddonRig::RequestFor(draft);
  const ApplyResult first = rig.Applied(request);
  const ApplyResult again = rig.Applied(request);
  BOOST_TEST(again.repeated);
  BOOST_TEST(again.snapshot.record.id == first.snapshot.record.id);
  request.digest = AddonRig::Digest('b');
  BOOST_TEST((rig.ApplyOne(request).status == ApplyResult::Status::kConflict));
  request.revision = 2;
  BOOST_TEST((rig.ApplyOne(request).status == ApplyResult::Status::kConflict));
  BOOST_TEST(rig.CountInOdoo(draft.external_id) == 1);
}

ODOO_TEST(both_paths_share_the_external_id) {
  ADDON_RIG(rig);
  const Draft by_load = rig.Invoice();
  const model::ErpRecord record = rig.CreateOne(by_load);
  const ApplyResult adopted = rig.Applied(AddonRig::RequestFor(by_load));
  BOOST_TEST(adopted.snapshot.record.id == record.id);
  BOOST_TEST(adopted.snapshot.state == "posted");
  const Draft by_addon = rig.Invoice();
  const ApplyResult applied = rig.Applied(AddonRig::RequestFor(by_addon));
  BOOST_TEST(rig.CreateOne(by_addon).id == applied.snapshot.record.id);
  BOOST_TEST(rig.CountInOdoo(by_load.external_id) == 1);
  BOOST_TEST(rig.CountInOdoo(by_addon.external_id) == 1);
  const auto probed = rig.erp().Probe(std::vector{by_addon.external_id}, rig.Soon());
  REQUIRE_OK(probed);
  BOOST_TEST(probed->front().record.id == applied.snapshot.record.id);
}

ODOO_TEST(a_refused_document_leaves_the_others_of_its_batch_alone) {
  ADDON_RIG(rig);
  std::vector<Draft> drafts{rig.Invoice(), rig.Invoice(), rig.Invoice(), rig.Invoice()};
  drafts[1].references.partner_id = 99999999;
  std::get<model::Invoice>(drafts[2].document.content).lines[1].account_code = "123456";
  std::vector<ApplyRequest> requests;
  for (const Draft& draft : drafts) requests.push_back(AddonRig::RequestFor(draft));
  const auto results = rig.ApplyAll(requests);
  REQUIRE_OK(results);
  BOOST_REQUIRE_EQUAL(results->size(), 4U);
  for (const size_t good : {size_t{0}, size_t{3}}) {
    BOOST_TEST(((*results)[good].status == ApplyResult::Status::kApplied));
    BOOST_TEST(rig.CountInOdoo(drafts[good].external_id) == 1);
  }
  for (const size_t bad : {size_t{1}, size_t{2}}) {
    BOOST_TEST(((*results)[bad].status == ApplyResult::Status::kRefused));
    BOOST_REQUIRE_EQUAL((*results)[bad].findings.size(), 1U);
    BOOST_TEST(rig.CountInOdoo(drafts[bad].external_id) == 0);
  }
  BOOST_TEST((*results)[1].findings.front().reason == "PARTNER_UNKNOWN");
  BOOST_TEST((*results)[1].findings.front().field == "invoice.partner");
  BOOST_TEST((*results)[2].findings.front().reason == "ACCOUNT_UNKNOWN");
  drafts[1].references.partner_id = drafts[0].references.partner_id;
  ApplyRequest corrected = AddonRig::RequestFor(drafts[1]);
  corrected.revision = 2;
  corrected.digest = AddonRig::Digest('c');
  BOOST_TEST(rig.Applied(corrected).revision == 2);
  corrected.revision = 1;
  const ApplyResult stale = rig.ApplyOne(corrected);
  BOOST_TEST((stale.status == ApplyResult::Status::kStale));
  BOOST_TEST(stale.revision == 2);
}

ODOO_TEST(what_differs_is_refused_before_it_is_posted) {
  ADDON_RIG(rig);
  struct Case {
    const char* what;
    std::function<void(ApplyRequest&)> ask;
    const char* reason;
    const char* field;
  };
  const Case cases[] = {
      {"total", [](ApplyRequest& r) { r.total = model::Money::Parse("EUR", "28.55").value(); },
       "TOTAL_MISMATCH", "invoice.expected_total"},
      {"tax", [](ApplyRequest& r) { r.tax = model::Money::Parse("EUR", "4.55").value(); },
       "TOTAL_MISMATCH", "invoice.expected_tax"},
      {"currency", [](ApplyRequest& r) { r.currency_code = "USD"; }, "BOOKED_DIFFERENTLY",
       "invoice.currency_code"},
      {"date", [](ApplyRequest& r) { r.date = SomeDay().PlusDays(1); }, "BOOKED_DIFFERENTLY",
       "invoice.accounting_date"},
      {"due date", [](ApplyRequest& r) { r.due_date = SomeDay().PlusDays(90); },
       "BOOKED_DIFFERENTLY", "invoice.due_date"},
  };
  for (const Case& c : cases) {
    const Draft draft = rig.Invoice();
    ApplyRequest request = AddonRig::RequestFor(draft);
    c.ask(request);
    const ApplyResult result = rig.ApplyOne(request);
    BOOST_TEST((result.status == ApplyResult::Status::kRefused), c.what);
    BOOST_REQUIRE(!result.findings.empty());
    BOOST_TEST(result.findings.front().reason == c.reason, c.what);
    BOOST_TEST(result.findings.front().field == c.field, c.what);
    BOOST_TEST(!result.findings.front().asked.empty(), c.what);
    BOOST_TEST(!result.findings.front().got.empty(), c.what);
    BOOST_TEST(rig.CountInOdoo(draft.external_id) == 0);
  }
}

ODOO_TEST(a_suppliers_rounding_cent_is_corrected_and_a_larger_one_is_not) {
  ADDON_RIG(rig);
  const auto ask = [&](const Draft& draft, const char* total, const char* tax) {
    ApplyRequest request = AddonRig::RequestFor(draft);
    request.total = model::Money::Parse("EUR", total).value();
    request.tax = model::Money::Parse("EUR", tax).value();
    request.tax_correction_max = model::Money::Parse("EUR", "0.05").value();
    return request;
  };
  const Draft cent = rig.Invoice(model::InvoiceKind::kVendorBill);
  const ApplyResult corrected = rig.Applied(ask(cent, "28.57", "4.57"));
  BOOST_TEST(corrected.snapshot.tax.ToString() == "4.57");
  BOOST_TEST(corrected.snapshot.total.ToString() == "28.57");
  CheckSame(corrected.snapshot, rig.ReadOne(corrected.snapshot.record));
  const Draft dime = rig.Invoice(model::InvoiceKind::kVendorBill);
  BOOST_TEST((rig.ApplyOne(ask(dime, "28.66", "4.66")).status ==
              ApplyResult::Status::kRefused));
  const Draft odd = rig.Invoice(model::InvoiceKind::kVendorBill);
  BOOST_TEST((rig.ApplyOne(ask(odd, "28.56", "4.57")).status == ApplyResult::Status::kRefused));
}

ODOO_TEST(a_deleted_record_is_made_again_only_with_a_higher_revision) {
  ADDON_RIG(rig);
  const Draft draft = rig.Invoice();
  ApplyRequest request = AddonRig::RequestFor(draft);
  const ApplyResult first = rig.Applied(request, false);
  REQUIRE_OK(rig.erp().RemoveDrafts(rig.company_id(), std::vector{first.snapshot.record},
                                    rig.Soon()));
  const auto found = rig.erp().Find(rig.company_id(), std::vector{draft.external_id}, rig.Soon());
  REQUIRE_OK(found);
  BOOST_TEST((found->front().kind == FoundResult::Kind::kApplied));
  BOOST_TEST(!found->front().snapshot.exists);
  const ApplyResult gone = rig.ApplyOne(request);
  BOOST_TEST((gone.status == ApplyResult::Status::kRefused));
  BOOST_TEST(gone.findings.front().reason == "DELETED_IN_ODOO");
  request.revision = 2;
  BOOST_TEST(rig.Applied(request).snapshot.record.id != first.snapshot.record.id);
  BOOST_TEST(rig.CountInOdoo(draft.external_id) == 1);
}

ODOO_TEST(the_probe_finds_what_was_applied_by_either_path_and_nothing_else) {
  ADDON_RIG(rig);
  const Draft by_load = rig.Invoice();
  const model::ErpRecord record = rig.CreateOne(by_load);
  const Draft by_addon = rig.Invoice();
  const ApplyResult applied = rig.Applied(AddonRig::RequestFor(by_addon));
  Draft refused = rig.Invoice();
  refused.references.partner_id = 99999999;
  rig.ApplyOne(AddonRig::RequestFor(refused));
  const auto found =
      rig.erp().Find(rig.company_id(),
                     std::vector{by_load.external_id, by_addon.external_id, refused.external_id,
                                 Rig::FreshId()},
                     rig.Soon());
  REQUIRE_OK(found);
  BOOST_REQUIRE_EQUAL(found->size(), 4U);
  BOOST_TEST(((*found)[0].kind == FoundResult::Kind::kApplied));
  BOOST_TEST((*found)[0].snapshot.record.id == record.id);
  BOOST_TEST((*found)[0].snapshot.state == "draft");
  BOOST_TEST(((*found)[1].kind == FoundResult::Kind::kApplied));
  CheckSame((*found)[1].snapshot, applied.snapshot);
  BOOST_TEST(((*found)[2].kind == FoundResult::Kind::kAbsent));
  BOOST_TEST(((*found)[3].kind == FoundResult::Kind::kAbsent));
}

ODOO_TEST(a_call_to_an_addon_that_is_gone_is_known_not_to_be_applied) {
  AddonRig rig(target_name);
  if (!rig.target().simulated) return;
  const Draft draft = rig.Invoice();
  AskSimulator(rig.target(), "set", {{"addon", false}});
  const auto check = [](const absl::Status& status) {
    BOOST_TEST(base::Is(status, Reason::kAddonMissing), status.ToString());
    BOOST_TEST((base::OutcomeOf(status) == base::Outcome::kNotApplied));
  };
  check(rig.ApplyAll({AddonRig::RequestFor(draft)}).status());
  check(rig.erp().Find(rig.company_id(), std::vector{draft.external_id}, rig.Soon()).status());
  check(rig.erp().FetchChanges(rig.company_id(), 0, 10, rig.Soon()).status());
  check(rig.erp().AcknowledgeChanges(std::vector<int64_t>{1}, rig.Soon()));
  BOOST_TEST(rig.CountInOdoo(draft.external_id) == 0);
}

ODOO_TEST(a_change_is_told_until_it_is_acknowledged) {
  ADDON_RIG(rig);
  const Draft draft = rig.Invoice();
  const ApplyResult applied = rig.Applied(AddonRig::RequestFor(draft));
  const auto is_ours = [&](const ports::ErpChange& change) {
    return change.record.model == "account.move" && change.record.id == applied.snapshot.record.id;
  };
  const auto changes = rig.Changes();
  const auto posted = std::ranges::find_if(changes, is_ours);
  BOOST_REQUIRE(posted != changes.end());
  BOOST_TEST(posted->kinds.front() == "move.posted");
  BOOST_TEST(posted->by_bot);
  BOOST_TEST(posted->user == rig.target().login);
  BOOST_TEST(posted->snapshot.external_id == draft.external_id);
  CheckSame(posted->snapshot, rig.ReadOne(applied.snapshot.record));
  std::vector<int64_t> ids;
  for (const auto& change : changes) ids.push_back(change.id);
  BOOST_TEST(std::ranges::is_sorted(ids));
  REQUIRE_OK(rig.erp().AcknowledgeChanges(ids, rig.Soon()));
  REQUIRE_OK(rig.erp().AcknowledgeChanges(ids, rig.Soon()));
  REQUIRE_OK(rig.erp().AcknowledgeChanges(std::vector<int64_t>{99999999}, rig.Soon()));
  BOOST_TEST(std::ranges::none_of(rig.Changes(), is_ours));
  const auto identity = rig.erp().Identify(rig.Soon());
  REQUIRE_OK(identity);
  BOOST_TEST(identity->event_sequence >= ids.back());
}

ODOO_TEST(a_payment_tells_of_itself_and_of_the_invoice_it_settles) {
  ADDON_RIG(rig);
  const ApplyResult invoice = rig.Applied(AddonRig::RequestFor(rig.Invoice()));
  const ApplyResult payment = rig.Applied(AddonRig::RequestFor(rig.Payment("28.56")));
  std::vector<int64_t> ids;
  for (const auto& change : rig.Changes()) ids.push_back(change.id);
  REQUIRE_OK(rig.erp().AcknowledgeChanges(ids, rig.Soon()));
  REQUIRE_OK(rig.erp().Reconcile(
      rig.company_id(),
      {.payment_move_id = payment.snapshot.move_id, .invoice_move_id = invoice.snapshot.record.id},
      rig.Soon()));
  const auto changes = rig.Changes();
  const auto of = [&](const model::ErpRecord& record) {
    return std::ranges::find_if(changes, [&](const ports::ErpChange& change) {
      return change.record.model == record.model && change.record.id == record.id;
    });
  };
  const auto settled = of(invoice.snapshot.record);
  BOOST_REQUIRE(settled != changes.end());
  BOOST_TEST(settled->kinds.front() == "move.payment_state_changed");
  BOOST_TEST(settled->snapshot.residual.IsZero());
  const auto used = of(payment.snapshot.record);
  BOOST_REQUIRE(used != changes.end());
  BOOST_TEST(used->kinds.front() == "payment.reconciled");
  BOOST_TEST(used->snapshot.payment_state == "paid");
}

}  // namespace
}  // namespace kontor::odoo::contract
