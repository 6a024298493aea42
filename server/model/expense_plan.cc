// SPDX-License-Identifier: Apache-2.0
// From an expense report to documents. What the employee paid becomes a bill, an entry or a claim
// of Odoo's own expenses, what a company card paid an entry against the card's clearing account.
#include <algorithm>
#include <map>

#include "server/base/strings.h"
#include "server/model/expense.h"
#include "server/model/internal/rules.h"

namespace kontor::model {
namespace {

using base::Reason;
using base::StrCat;
using internal::FieldAt;
using internal::Findings;

constexpr char kAnyOther[] = "*";
constexpr size_t kPartnerReferenceMax = 64;
constexpr size_t kPartnerDigestLength = 12;

/// The rule by its key, else the one for all others.
template <typename Rule>
const Rule* RuleFor(const std::vector<Rule>& rules, std::string Rule::* key,
                    const std::string& text) {
  const Rule* other = nullptr;
  for (const Rule& rule : rules) {
    if (rule.*key == text) return &rule;
    if (rule.*key == kAnyOther) other = &rule;
  }
  return other;
}

/// A share of a line that is taxed alike, with what it is booked by.
struct Share {
  size_t line = 0;
  std::string description;
  Money gross;
  Money tax;                ///< To recover; zero for none.
  const CategoryRule* category = nullptr;
  const TaxRule* tax_rule = nullptr;
  std::vector<AnalyticShare> analytic;
};

class Planner {
 public:
  Planner(const ExpenseReport& report, const Source& source, const std::string& reference,
          const Catalogue& catalogue, const HexDigest& digest)
      : report_(report),
        source_(source),
        rules_(source.expense),
        reference_(reference),
        catalogue_(catalogue),
        digest_(digest) {}

  ExpensePlan Make() {
    if (rules_.style != ExpenseStyle::kOdooExpense) FindEmployee();
    std::vector<Share> personal;
    std::map<std::string, std::vector<Share>> cards;  // by clearing account
    for (size_t i = 0; i < report_.lines.size(); ++i) TakeLine(i, personal, cards);
    if (!personal.empty()) {
      if (rules_.style == ExpenseStyle::kVendorBill) {
        AddBill(personal);
      } else if (rules_.style == ExpenseStyle::kOdooExpense) {
        AddClaim(personal);
      } else {
        AddEntry("entry", rules_.journal_code, {{rules_.payable_account_code, personal}}, true);
      }
    }
    if (!cards.empty()) AddEntry("card", rules_.card_journal_code, cards, false);
    plan_.findings = findings_.Take();
    return std::move(plan_);
  }

 private:
  /// The rule by id, and only where no rule has that id the one by e-mail address: an address may
  /// have passed to another person, whose money it then would be.
  const EmployeeRule* RuleOfEmployee() const {
    const ExpensePerson& person = report_.employee;
    for (const EmployeeRule& rule : rules_.employees) {
      if (!rule.external_id.empty() && rule.external_id == person.external_id) return &rule;
    }
    for (const EmployeeRule& rule : rules_.employees) {
      const bool by_email =
          !rule.email.empty() && base::ToLower(rule.email) == base::ToLower(person.email);
      const bool another = !rule.external_id.empty() && !person.external_id.empty();
      if (by_email && !another) return &rule;
    }
    return nullptr;
  }

  /// What the employee is called by in Odoo. Ids that differ in case alone, or only behind where a
  /// reference ends, are different employees.
  std::string EmployeeReference() const {
    const ExpensePerson& person = report_.employee;
    const bool by_id = !person.external_id.empty();
    const std::string& who = by_id ? person.external_id : person.email;
    const std::string lower = base::ToLower(who);
    std::string reference = StrCat("emp-", lower);
    const bool same = (!by_id || lower == who) && reference.size() <= kPartnerReferenceMax;
    if (same) return reference;
    reference.resize(std::min(reference.size(), kPartnerReferenceMax - kPartnerDigestLength - 1));
    return StrCat(reference, "-", digest_(by_id ? who : lower).substr(0, kPartnerDigestLength));
  }

