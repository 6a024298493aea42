// SPDX-License-Identifier: Apache-2.0
#include "sdk/cli/push_lines.h"

#include <functional>
#include <sstream>

#include "sdk/cli/fields.h"

namespace kontor::cli {
namespace {

absl::StatusOr<PushRequest> ReadLine(const std::string& text, const std::string& place) {
  const auto as = [&](auto request) -> absl::StatusOr<PushRequest> {
    const absl::Status read = ReadJsonInto(text, place, &request);
    if (!read.ok()) return read;
    return PushRequest(std::move(request));
  };
  // The key that names the document decides; the request's own reader refuses everything else.
  if (text.find("\"journalEntry\"") != std::string::npos ||
      text.find("\"journal_entry\"") != std::string::npos) {
    return as(v1::CreateJournalEntryRequest());
  }
  if (text.find("\"invoice\"") != std::string::npos) return as(v1::CreateInvoiceRequest());
  if (text.find("\"payment\"") != std::string::npos) return as(v1::CreatePaymentRequest());
  return as(v1::UpsertPartnerRequest());
}

/// `@{inv-7}` → "inv-7"; empty for anything else.
std::string NameIn(const std::string& text) {
  constexpr size_t kBraces = 3;
  const bool named = text.size() > kBraces && text.rfind("@{", 0) == 0 && text.back() == '}';
  return named ? text.substr(2, text.size() - kBraces) : "";
}

using Visit = std::function<void(std::string* id, bool of_operation)>;

void VisitIds(const Visit& visit, v1::UpsertPartnerRequest* request) {
  for (auto& id : *request->mutable_depends_on()) visit(&id, true);
}

void VisitIds(const Visit& visit, v1::CreateInvoiceRequest* request) {
  for (auto& id : *request->mutable_depends_on()) visit(&id, true);
  visit(request->mutable_invoice()->mutable_reversed_invoice_id(), false);
}

void VisitIds(const Visit& visit, v1::CreatePaymentRequest* request) {
  for (auto& id : *request->mutable_depends_on()) visit(&id, true);
  for (auto& allocation : *request->mutable_payment()->mutable_allocations()) {
    // Asking for the member would set it: the other way of naming a document must stay.
    if (allocation.document_case() == v1::Payment::Allocation::kInvoiceId) {
      visit(allocation.mutable_invoice_id(), false);
    }
  }
}

void VisitIds(const Visit& visit, v1::CreateJournalEntryRequest* request) {
  for (auto& id : *request->mutable_depends_on()) visit(&id, true);
}

}  // namespace

absl::StatusOr<std::vector<PushLine>> ReadPushFiles(const std::vector<std::string>& files) {
  std::vector<PushLine> out;
  for (const std::string& file : files) {
    std::string text;
    const absl::Status read = ReadWhole(file, &text);
    if (!read.ok()) return read;
    std::istringstream lines(text);
    std::string line;
    for (int number = 1; std::getline(lines, line); ++number) {
      const size_t first = line.find_first_not_of(" \t\r");
      if (first == std::string::npos || line[first] == '#') continue;
      const std::string place = file + ":" + std::to_string(number);
      auto request = ReadLine(line, place);
      if (!request.ok()) return request.status();
      out.push_back({place, *std::move(request)});
    }
  }
  return out;
}

const std::string& RequestIdOf(const PushRequest& request) {
  return std::visit([](const auto& one) -> const std::string& { return one.request_id(); },
                    request);
}

std::set<std::string> NamedBy(const PushRequest& request) {
  std::set<std::string> names;
  PushRequest copy = request;
  const Visit visit = [&names](std::string* id, bool) {
    const std::string name = NameIn(*id);
    if (!name.empty()) names.insert(name);
  };
  std::visit([&visit](auto& one) { VisitIds(visit, &one); }, copy);
  return names;
}

absl::Status FillIn(const Pushed& pushed, PushLine* line) {
  if (NamedBy(line->request).empty()) return absl::OkStatus();
  absl::Status problem;
  const Visit visit = [&](std::string* id, bool of_operation) {
    const std::string name = NameIn(*id);
    if (name.empty()) return;
    const auto found = pushed.find(name);
    if (found == pushed.end()) {
      problem = absl::InvalidArgumentError(
          "it names " + name + ", and no earlier line with that request id was accepted");
      return;
    }
    *id = of_operation ? found->second.operation_id : found->second.document_id;
  };
  std::visit([&visit](auto& one) { VisitIds(visit, &one); }, line->request);
  return problem;
}

}  // namespace kontor::cli
