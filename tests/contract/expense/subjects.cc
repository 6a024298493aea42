// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/expense/subjects.h"

#include <algorithm>

#include <boost/test/unit_test.hpp>

#include "adapters/expense/adapters.h"

namespace kontor::expense::contract {
namespace {

constexpr char kMapping[] = R"json({
  "version": 1, "amounts": "minor", "when": {"/event": ["approved"]}, "reports": "/report",
  "recalled": {"when": {"/event": "recalled"}, "external_id": "/report/number"},
  "report": {"external_id": "/number", "revision": "/version", "title": "/purpose",
             "report_date": "/approved", "currency_code": "/currency", "total": "/sum",
             "employee": {"external_id": "/owner"}, "approver": {"external_id": "/boss"}},
  "lines": "/items",
  "line": {"date": "/day", "description": "/what", "category": "/kind", "amount": "/gross",
           "tax": {"treatment": {"is": "RECOVERABLE"}, "code": "/vat/code",
                   "tax_amount": "/vat/sum"}}
})json";

size_t Count(const json& list, const std::function<bool(const json&)>& fits) {
  return static_cast<size_t>(std::count_if(list.begin(), list.end(), fits));
}

// -- a platform of one's own ------------------------------------------------------------------

json GenericReport(const std::string& number) {
  return {{"number", number}, {"version", 1}, {"purpose", "Customer visit"},
          {"approved", "2026-11-02"}, {"currency", "EUR"}, {"sum", 11900}, {"owner", "E-1"},
          {"boss", "B-1"},
          {"items", {{{"day", "2026-11-01"}, {"what", "Train"}, {"kind", "travel"},
                      {"gross", 11900}, {"vat", {{"code", "V19"}, {"sum", 1900}}}}}}};
}

std::string GenericMessage(const json& report) {
  return json{{"event", "approved"}, {"report", report}}.dump();
}

size_t GenericTold(const json& state, const std::string& ref, const char* event) {
  return Count(state.at("receipts"), [&](const json& told) {
    return told.at("ref") == ref && told.at("event") == event;
  });
}

// -- Concur -----------------------------------------------------------------------------------

json ConcurReport(const std::string& number) {
  return {{"id", number},
          {"document",
           {{"reportId", number}, {"reportName", "Trade fair"}, {"currencyCode", "EUR"},
            {"approvedDate", "2026-11-02T10:00:00"}, {"totalAmount", "119.00"},
            {"employee", {{"employeeId", "E-1"}}}, {"approver", {{"employeeId", "B-1"}}},
            {"entries", {{{"entryId", "1"}, {"transactionDate", "2026-11-01"},
                          {"businessPurpose", "Train"}, {"expenseTypeCode", "travel"},
                          {"approvedAmount", 119.0}, {"paymentTypeCode", "CASH"},
                          {"tax", {{"reclaimable", true}, {"code", "V19"},
                                   {"amount", 19.0}}}}}}}}};
}

std::string Announcement(const json& /*report*/) { return R"({"event":"ready"})"; }

size_t ConcurTold(const json& state, const std::string& ref, const char* list, const char* key,
                  const char* status) {
  return Count(state.at("items").at(ref).at(list),
               [&](const json& told) { return told.at(key) == status; });
}

// -- Ramp -------------------------------------------------------------------------------------

json RampReport(const std::string& number) {
  return {{"id", number}, {"entity_id", "ent-1"}, {"memo", "Train"},
          {"accounting_date", "2026-11-02T08:00:00Z"}, {"transaction_date", "2026-11-01"},
          {"currency", "EUR"}, {"amount", 119.0}, {"user_id", "E-1"}, {"tax_amount", 19.0},
          {"accounting_field_selections",
           {{{"type", "GL_ACCOUNT"}, {"external_id", "travel"}},
            {{"type", "TAX_CODE"}, {"external_id", "V19"}}}}};
}

}  // namespace

