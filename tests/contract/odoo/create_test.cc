// SPDX-License-Identifier: Apache-2.0
// Creating: once and only once, all or nothing, exact amounts, refusals that name the field.
#include <set>
#include <thread>

#include "tests/contract/odoo/rig.h"

namespace kontor::odoo::contract {
namespace {

using base::Outcome;
using base::Reason;

ODOO_TEST(an_invoice_is_created_as_asked) {
  Rig rig(target_name);
  const Draft draft = rig.Invoice();
  const model::ErpRecord record = rig.CreateOne(draft);
  const ports::ErpSnapshot got = rig.ReadOne(record);
  BOOST_TEST(got.exists);
  BOOST_TEST(got.state == "draft");
  BOOST_TEST(got.move_type == "out_invoice");
  BOOST_TEST(got.total.ToString() == "28.56");
  BOOST_TEST(got.tax.ToString() == "4.56");
  BOOST_TEST(got.currency_code == "EUR");
  BOOST_TEST(got.journal_code == "INV");
  BOOST_TEST(got.reference == draft.external_id);
  BOOST_REQUIRE(got.invoice_date.has_value());
  BOOST_TEST(got.invoice_date->ToString() == SomeDay().ToString());
  BOOST_REQUIRE(got.date.has_value());
  BOOST_TEST(got.date->ToString() == SomeDay().ToString());
}

ODOO_TEST(an_invoice_without_terms_is_due_at_its_date) {
  Rig rig(target_name);
  const ports::ErpSnapshot got = rig.ReadOne(rig.Posted(rig.Invoice()));
  BOOST_REQUIRE(got.due_date.has_value());
  BOOST_TEST(got.due_date->ToString() == SomeDay().ToString());
}

ODOO_TEST(the_partners_own_term_applies_when_the_invoice_names_none) {
  Rig rig(target_name);
  Draft partner = rig.Partner("Pays in thirty days");
  std::get<model::Partner>(partner.document.content).customer_payment_term = "30 Days";
  Draft draft = rig.Invoice();
  draft.references.partner_id = rig.CreateOne(partner).id;
  const ports::ErpSnapshot got = rig.ReadOne(rig.Posted(draft));
  BOOST_REQUIRE(got.due_date.has_value());
  BOOST_TEST(got.due_date->ToString() == SomeDay().PlusDays(30).ToString());
}

ODOO_TEST(every_kind_of_invoice_keeps_its_date_and_total) {
  using model::InvoiceKind;
  struct Case {
    InvoiceKind kind;
    const char* move_type;
  };
  Rig rig(target_name);
  for (const Case& c : {Case{InvoiceKind::kVendorBill, "in_invoice"},
                        Case{InvoiceKind::kCustomerCreditNote, "out_refund"},
                        Case{InvoiceKind::kVendorCreditNote, "in_refund"}}) {
    const ports::ErpSnapshot got = rig.ReadOne(rig.Posted(rig.Invoice(c.kind)));
    BOOST_TEST(got.move_type == c.move_type);
    BOOST_TEST(got.state == "posted");
    BOOST_TEST(got.total.ToString() == "28.56");
    BOOST_REQUIRE(got.date.has_value());
    BOOST_TEST(got.date->ToString() == SomeDay().ToString());
    BOOST_TEST(!got.record.name.empty());
  }
}

ODOO_TEST(creating_twice_with_other_content_changes_nothing) {
  Rig rig(target_name);
  Draft draft = rig.Invoice();
  const model::ErpRecord first = rig.CreateOne(draft);
  auto& invoice = std::get<model::Invoice>(draft.document.content);
  invoice.lines.front().unit_price = Dec("99");
  const model::ErpRecord second = rig.CreateOne(draft);
  BOOST_TEST(first.id == second.id);
  BOOST_TEST(rig.ReadOne(first).total.ToString() == "28.56");
  REQUIRE_OK(rig.erp().Post(rig.company_id(), std::vector{first}, rig.Soon()));
  BOOST_TEST(rig.CreateOne(draft).id == first.id);
  BOOST_TEST(rig.ReadOne(first).total.ToString() == "28.56");
  BOOST_TEST(rig.ReadOne(first).state == "posted");
}

ODOO_TEST(six_that_race_make_one_record) {
  Rig rig(target_name);
  const Draft draft = rig.Invoice();
  std::mutex mutex;
  std::set<int64_t> ids;
  std::vector<absl::Status> failures;
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&] {
      const auto records = rig.Create({draft});
      const std::lock_guard lock(mutex);
      if (records.ok()) {
        ids.insert(records->front().id);
      } else {
        failures.push_back(records.status());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  BOOST_TEST(ids.size() == 1U);
  for (const absl::Status& failure : failures) {
    BOOST_TEST((base::OutcomeOf(failure) == Outcome::kNotApplied), failure.ToString());
  }
  BOOST_TEST(rig.CountInOdoo(draft.external_id) == 1);
}

ODOO_TEST(a_batch_with_one_bad_document_creates_none_and_names_it) {
  Rig rig(target_name);
  std::vector<Draft> drafts{rig.Invoice(), rig.Invoice(), rig.Invoice()};
  drafts[1].references.partner_id = 99999999;
  const auto records = rig.Create(drafts);
  BOOST_REQUIRE(!records.ok());
  const base::ErrorInfo info = base::InfoOf(records.status());
  BOOST_TEST(info.reason == "ODOO_REFUSED");
  BOOST_TEST((info.outcome == Outcome::kRefused));
  BOOST_TEST(info.metadata.at("item") == "1");
  BOOST_TEST(info.field == "invoice.partner");
  for (const Draft& draft : drafts) {
    BOOST_TEST(rig.CountInOdoo(draft.external_id) == 0);
    // A worker may remember the rolled-back id as invisible, but never as present.
    const auto probe = rig.erp().Probe(std::vector{draft.external_id}, rig.Soon());
    REQUIRE_OK(probe);
    BOOST_TEST((probe->front().kind != ports::ProbeResult::Kind::kPresent));
  }
  drafts[1].references.partner_id = drafts[0].references.partner_id;
  const auto again = rig.Create(drafts);
  REQUIRE_OK(again);
  for (const Draft& draft : drafts) BOOST_TEST(rig.CountInOdoo(draft.external_id) == 1);
}

ODOO_TEST(documents_with_different_columns_go_through_in_one_call) {
  Rig rig(target_name);
  std::vector<Draft> drafts{rig.Invoice(), rig.Invoice(), rig.Invoice()};
  auto& with_due = std::get<model::Invoice>(drafts[0].document.content);
  with_due.due_date = SomeDay().PlusDays(50);
  auto& with_term = std::get<model::Invoice>(drafts[1].document.content);
  with_term.payment_term = "30 Days";
  auto& mixed = std::get<model::Invoice>(drafts[2].document.content);
  mixed.lines[1].account_code = "";
  mixed.lines[0].discount_percent = Dec("10");
  const auto records = rig.Create(drafts);
  REQUIRE_OK(records);
  REQUIRE_OK(rig.erp().Post(rig.company_id(), *records, rig.Soon()));
  const auto got = rig.erp().Read(rig.company_id(), *records, rig.Soon());
  REQUIRE_OK(got);
  BOOST_TEST((*got)[0].reference == drafts[0].external_id);
  BOOST_TEST((*got)[0].due_date->ToString() == SomeDay().PlusDays(50).ToString());
  BOOST_TEST((*got)[1].due_date->ToString() == SomeDay().PlusDays(30).ToString());
  BOOST_TEST((*got)[2].total.ToString() == "26.06");  // (18.90 + 3.00) + 19 %
}

ODOO_TEST(an_unknown_account_is_refused_before_anything_is_sent) {
  Rig rig(target_name);
  Draft draft = rig.Invoice();
  std::get<model::Invoice>(draft.document.content).lines[1].account_code = "123456";
  const auto records = rig.Create({draft});
  BOOST_REQUIRE(!records.ok());
  BOOST_TEST(base::InfoOf(records.status()).field == "invoice.lines[1].account_code");
  BOOST_TEST(base::Is(records.status(), Reason::kAccountUnknown));
  BOOST_TEST((base::OutcomeOf(records.status()) == Outcome::kRefused));
}

ODOO_TEST(an_unbalanced_entry_is_refused_and_leaves_nothing) {
  Rig rig(target_name);
  const Draft draft = rig.Entry("10.50", "9");
  const auto records = rig.Create({draft});
  BOOST_REQUIRE(!records.ok());
  BOOST_TEST(base::Is(records.status(), Reason::kOdooRefused));
  BOOST_TEST((base::OutcomeOf(records.status()) == Outcome::kRefused));
  BOOST_TEST(base::InfoOf(records.status()).metadata.at("item") == "0");
  BOOST_TEST(rig.CountInOdoo(draft.external_id) == 0);
}

ODOO_TEST(a_journal_entry_keeps_foreign_amounts) {
  Rig rig(target_name);
  Draft draft = rig.Entry("46", "46");
  auto& entry = std::get<model::JournalEntry>(draft.document.content);
  entry.lines[0].amount_currency = model::Money::Parse("USD", "50").value();
  entry.narration = "Two lines\n& more";
  const ports::ErpSnapshot got = rig.ReadOne(rig.Posted(draft));
  BOOST_TEST(got.move_type == "entry");
  BOOST_TEST(got.total.ToString() == "46");
  BOOST_TEST(got.journal_code == "MISC");
}

ODOO_TEST(amounts_arrive_digit_for_digit) {
  Rig rig(target_name);
  for (const char* const amount : {"0.01", "99999999.99", "8.7", "1234567.89", "0.29"}) {
    Draft draft = rig.Invoice();
    auto& invoice = std::get<model::Invoice>(draft.document.content);
    invoice.lines.pop_back();
    invoice.lines[0].quantity = Dec("1");
    invoice.lines[0].unit_price = Dec(amount);
    invoice.lines[0].tax_names.clear();
    BOOST_TEST(rig.ReadOne(rig.CreateOne(draft)).total.ToString() == amount);
  }
}

ODOO_TEST(a_foreign_invoice_shows_the_rate_that_was_used) {
  Rig rig(target_name);
  Draft draft = rig.Invoice();
  auto& invoice = std::get<model::Invoice>(draft.document.content);
  invoice.currency = model::Currency::Parse("USD").value();
  invoice.lines[0].unit_price = Dec("100");
  if (rig.catalogue().takes_own_rate) {
    invoice.exchange_rate = Dec("1.25");
    const ports::ErpSnapshot got = rig.ReadOne(rig.Posted(draft));
    BOOST_TEST(got.currency_code == "USD");
    BOOST_TEST(got.total.ToString() == "241.57");
    BOOST_TEST(got.company_total.ToString() == "193.26");
  } else {
    invoice.exchange_rate = Dec("1.25");
    const auto refused = rig.Create({draft});
    BOOST_TEST(base::Is(refused.status(), Reason::kRateUnsupported));
    invoice.exchange_rate.reset();
    const ports::ErpSnapshot got = rig.ReadOne(rig.Posted(draft));
    BOOST_TEST(got.total.ToString() == "241.57");
    BOOST_TEST((got.company_total < got.total));
  }
}

ODOO_TEST(texts_survive_and_control_characters_do_not_break_the_call) {
  Rig rig(target_name);
  Draft draft = rig.Invoice();
  auto& invoice = std::get<model::Invoice>(draft.document.content);
  const std::string reference = base::StrCat("Äpfel & <Birnen> \"№\" 😀 ", draft.external_id);
  invoice.reference = reference;
  invoice.payment_reference = "RF18 5390 0754 7034";
  const ports::ErpSnapshot got = rig.ReadOne(rig.CreateOne(draft));
  BOOST_TEST(got.reference == reference);
  BOOST_TEST(got.payment_reference == "RF18 5390 0754 7034");
  Draft odd = rig.Invoice();
  std::get<model::Invoice>(odd.document.content).narration = "bell \x07 and escape \x1b";
  BOOST_TEST(rig.CreateOne(odd).id > 0);
}

ODOO_TEST(partners_are_created_and_updated_with_their_accounts) {
  Rig rig(target_name);
  Draft draft = rig.Partner("Hafen Logistik");
  auto& partner = std::get<model::Partner>(draft.document.content);
  partner.customer_payment_term = "30 Days";
  partner.bank_accounts = {{.account_number = "DE89 3704 0044 0532 0130 00",
                            .bic = "",
                            .holder_name = "Hafen",
                            .currency = Eur()}};
  const model::ErpRecord record = rig.CreateOne(draft);
  const ports::DraftRequest request{draft.external_id, &draft.document, &draft.references};
  for (int repeat = 0; repeat < 2; ++repeat) {
    REQUIRE_OK(rig.erp().CreateBankAccounts(rig.company_id(), request, record, rig.Soon()));
  }
  partner.name = "Hafen Logistik SE";
  partner.email = "post@hafen.example";
  REQUIRE_OK(rig.erp().UpdatePartner(rig.company_id(), rig.catalogue(), request, record,
                                     rig.Soon()));
  const ports::ErpSnapshot got = rig.ReadOne(record);
  BOOST_TEST(got.partner_name == "Hafen Logistik SE");
  BOOST_TEST(got.reference == partner.reference);
  model::Document payment;
  model::Payment content;
  content.partner.odoo_id = record.id;
  content.partner_bank_account = "DE89370400440532013000";
  payment.content = content;
  const std::vector<const model::Document*> documents{&payment};
  const auto references = rig.erp().Resolve(rig.company_id(), documents, {}, rig.Soon());
  REQUIRE_OK(references);
  BOOST_TEST(references->front().partner_id == record.id);
  BOOST_TEST(references->front().partner_bank_id > 0);
  BOOST_TEST(!references->front().partner_bank_trusted);
}

ODOO_TEST(references_are_resolved_by_vat_known_name_and_code) {
  Rig rig(target_name);
  Draft draft = rig.Invoice();
  auto& invoice = std::get<model::Invoice>(draft.document.content);
  invoice.partner = {};
  invoice.partner.vat = "DE136695976";
  invoice.lines[0].product_code = "KTR-CONS";
  invoice.lines[1].product_code = "NO-SUCH-CODE";
  Draft unknown = rig.Invoice();
  std::get<model::Invoice>(unknown.document.content).partner = {};
  std::get<model::Invoice>(unknown.document.content).partner.reference = "never sent";
  const std::vector<const model::Document*> documents{&draft.document, &unknown.document};
  const auto references = rig.erp().Resolve(rig.company_id(), documents, {}, rig.Soon());
  REQUIRE_OK(references);
  BOOST_TEST((*references)[0].partner_id > 0);
  BOOST_TEST((*references)[0].products.contains("KTR-CONS"));
  BOOST_TEST(!(*references)[0].products.contains("NO-SUCH-CODE"));
  BOOST_TEST((*references)[1].partner_id == 0);
}

ODOO_TEST(attachments_and_activities_are_made_once) {
  Rig rig(target_name);
  const model::ErpRecord record = rig.CreateOne(rig.Invoice());
  model::Attachment attachment;
  attachment.name = "Beleg.pdf";
  attachment.media_type = "application/pdf";
  attachment.content = std::string("%PDF-1.4\n\0\xff binary", 19);
  const std::string id = Rig::FreshId();
  const std::string activity = Rig::FreshId();
  for (int repeat = 0; repeat < 2; ++repeat) {
    const std::vector<ports::AttachmentRequest> requests{{id, record, &attachment}};
    REQUIRE_OK(rig.erp().Attach(rig.company_id(), requests, rig.Soon()));
    REQUIRE_OK(rig.erp().ScheduleActivity(rig.company_id(), activity, record, "Please look",
                                          "Why: 1 < 2", rig.Soon()));
  }
  BOOST_TEST(rig.CountInOdoo(id) == 1);
  BOOST_TEST(rig.CountInOdoo(activity) == 1);
}

}  // namespace
}  // namespace kontor::odoo::contract
