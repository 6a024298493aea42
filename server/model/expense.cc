// SPDX-License-Identifier: Apache-2.0
// Expense reports as JSON.
#include "server/model/expense.h"

#include "absl/strings/escaping.h"
#include "server/base/strings.h"
#include "server/model/internal/json_fields.h"

namespace kontor::model {
namespace {

using internal::Findings;
using internal::Json;
using internal::JsonFields;
using internal::PutAmount;
using internal::PutDay;
using internal::PutEach;
using internal::PutNumber;
using internal::PutObject;
using internal::PutText;

constexpr std::array<std::string_view, 4> kTreatments = {"NONE", "RECOVERABLE", "REVERSE_CHARGE",
                                                         "MIXED"};
constexpr std::array<std::string_view, 2> kPayers = {"PERSONAL", "COMPANY_CARD"};

void Read(JsonFields& in, ExpensePerson& out) {
  in.Text("external_id", out.external_id);
  in.Text("email", out.email);
  in.Text("name", out.name);
}

Json Write(const ExpensePerson& in) {
  Json out = Json::object();
  PutText(out, "external_id", in.external_id);
  PutText(out, "email", in.email);
  PutText(out, "name", in.name);
  return out;
}

void Read(JsonFields& in, ExpenseTax& out) {
  in.Name("treatment", out.treatment, "TREATMENT_", kTreatments);
  in.Text("code", out.code);
  in.Amount("tax_amount", out.tax_amount);
  in.List("parts", out.parts, kTaxPartsMax, [](JsonFields& item, ExpenseTaxPart& part) {
    item.Text("code", part.code);
    item.Amount("amount", part.amount);
    item.Amount("tax_amount", part.tax_amount);
  });
}

Json Write(const ExpenseTax& in) {
  Json out = Json::object();
  if (in.treatment != TaxTreatment::kNone) {
    out["treatment"] = base::StrCat("TREATMENT_", kTreatments[static_cast<size_t>(in.treatment)]);
  }
  PutText(out, "code", in.code);
  PutAmount(out, "tax_amount", in.tax_amount);
  PutEach(out, "parts", in.parts, [](const ExpenseTaxPart& part) {
    Json item = Json::object();
    PutText(item, "code", part.code);
    PutAmount(item, "amount", part.amount);
    PutAmount(item, "tax_amount", part.tax_amount);
    return item;
  });
  return out;
}

void ReadReceipt(JsonFields& in, Attachment& out) {
  in.Text("name", out.name);
  in.Text("media_type", out.media_type);
  in.Text("sha256", out.sha256);
  in.Skip("size_bytes");
  std::string text;
  in.Text("content", text);
  if (!absl::Base64Unescape(base::Absl(text), &out.content)) in.Wrong("content", "is no base64");
}

void Read(JsonFields& in, ExpenseLine& out) {
  in.Text("external_id", out.external_id);
  in.Day("date", out.date);
  in.Text("description", out.description);
  in.Text("merchant", out.merchant);
  in.Text("category", out.category);
  in.Amount("amount", out.amount);
  in.Amount("original_amount", out.original_amount);
  in.Number("exchange_rate", out.exchange_rate);
  in.Object("tax", [&](JsonFields& tax) { Read(tax, out.tax); });
  in.Text("cost_centre", out.cost_centre);
  in.Name("payment_type", out.paid_by, "PAYMENT_TYPE_", kPayers);
  in.Text("card", out.card);
  in.List("receipts", out.receipts, kAttachmentsMax, ReadReceipt);
}

Json Write(const ExpenseLine& in, bool with_bytes) {
  Json out = Json::object();
  PutText(out, "external_id", in.external_id);
  PutDay(out, "date", in.date);
  PutText(out, "description", in.description);
  PutText(out, "merchant", in.merchant);
  PutText(out, "category", in.category);
  PutAmount(out, "amount", in.amount);
  PutAmount(out, "original_amount", in.original_amount);
  PutNumber(out, "exchange_rate", in.exchange_rate);
  PutObject(out, "tax", Write(in.tax));
  PutText(out, "cost_centre", in.cost_centre);
  if (in.paid_by == PaidBy::kCompanyCard) out["payment_type"] = "PAYMENT_TYPE_COMPANY_CARD";
  PutText(out, "card", in.card);
  PutEach(out, "receipts", in.receipts, [with_bytes](const Attachment& receipt) {
    Json item = {{"name", receipt.name}, {"media_type", receipt.media_type}};
    PutText(item, "sha256", receipt.sha256);
    if (with_bytes) PutText(item, "content", absl::Base64Escape(base::Absl(receipt.content)));
    return item;
  });
  return out;
}

void Read(JsonFields& in, ExpenseReport& out) {
  in.Text("external_id", out.external_id);
  in.Whole("revision", out.revision);
  in.Text("title", out.title);
  in.Object("employee", [&](JsonFields& person) { Read(person, out.employee); });
  in.Object("approver", [&](JsonFields& person) { Read(person, out.approver); });
  in.Day("report_date", out.report_date);
  std::optional<Currency> currency;
  in.Parsed("currency_code", currency, Currency::Parse);
  if (currency) out.currency = *currency;
  in.Number("exchange_rate", out.exchange_rate);
  in.Amount("total", out.total);
  in.List("lines", out.lines, kExpenseLinesMax,
          [](JsonFields& item, ExpenseLine& line) { Read(item, line); });
  for (const char* ours :
       {"id", "source", "entity", "state", "operation_ids", "document_ids", "odoo_names",
        "findings", "exception_id", "correlation_id", "receipt_count", "create_time",
        "update_time"}) {
    in.Skip(ours);
  }
}

}  // namespace

ExpenseReport ReadExpenseReport(std::string_view json, std::vector<Finding>* findings) {
  ExpenseReport report;
  Findings found;
  const Json body = Json::parse(json, nullptr, false);
  if (body.is_discarded()) {
    found.Add(base::Reason::kJsonInvalid, "report", "is no JSON");
  } else {
    JsonFields fields(body, "report", found);
    Read(fields, report);
    fields.Finish();
  }
  if (report.revision == 0) report.revision = 1;
  *findings = found.Take();
  return report;
}

std::string WriteExpenseReport(const ExpenseReport& report, bool with_bytes) {
  Json out = {{"external_id", report.external_id}, {"revision", report.revision}};
  PutText(out, "title", report.title);
  PutObject(out, "employee", Write(report.employee));
  PutObject(out, "approver", Write(report.approver));
  PutDay(out, "report_date", report.report_date);
  PutText(out, "currency_code", report.currency.code());
  PutNumber(out, "exchange_rate", report.exchange_rate);
  PutAmount(out, "total", report.total);
  PutEach(out, "lines", report.lines,
          [with_bytes](const ExpenseLine& line) { return Write(line, with_bytes); });
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string ExpenseLookOf(const ExpenseReport& report) {
  std::vector<std::string> lines;
  for (const ExpenseLine& line : report.lines) {
    lines.push_back(base::StrCat(line.date ? line.date->ToString() : "", "\x1f",
                                 line.amount ? line.amount->ValueText() : "", "\x1f",
                                 line.category));
  }
  std::sort(lines.begin(), lines.end());
  const std::string employee = report.employee.external_id.empty()
                                   ? base::ToLower(report.employee.email)
                                   : report.employee.external_id;
  return base::StrCat(employee, "\x1e", report.currency.code(), "\x1e",
                      report.total ? report.total->ValueText() : "", "\x1e",
                      base::StrJoin(lines, "\x1e"));
}

absl::StatusOr<Decimal> DivideByRate(const Money& amount, const Decimal& rate, int scale) {
  if (rate.IsZero() || rate.IsNegative()) {
    return base::Error(base::Reason::kAmountInvalid).Says("a rate is above zero");
  }
  // amount / 10^a ÷ (rate / 10^r) × 10^scale = amount × 10^(r + scale - a) / rate. An amount has 15
  // digits at most, the exponent is 15 at most: 30 digits fit.
  const Decimal value = amount.ToDecimal();
  base::Int128 numerator = value.Abs().unscaled();
  base::Int128 denominator = rate.unscaled();
  const int exponent = rate.ScaleNeeded() + scale - value.ScaleNeeded();
  for (int i = 0; i < exponent; ++i) numerator *= 10;
  for (int i = 0; i > exponent; --i) denominator *= 10;
  const base::Int128 minor = (numerator * 2 + denominator) / (denominator * 2);
  const Decimal result = Decimal::FromUnscaled(minor, scale);
  return value.IsNegative() ? -result : result;
}

}  // namespace kontor::model