  /// By rule, else made.
  void FindEmployee() {
    const ExpensePerson& person = report_.employee;
    if (const EmployeeRule* const rule = RuleOfEmployee(); rule != nullptr) {
      partner_ = rule->partner;
      return;
    }
    const std::string& who = person.external_id.empty() ? person.email : person.external_id;
    if (!rules_.create_employees || person.name.empty()) {
      findings_.Add(Reason::kEmployeeUnknown, "report.employee",
                    StrCat("The source has no partner for ", who), who);
      return;
    }
    Partner partner;
    partner.reference = EmployeeReference();
    partner.name = person.name;
    partner.email = person.email;
    partner.is_company = false;
    partner_.reference = partner.reference;
    plan_.parts.push_back({"employee", {"", source_.entity, std::move(partner)}});
  }

  void TakeLine(size_t i, std::vector<Share>& personal,
                std::map<std::string, std::vector<Share>>& cards) {
    const ExpenseLine& line = report_.lines[i];
    const std::string at = FieldAt("report.lines", i);
    const bool by_card = line.paid_by == PaidBy::kCompanyCard;
    if (by_card ? rules_.refuse_company_card : rules_.refuse_personal) {
      findings_.Add(Reason::kExpensePolicy, StrCat(at, ".payment_type"),
                    by_card ? "The source takes no company card expenses"
                            : "The source takes no expenses that employees paid");
    }
    if (rules_.receipts_required && line.receipts.empty()) {
      findings_.Add(Reason::kExpensePolicy, StrCat(at, ".receipts"), "The receipt is missing");
    }
    std::vector<Share> shares = SharesOf(i, by_card || rules_.style == ExpenseStyle::kJournalEntry);
    if (!by_card) {
      personal.insert(personal.end(), shares.begin(), shares.end());
      return;
    }
    const CardRule* const card = RuleFor(rules_.cards, &CardRule::card, line.card);
    if (card == nullptr) {
      findings_.Add(Reason::kCardUnmapped, StrCat(at, ".card"),
                    StrCat("The source has no clearing account for the card '", line.card, "'"),
                    line.card);
      return;
    }
    auto& list = cards[card->account_code];
    list.insert(list.end(), shares.begin(), shares.end());
  }

  /// `in_entry`: booked by accounts alone, without a product or Odoo's taxes.
  std::vector<Share> SharesOf(size_t i, bool in_entry) {
    const ExpenseLine& line = report_.lines[i];
    const std::string at = FieldAt("report.lines", i);
    Share share;
    share.line = i;
    share.description =
        line.merchant.empty() ? line.description : StrCat(line.merchant, ": ", line.description);
    share.category = RuleFor(rules_.categories, &CategoryRule::category, line.category);
    if (rules_.style == ExpenseStyle::kOdooExpense && line.paid_by == PaidBy::kPersonal &&
        line.amount && line.amount->IsNegative()) {
      findings_.Add(Reason::kExpensePolicy, StrCat(at, ".amount"),
                    "Odoo's own expenses take no money that was given back",
                    line.amount->ToString());
    }
    bool fits = share.category != nullptr;
    if (!fits) {
      findings_.Add(Reason::kCategoryUnmapped, StrCat(at, ".category"),
                    StrCat("The source has no rule for the category '", line.category, "'"),
                    line.category);
    } else if (in_entry && share.category->account_code.empty()) {
      findings_.Add(Reason::kCategoryUnmapped, StrCat(at, ".category"),
                    "An entry is booked by account, and the category's rule has none",
                    line.category);
      fits = false;
    }
    fits = FindAnalytic(line, at, share.analytic) && fits;
    std::vector<Share> shares;
    if (line.tax.treatment == TaxTreatment::kMixed) {
      for (size_t k = 0; k < line.tax.parts.size(); ++k) {
        const ExpenseTaxPart& part = line.tax.parts[k];
        const TaxTreatment treatment =
            part.code.empty() ? TaxTreatment::kNone : TaxTreatment::kRecoverable;
        fits = AddShare(share, part.amount, treatment, part.code, part.tax_amount,
                        FieldAt(StrCat(at, ".tax.parts"), k, "code"), in_entry, shares) && fits;
      }
    } else {
      fits = AddShare(share, line.amount, line.tax.treatment, line.tax.code, line.tax.tax_amount,
                      StrCat(at, ".tax.code"), in_entry, shares) && fits;
    }
    return fits ? shares : std::vector<Share>();
  }

