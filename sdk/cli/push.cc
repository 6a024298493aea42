// SPDX-License-Identifier: Apache-2.0
// `kontorctl push`: documents from JSON lines, each line one create request:
//   {"requestId": "…", "invoice": {…}}   or "payment", "journalEntry", "partner".
// Lines go out in order, in batches of one kind; partners wait for their answer before what names
// them. The same file may be pushed again: request ids make it harmless.
#include <algorithm>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <sstream>
#include <variant>

#include "absl/time/clock.h"
#include "kontor/sdk/errors.h"
#include "kontor/v1/invoice.pb.h"
#include "kontor/v1/journal_entry.pb.h"
#include "kontor/v1/partner.pb.h"
#include "kontor/v1/payment.pb.h"
#include "sdk/cli/app.h"
#include "sdk/cli/fields.h"
#include "sdk/cli/output.h"
#include "sdk/cli/progress.h"
#include "sdk/cli/table.h"

namespace kontor::cli {
namespace {

constexpr int kBatchMax = 100;

using Line = std::variant<v1::UpsertPartnerRequest, v1::CreateInvoiceRequest,
                          v1::CreatePaymentRequest, v1::CreateJournalEntryRequest>;

struct Numbered {
  std::string place;  ///< "file:line".
  Line line;
};

struct Refusal {
  std::string place;
  std::string request_id;
  absl::Status status;
};

struct Tally {
  int64_t accepted = 0;
  std::map<std::string, int64_t> states;  ///< Of the operations as answered.
  std::vector<Refusal> refusals;
};

absl::StatusOr<Line> ReadLine(const std::string& text, const std::string& place) {
  const auto as = [&](auto request) -> absl::StatusOr<Line> {
    const absl::Status read = ReadJsonInto(text, place, &request);
    if (!read.ok()) return read;
    return Line(std::move(request));
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

absl::StatusOr<std::vector<Numbered>> ReadFiles(const std::vector<std::string>& files) {
  std::vector<Numbered> out;
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
      auto parsed = ReadLine(line, place);
      if (!parsed.ok()) return parsed.status();
      out.push_back({place, *std::move(parsed)});
    }
  }
  return out;
}

/// Sends lines of one kind as a batch and counts the answers.
template <typename BatchRequest, typename BatchResponse, typename Request>
absl::Status SendBatch(sdk::Connection& connection, const std::string& method,
                       const std::vector<const Numbered*>& lines, absl::Duration wait,
                       Tally* tally) {
  BatchRequest batch;
  for (const Numbered* line : lines) *batch.add_requests() = std::get<Request>(line->line);
  if (wait > absl::ZeroDuration()) {
    batch.mutable_wait()->set_seconds(absl::ToInt64Seconds(wait));
  }
  sdk::FillRequestIds(batch);
  BatchResponse answers;
  const absl::Status called = connection.Call(method, batch, answers, {});
  if (!called.ok()) return called;
  for (int i = 0; i < answers.results_size(); ++i) {
    const auto& result = answers.results(i);
    if (result.has_error()) {
      tally->refusals.push_back({lines[static_cast<size_t>(i)]->place, result.request_id(),
                                 sdk::StatusFrom(result.error())});
      continue;
    }
    ++tally->accepted;
    const auto state = result.response().operation().state();
    ++tally->states[v1::Operation::State_Name(state).substr(std::string("STATE_").size())];
  }
  return absl::OkStatus();
}

absl::Status Send(sdk::Connection& connection, const std::vector<const Numbered*>& lines,
                  absl::Duration wait, Tally* tally) {
  switch (lines.front()->line.index()) {
    case 0:
      // What names a partner is checked against Odoo, so partners are there first.
      return SendBatch<v1::BatchUpsertPartnersRequest, v1::BatchUpsertPartnersResponse,
                       v1::UpsertPartnerRequest>(
          connection, "/kontor.v1.PartnerService/BatchUpsertPartners", lines,
          std::max(wait, absl::Seconds(20)), tally);
    case 1:
      return SendBatch<v1::BatchCreateInvoicesRequest, v1::BatchCreateInvoicesResponse,
                       v1::CreateInvoiceRequest>(
          connection, "/kontor.v1.InvoiceService/BatchCreateInvoices", lines, wait, tally);
    case 2:
      return SendBatch<v1::BatchCreatePaymentsRequest, v1::BatchCreatePaymentsResponse,
                       v1::CreatePaymentRequest>(
          connection, "/kontor.v1.PaymentService/BatchCreatePayments", lines, wait, tally);
    default:
      return SendBatch<v1::BatchCreateJournalEntriesRequest,
                       v1::BatchCreateJournalEntriesResponse, v1::CreateJournalEntryRequest>(
          connection, "/kontor.v1.JournalEntryService/BatchCreateJournalEntries", lines, wait,
          tally);
  }
}

void PrintTally(const Tally& tally, const Globals& globals, Surroundings& surroundings) {
  if (globals.json) {
    surroundings.out << "{\"accepted\": " << tally.accepted
                     << ", \"refused\": " << tally.refusals.size() << "}\n";
    return;
  }
  Table states;
  states.columns = {{"state"}, {"documents", true}};
  for (const auto& [state, count] : tally.states) {
    states.rows.push_back({{state, ColourOf(state)}, {std::to_string(count)}});
  }
  surroundings.out << Render(states, surroundings.terminal);
  if (tally.refusals.empty()) return;
  Table table;
  table.columns = {{"line"}, {"request id"}, {"reason"}, {"what is wrong"}};
  for (const auto& refusal : tally.refusals) {
    table.rows.push_back({{refusal.place},
                          {refusal.request_id},
                          {sdk::ReasonOf(refusal.status), Colour::kRed},
                          {std::string(refusal.status.message())}});
  }
  surroundings.out << "\n" << Render(table, surroundings.terminal);
}

}  // namespace

ExitCode RunPush(const Globals& globals, Surroundings& surroundings) {
  absl::Duration wait;
  for (const auto& [flag, value] : globals.fields) {
    if (flag != "wait" || !absl::ParseDuration(value, &wait)) {
      surroundings.err << "kontorctl: push takes --wait 30s and files, not --" << flag << "\n";
      return kUsage;
    }
  }
  const std::vector<std::string> files(globals.words.begin() + 1, globals.words.end());
  if (files.empty()) {
    surroundings.err << "kontorctl: push needs a file of JSON lines ('-' is standard input)\n";
    return kUsage;
  }
  const auto lines = ReadFiles(files);
  if (!lines.ok()) {
    surroundings.err << "kontorctl: " << lines.status().message() << "\n";
    return kUsage;
  }
  auto connection = surroundings.connect(globals.options);
  if (!connection.ok()) return Fail(connection.status(), globals, surroundings);
  Tally tally;
  const absl::Time begun = absl::Now();
  for (size_t at = 0; at < lines->size();) {
    std::vector<const Numbered*> batch;
    const size_t kind = (*lines)[at].line.index();
    while (at < lines->size() && (*lines)[at].line.index() == kind && batch.size() < kBatchMax) {
      batch.push_back(&(*lines)[at++]);
    }
    const absl::Status sent = Send(**connection, batch, wait, &tally);
    const bool last = at == lines->size() || !sent.ok();
    ShowProgress(surroundings.terminal,
                 {static_cast<int64_t>(at), static_cast<int64_t>(tally.refusals.size()),
                  static_cast<int64_t>(lines->size()), absl::Now() - begun},
                 last);
    if (!sent.ok()) return Fail(sent, globals, surroundings);
  }
  PrintTally(tally, globals, surroundings);
  return tally.refusals.empty() ? kDone : kRefused;
}

}  // namespace kontor::cli