const std::vector<Subject>& Subjects() {
  static const auto* const kSubjects = new std::vector<Subject>{
      {"generic", "", "", "/receipts", "/receipts", false, &GenericReport, &GenericMessage,
       [](const json& state, const std::string& ref) { return GenericTold(state, ref, "posted"); },
       [](const json& state, const std::string& ref) { return GenericTold(state, ref, "failed"); },
       [](const json& state, const std::string& ref) {
         return GenericTold(state, ref, "reimbursed");
       }},
      {"concur", "transactions", "acknowledgements", "postingconfirmations",
       "paymentconfirmations", true, &ConcurReport, &Announcement,
       [](const json& state, const std::string& ref) {
         return ConcurTold(state, ref, "postings", "overallPostingStatusCode", "success");
       },
       [](const json& state, const std::string& ref) {
         return ConcurTold(state, ref, "postings", "overallPostingStatusCode", "error");
       },
       [](const json& state, const std::string& ref) {
         return ConcurTold(state, ref, "payments", "overallPaymentStatusCode", "success");
       }},
      {"ramp", "reimbursements", "", "syncs", "", false, &RampReport, &Announcement,
       [](const json& state, const std::string& ref) {
         return state.at("items").at(ref).at("synced").size();
       },
       [](const json& state, const std::string& ref) {
         return state.at("items").at(ref).at("failed").size();
       },
       [](const json&, const std::string&) -> size_t { return 0; }, "ramp"},
  };
  return *kSubjects;
}

Rig::Rig(const Subject& subject, const std::string& client_secret)
    : subject_(subject), platform_(subject.name) {
  model::Source source;
  source.id = "src_contract";
  source.name = "contract";
  source.adapter = subject.name;
  source.entity = "de";
  source.mapping = subject.name == "generic" ? kMapping : "";
  source.platform.base_url = platform_.url();
  source.platform.client_id = kClient;
  source.platform.client_secret = client_secret;
  source.platform.company = subject.name == "concur" ? "p0001" : "ent-1";
  if (subject.name == "generic") source.platform.receipt_url = platform_.url() + "/receipts";
  auto made = MakeAdapter(source, Http(), clock_, {.allow_plain_http = true});
  BOOST_REQUIRE_MESSAGE(made.ok(), made.status().ToString());
  adapter_ = *std::move(made);
}

ports::PlatformReport Rig::Take(const std::string& number) {
  const json report = subject_.report(number);
  if (!can().fetches) {
    const auto reading = adapter_->ReadHook(subject_.message(report));
    BOOST_REQUIRE_MESSAGE(reading.ok(), reading.status().ToString());
    BOOST_REQUIRE(reading->reports.size() == 1U);
    return reading->reports.front();
  }
  platform_.Add(report);
  const auto page = adapter_->Fetch("", Soon());
  BOOST_REQUIRE_MESSAGE(page.ok(), page.status().ToString());
  const auto found =
      std::find_if(page->reports.begin(), page->reports.end(),
                   [&](const auto& one) { return one.report.external_id == number; });
  BOOST_REQUIRE(found != page->reports.end());
  return *found;
}

ports::PlatformReport Rig::TakeAndAcknowledge(const std::string& number) {
  ports::PlatformReport report = Take(number);
  if (can().acknowledges) {
    const auto taken = adapter_->Acknowledge(report.ref, Soon());
    BOOST_REQUIRE_MESSAGE(taken.ok(), taken.status().ToString());
  }
  return report;
}

ports::PostingReceipt Posted(const ports::PlatformReport& report) {
  ports::PostingReceipt receipt;
  receipt.ref = report.ref;
  receipt.external_id = report.report.external_id;
  receipt.key = "x1-posting-" + report.ref;
  receipt.posted = true;
  receipt.company = "p0001";
  receipt.documents = {{"BILL/2026/11/0007", model::Date::Parse("2026-11-02").value(), "bil_1"}};
  return receipt;
}

ports::PostingReceipt Failed(const ports::PlatformReport& report) {
  ports::PostingReceipt receipt = Posted(report);
  receipt.posted = false;
  receipt.documents.clear();
  receipt.messages = {"The source has no rule for the category 'yachts'"};
  return receipt;
}

ports::PaymentReceipt Paid(const ports::PlatformReport& report) {
  ports::PaymentReceipt receipt;
  receipt.ref = report.ref;
  receipt.external_id = report.report.external_id;
  receipt.key = "x1-payment-" + report.ref;
  receipt.company = "p0001";
  receipt.date = model::Date::Parse("2026-11-05").value();
  receipt.documents = Posted(report).documents;
  return receipt;
}

void ForEach(const std::function<void(const Subject&)>& test) {
  for (const Subject& subject : Subjects()) {
    BOOST_TEST_CONTEXT("adapter " << subject.name) { test(subject); }
  }
}

}  // namespace kontor::expense::contract