  bool AddShare(Share share, const std::optional<Money>& amount, TaxTreatment treatment,
                const std::string& code, const std::optional<Money>& tax, const std::string& field,
                bool in_entry, std::vector<Share>& out) {
    if (!amount) return false;  // ValidateExpenseReport has said so
    share.gross = *amount;
    share.tax = Money(amount->currency(), 0);
    if (treatment != TaxTreatment::kNone) {
      share.tax_rule = RuleFor(rules_.taxes, &TaxRule::code, code);
      if (share.tax_rule == nullptr) {
        findings_.Add(Reason::kTaxUnmapped, field,
                      StrCat("The source has no rule for the tax code '", code, "'"), code);
        return false;
      }
      if (in_entry && treatment == TaxTreatment::kReverseCharge) {
        findings_.Add(Reason::kTaxUnmapped, field,
                      "Reverse charge is booked by bills alone, and this line is in an entry",
                      code);
        return false;
      }
      const std::string& used =
          in_entry ? share.tax_rule->account_code : share.tax_rule->tax_name;
      if (used.empty()) {
        findings_.Add(Reason::kTaxUnmapped, field,
                      StrCat("The rule of the tax code has no ", in_entry ? "account" : "tax name"),
                      code);
        return false;
      }
      if (treatment == TaxTreatment::kRecoverable && tax) share.tax = *tax;
    }
    out.push_back(std::move(share));
    return true;
  }

  bool FindAnalytic(const ExpenseLine& line, const std::string& at,
                    std::vector<AnalyticShare>& out) {
    if (line.cost_centre.empty()) return true;
    const CostCentreRule* const rule =
        RuleFor(rules_.cost_centres, &CostCentreRule::code, line.cost_centre);
    if (rule != nullptr) {
      out = rule->analytic;
      return true;
    }
    if (rules_.analytic_by_code) {
      constexpr int64_t kWhole = 100;
      out = {{line.cost_centre, Decimal::FromInt(kWhole)}};
      return true;
    }
    findings_.Add(Reason::kCostCentreUnmapped, StrCat(at, ".cost_centre"),
                  StrCat("The source has no rule for the cost centre '", line.cost_centre, "'"),
                  line.cost_centre);
    return false;
  }

  std::vector<Attachment> ReceiptsOf(PaidBy paid_by) const {
    std::vector<Attachment> out;
    for (const ExpenseLine& line : report_.lines) {
      if (line.paid_by == paid_by) {
        out.insert(out.end(), line.receipts.begin(), line.receipts.end());
      }
    }
    return out;
  }

  std::string Narration() const {
    const std::string& approver =
        report_.approver.name.empty() ? report_.approver.external_id : report_.approver.name;
    return StrCat(report_.title.empty() ? "Expense report" : report_.title, "\n",
                  report_.external_id, ", approved by ", approver);
  }

