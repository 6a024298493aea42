// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/model/builders.h"

#include "server/base/strings.h"

namespace kontor::model::testing {

Decimal Dec(std::string_view text) { return Decimal::Parse(text).value(); }
Date Day(std::string_view text) { return Date::Parse(text).value(); }
Money Eur(std::string_view value) { return Money::Parse("EUR", value).value(); }
Currency Cur(std::string_view code) { return Currency::Parse(code).value(); }

Document Wrap(Content content) {
  Document document;
  document.id = std::string(IdPrefixOf(content)) + "01ARYZ6S410000000000000000";
  document.entity = "acme-de";
  document.content = std::move(content);
  return document;
}

Invoice GoodInvoice() {
  Invoice invoice;
  invoice.partner.reference = "C-1001";
  invoice.invoice_date = Day("2026-08-03");
  invoice.due_date = Day("2026-09-02");
  invoice.currency = Cur("EUR");
  invoice.reference = "PO 77";
  invoice.payment_reference = "RF18539007547034";
  InvoiceLine work;
  work.description = "Consulting, July\n3 days";
  work.quantity = Dec("3");
  work.unit_price = Dec("90.50");
  work.account_code = "400000";
  work.tax_names = {"19%"};
  InvoiceLine travel;
  travel.description = "Travel";
  travel.quantity = Dec("1");
  travel.unit_price = Dec("18.90");
  travel.tax_names = {"19%"};
  invoice.lines = {work, travel};
  invoice.expected_total = Eur("345.58");
  invoice.expected_tax = Eur("55.18");
  return invoice;
}

Invoice GoodBill() {
  Invoice bill = GoodInvoice();
  bill.kind = InvoiceKind::kVendorBill;
  bill.partner.reference = "V-2001";
  bill.reference = "RE-2026-0815";
  bill.lines[0].account_code = "600000";
  return bill;
}

Payment GoodPayment() {
  Payment payment;
  payment.partner.reference = "C-1001";
  payment.amount = Eur("345.58");
  payment.date = Day("2026-08-20");
  payment.journal_code = "BNK1";
  payment.memo = "PO 77";
  Allocation allocation;
  allocation.invoice_id = "inv_01ARYZ6S410000000000000000";
  allocation.amount = Eur("345.58");
  payment.allocations = {allocation};
  return payment;
}

JournalEntry GoodEntry() {
  JournalEntry entry;
  entry.date = Day("2026-08-31");
  entry.journal_code = "MISC";
  entry.reference = "Accrual 08";
  JournalEntryLine debit;
  debit.account_code = "600000";
  debit.description = "Rent";
  debit.debit = Dec("1200.00");
  JournalEntryLine credit;
  credit.account_code = "211000";
  credit.credit = Dec("1200");
  entry.lines = {debit, credit};
  return entry;
}

Partner GoodPartner() {
  Partner partner;
  partner.reference = "C-1001";
  partner.name = "Müller & Söhne GmbH";
  partner.vat = "DE136695976";
  partner.email = "buchhaltung@example.com";
  partner.country_code = "DE";
  partner.language = "de_DE";
  BankAccount bank;
  bank.account_number = "DE89 3704 0044 0532 0130 00";
  bank.bic = "COBADEFF500";
  partner.bank_accounts = {bank};
  return partner;
}

namespace {

CurrencyInfo Currency4(int64_t id, std::string code, bool active, int decimals) {
  CurrencyInfo info;
  info.id = id;
  info.code = std::move(code);
  info.active = active;
  info.decimal_places = decimals;
  return info;
}

}  // namespace

Catalogue GoodCatalogue() {
  Catalogue catalogue;
  catalogue.company_id = 1;
  catalogue.company_name = "Acme GmbH";
  catalogue.company_currency_code = "EUR";
  catalogue.series = "18.0";
  catalogue.takes_own_rate = true;
  catalogue.lock_dates.fiscal_year = Day("2025-12-31");
  catalogue.lock_dates.tax = Day("2026-07-31");
  catalogue.lock_dates.sale = Day("2026-06-30");
  catalogue.journals = {{1, "INV", "Customer Invoices", JournalType::kSale, ""},
                        {2, "BILL", "Vendor Bills", JournalType::kPurchase, ""},
                        {3, "MISC", "Miscellaneous", JournalType::kGeneral, ""},
                        {4, "BNK1", "Bank", JournalType::kBank, ""},
                        {5, "CSH1", "Cash", JournalType::kCash, ""}};
  catalogue.accounts = {{1, "400000", "Product Sales", "income", false},
                        {2, "600000", "Expenses", "expense", false},
                        {3, "121000", "Account Receivable", "asset_receivable", false},
                        {4, "211000", "Account Payable", "liability_payable", false},
                        {5, "499999", "Old Sales", "income", true}};
  catalogue.taxes = {{1, "19%", false, "percent", Dec("19"), false},
                     {2, "19%", true, "percent", Dec("19"), false},
                     {3, "7% sales only", false, "percent", Dec("7"), false}};
  CurrencyInfo usd = Currency4(2, "USD", true, 2);
  usd.rates = {{Day("2026-09-01"), Dec("1.20")}, {Day("2026-08-01"), Dec("1.10")}};
  catalogue.currencies = {Currency4(1, "EUR", true, 2), usd, Currency4(3, "CHF", false, 2),
                          Currency4(4, "GBP", true, 2)};
  catalogue.payment_terms = {{1, "30 Days", ""}, {2, "Immediate Payment", ""}};
  catalogue.analytic_accounts = {{1, "P1", "Project One", 10},
                                 {2, "", "Nameless Code", 10},
                                 {3, "KST", "Cost Centre", 20}};
  catalogue.analytic_plans = {{10, "Projects", {}}, {20, "Cost Centres", {}}};
  return catalogue;
}

References GoodReferences() {
  References references;
  references.partner_id = 7;
  references.partners = {{"C-1001", 7}, {"V-2001", 8}};
  references.products = {{"SVC", 70}};
  references.partner_bank_id = 9;
  references.partner_bank_trusted = true;
  references.reversed_move_id = 11;
  return references;
}

std::vector<std::string> Codes(const std::vector<Finding>& findings) {
  std::vector<std::string> codes;
  for (const Finding& finding : findings) {
    codes.push_back(base::StrCat(finding.reason, "@", finding.field));
  }
  return codes;
}

std::string CodesText(const std::vector<Finding>& findings) {
  return base::StrJoin(Codes(findings), " ");
}

}  // namespace kontor::model::testing