  /// A report that gives more back than it takes is a credit note.
  void AddBill(const std::vector<Share>& shares) {
    int64_t total = 0;
    int64_t tax = 0;
    for (const Share& share : shares) {
      total += share.gross.minor();
      tax += share.tax.minor();
    }
    const int64_t sign = total < 0 ? -1 : 1;
    Invoice bill;
    bill.kind = total < 0 ? InvoiceKind::kVendorCreditNote : InvoiceKind::kVendorBill;
    bill.partner = partner_;
    bill.invoice_date = report_.report_date;
    bill.currency = report_.currency;
    bill.exchange_rate = report_.exchange_rate;
    bill.journal_code = rules_.journal_code;
    bill.reference = reference_;
    bill.narration = Narration();
    bill.expected_total = Money(report_.currency, total * sign);
    bill.expected_tax = Money(report_.currency, tax * sign);
    bill.attachments = ReceiptsOf(PaidBy::kPersonal);
    for (const Share& share : shares) bill.lines.push_back(BillLine(share, sign));
    plan_.parts.push_back({"bill", {"", source_.entity, std::move(bill)}});
  }

  /// The employee's work e-mail address in Odoo.
  std::string WorkEmail() const {
    const EmployeeRule* const rule = RuleOfEmployee();
    return rule != nullptr && !rule->work_email.empty() ? rule->work_email
                                                        : report_.employee.email;
  }

  void AddClaim(const std::vector<Share>& shares) {
    ExpenseClaim claim;
    claim.employee_email = WorkEmail();
    if (claim.employee_email.empty()) {
      findings_.Add(Reason::kEmployeeUnknown, "report.employee",
                    "Neither the report nor the source has the employee's work e-mail address",
                    report_.employee.external_id);
      return;
    }
    claim.title = report_.title;
    claim.date = report_.report_date;
    claim.currency = report_.currency;
    claim.exchange_rate = report_.exchange_rate;
    claim.journal_code = rules_.journal_code;
    claim.reference = reference_;
    claim.attachments = ReceiptsOf(PaidBy::kPersonal);
    int64_t total = 0;
    int64_t tax = 0;
    for (const Share& share : shares) {
      total += share.gross.minor();
      tax += share.tax.minor();
      const InvoiceLine taxed = BillLine(share, 1);
      ExpenseClaimLine& line = claim.lines.emplace_back();
      line.description = FirstLineOf(share.description);
      line.date = report_.lines[share.line].date;
      line.product_code = taxed.product_code;
      line.account_code = taxed.account_code;
      line.amount = share.gross;
      line.unit_price = taxed.unit_price;
      line.tax_names = taxed.tax_names;
      line.analytic = share.analytic;
      if (line.product_code.empty()) {
        findings_.Add(Reason::kCategoryUnmapped, FieldAt("report.lines", share.line, "category"),
                      "Odoo's own expenses need a product, and the category's rule has none",
                      report_.lines[share.line].category);
      }
    }
    claim.expected_total = Money(report_.currency, total);
    claim.expected_tax = Money(report_.currency, tax);
    plan_.parts.push_back({"claim", {"", source_.entity, std::move(claim)}});
  }

  static std::string FirstLineOf(const std::string& text) {
    return text.substr(0, text.find('\n'));
  }

  InvoiceLine BillLine(const Share& share, int64_t sign) const {
    InvoiceLine line;
    line.description = share.description;
    line.quantity = Decimal::FromInt(1);
    line.account_code = share.category->account_code;
    line.product_code = share.category->product_code;
    line.analytic = share.analytic;
    bool included = false;
    if (share.tax_rule != nullptr) {
      line.tax_names = {share.tax_rule->tax_name};
      const Tax* const tax = catalogue_.FindTax(share.tax_rule->tax_name, true);
      included = tax != nullptr && tax->price_include;
    }
    const int64_t price = share.gross.minor() - (included ? 0 : share.tax.minor());
    line.unit_price = Money(report_.currency, price * sign).ToDecimal();
    return line;
  }

  /// The rate for entries: the report's own, else Odoo's last one on or before its day.
  std::optional<Decimal> Rate() {
    if (report_.currency.code() == catalogue_.company_currency_code) return std::nullopt;
    if (report_.exchange_rate) return report_.exchange_rate;
    const CurrencyInfo* const info = catalogue_.FindCurrency(report_.currency.code());
    if (info != nullptr && report_.report_date) {
      for (const CurrencyRate& rate : info->rates) {
        if (rate.date <= *report_.report_date) return rate.rate;
      }
    }
    findings_.Add(Reason::kRateMissing, "report.exchange_rate",
                  StrCat("Neither the report nor Odoo has a rate of ", report_.currency.code()),
                  report_.currency.code());
    return Decimal();
  }

  /// Counter accounts with what is booked against them.
  void AddEntry(const std::string& name, const std::string& journal,
                const std::map<std::string, std::vector<Share>>& against, bool owed) {
    const std::optional<Decimal> rate = Rate();
    if (rate && rate->IsZero()) return;
    const auto company = Currency::Parse(catalogue_.company_currency_code);
    if (!company.ok()) return;
    JournalEntry entry;
    entry.date = report_.report_date;
    entry.journal_code = journal;
    entry.reference = reference_;
    entry.narration = Narration();
    entry.attachments = ReceiptsOf(owed ? PaidBy::kPersonal : PaidBy::kCompanyCard);
    for (const auto& [account, shares] : against) {
      int64_t owed_minor = 0;   // in company currency, so that each counter line balances exactly
      int64_t owed_foreign = 0;
      for (const Share& share : shares) {
        const Money net(report_.currency, share.gross.minor() - share.tax.minor());
        owed_minor += AddLine(entry, share.category->account_code, share.description, net, rate,
                              *company, share.analytic);
        if (!share.tax.IsZero()) {
          owed_minor += AddLine(entry, share.tax_rule->account_code, share.description, share.tax,
                                rate, *company, {});
        }
        owed_foreign += share.gross.minor();
      }
      JournalEntryLine counter;
      counter.account_code = account;
      counter.description = Narration().substr(0, Narration().find('\n'));
      if (owed) counter.partner = partner_;
      SetSides(counter, Money(*company, -owed_minor));
      if (rate) counter.amount_currency = Money(report_.currency, -owed_foreign);
      entry.lines.push_back(std::move(counter));
    }
    plan_.parts.push_back({name, {"", source_.entity, std::move(entry)}});
  }

  static void SetSides(JournalEntryLine& line, const Money& balance) {
    if (balance.IsNegative()) {
      line.credit = (-balance).ToDecimal();
    } else {
      line.debit = balance.ToDecimal();
    }
  }

  /// Adds a debit (or credit, when negative); answers it in minor units of the company's currency.
  int64_t AddLine(JournalEntry& entry, const std::string& account, const std::string& description,
                  const Money& amount, const std::optional<Decimal>& rate, const Currency& company,
                  const std::vector<AnalyticShare>& analytic) {
    JournalEntryLine line;
    line.account_code = account;
    line.description = description;
    line.analytic = analytic;
    int64_t minor = amount.minor();
    if (rate) {
      const auto converted = DivideByRate(amount, *rate, company.scale());
      const auto whole = converted.ok() ? converted->ToMinor(company.scale())
                                        : absl::StatusOr<int64_t>(converted.status());
      if (!whole.ok()) {
        findings_.Add(base::AtField(whole.status(), "report.exchange_rate"));
        return 0;
      }
      minor = *whole;
      line.amount_currency = amount;
    }
    SetSides(line, Money(company, minor));
    entry.lines.push_back(std::move(line));
    return minor;
  }

  const ExpenseReport& report_;
  const Source& source_;
  const ExpenseSettings& rules_;
  const std::string& reference_;
  const Catalogue& catalogue_;
  const HexDigest& digest_;
  PartnerRef partner_;
  Findings findings_;
  ExpensePlan plan_;
};

}  // namespace

ExpensePlan PlanExpense(const ExpenseReport& report, const Source& source,
                        const std::string& reference, const Catalogue& catalogue,
                        const HexDigest& digest) {
  return Planner(report, source, reference, catalogue, digest).Make();
}

}  // namespace kontor::model
