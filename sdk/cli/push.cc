// SPDX-License-Identifier: Apache-2.0
// `kontorctl push`: documents from JSON lines, each line one create request:
//   {"requestId": "…", "invoice": {…}}   or "payment", "journalEntry", "partner".
// Lines go out in order, in batches of one kind; partners wait for their answer before what names
// them. A line may say "@{REQUEST_ID}" for the id of an earlier line's document: what a payment
// settles, what a credit note answers. The same file may be pushed again: request ids make it
// harmless.
#include <algorithm>
#include <iostream>
#include <map>

#include "absl/time/clock.h"
#include "kontor/sdk/errors.h"
#include "sdk/cli/fields.h"
#include "sdk/cli/output.h"
#include "sdk/cli/own_commands.h"
#include "sdk/cli/progress.h"
#include "sdk/cli/push_lines.h"
#include "sdk/cli/table.h"

namespace kontor::cli {
namespace {

constexpr size_t kBatchMax = 50;

struct Refusal {
  std::string place;
  std::string request_id;
  absl::Status status;
};

struct Tally {
  int64_t accepted = 0;
  std::map<std::string, int64_t> states;  ///< Of the operations as answered.
  std::vector<Refusal> refusals;
  Pushed pushed;
};

const std::string& DocumentId(const v1::UpsertPartnerResponse& answer) {
  return answer.partner().id();
}
const std::string& DocumentId(const v1::CreateInvoiceResponse& answer) {
  return answer.invoice().id();
}
const std::string& DocumentId(const v1::CreatePaymentResponse& answer) {
  return answer.payment().id();
}
const std::string& DocumentId(const v1::CreateJournalEntryResponse& answer) {
  return answer.journal_entry().id();
}

/// Sends lines of one kind as a batch and counts the answers.
template <typename BatchRequest, typename BatchResponse, typename Request>
absl::Status SendBatch(sdk::Connection& connection, const std::string& method,
                       const std::vector<const PushLine*>& lines, absl::Duration wait,
                       Tally* tally) {
  BatchRequest batch;
  for (const PushLine* line : lines) *batch.add_requests() = std::get<Request>(line->request);
  if (wait > absl::ZeroDuration()) {
    batch.mutable_wait()->set_seconds(absl::ToInt64Seconds(wait));
  }
  sdk::FillRequestIds(batch);
  BatchResponse answers;
  const absl::Status called = connection.Call(method, batch, answers, {});
  if (!called.ok()) return called;
  if (answers.results_size() != static_cast<int>(lines.size())) {
    return absl::InternalError("the server answered another number of lines than it was sent");
  }
  for (int i = 0; i < answers.results_size(); ++i) {
    const auto& result = answers.results(i);
    if (result.has_error()) {
      tally->refusals.push_back({lines[static_cast<size_t>(i)]->place, result.request_id(),
                                 sdk::StatusFrom(result.error())});
      continue;
    }
    const auto& operation = result.response().operation();
    ++tally->accepted;
    const auto* state = v1::Operation::State_descriptor()->FindValueByNumber(operation.state());
    // A partner that is in Odoo as sent already needs no operation.
    const bool unchanged = !result.response().has_operation();
    ++tally->states[unchanged || state == nullptr ? "UNCHANGED" : ShortName(*state)];
    tally->pushed[result.request_id()] = {DocumentId(result.response()), operation.id()};
  }
  return absl::OkStatus();
}

absl::Status Send(sdk::Connection& connection, const std::vector<const PushLine*>& lines,
                  absl::Duration wait, Tally* tally) {
  switch (lines.front()->request.index()) {
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

/// The next lines of one kind, none of which names another of them; lines that name what was not
/// accepted are refused here.
std::vector<const PushLine*> NextBatch(std::vector<PushLine>* lines, size_t* at, Tally* tally) {
  std::vector<const PushLine*> batch;
  std::set<std::string> in_batch;
  const size_t kind = (*lines)[*at].request.index();
  while (*at < lines->size() && (*lines)[*at].request.index() == kind &&
         batch.size() < kBatchMax) {
    PushLine& line = (*lines)[*at];
    const std::set<std::string> named = NamedBy(line.request);
    const bool must_wait = std::any_of(named.begin(), named.end(), [&](const std::string& name) {
      return in_batch.contains(name);
    });
    const bool repeated = in_batch.contains(RequestIdOf(line.request));
    if (must_wait || repeated) break;
    ++*at;
    const absl::Status filled = FillIn(tally->pushed, &line);
    if (!filled.ok()) {
      tally->refusals.push_back({line.place, RequestIdOf(line.request), filled});
      continue;
    }
    if (!RequestIdOf(line.request).empty()) in_batch.insert(RequestIdOf(line.request));
    batch.push_back(&line);
  }
  return batch;
}

std::string Quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out + "\"";
}

void PrintJson(const Tally& tally, std::ostream& out) {
  out << "{\"accepted\": " << tally.accepted << ", \"refused\": " << tally.refusals.size()
      << ", \"states\": {";
  const char* comma = "";
  for (const auto& [state, count] : tally.states) {
    out << comma << Quoted(state) << ": " << count;
    comma = ", ";
  }
  out << "}, \"refusals\": [";
  comma = "";
  for (const auto& refusal : tally.refusals) {
    out << comma << "{\"line\": " << Quoted(refusal.place)
        << ", \"requestId\": " << Quoted(refusal.request_id)
        << ", \"reason\": " << Quoted(sdk::ReasonOf(refusal.status))
        << ", \"message\": " << Quoted(std::string(refusal.status.message())) << "}";
    comma = ", ";
  }
  out << "]}\n";
}

void PrintTally(const Tally& tally, const Globals& globals, Surroundings& surroundings) {
  if (globals.json) return PrintJson(tally, surroundings.out);
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
      return Usage("push takes --wait 30s and files, not --" + flag + " " + value, surroundings);
    }
  }
  const std::vector<std::string> files(globals.words.begin() + 1, globals.words.end());
  if (files.empty()) {
    return Usage("push needs a file of JSON lines ('-' is standard input)", surroundings);
  }
  auto lines = ReadPushFiles(files);
  if (!lines.ok()) return Usage(lines.status(), surroundings);
  auto connection = surroundings.connect(globals.options);
  if (!connection.ok()) return Usage(connection.status(), surroundings);
  Tally tally;
  const absl::Time begun = absl::Now();
  for (size_t at = 0; at < lines->size();) {
    const std::vector<const PushLine*> batch = NextBatch(&*lines, &at, &tally);
    const absl::Status sent =
        batch.empty() ? absl::OkStatus() : Send(**connection, batch, wait, &tally);
    const bool last = at == lines->size() || !sent.ok();
    ShowProgress(surroundings.terminal,
                 {static_cast<int64_t>(at), static_cast<int64_t>(tally.refusals.size()),
                  static_cast<int64_t>(lines->size()), absl::Now() - begun, ""},
                 last, surroundings.err);
    if (!sent.ok()) return Fail(sent, globals, surroundings);
  }
  PrintTally(tally, globals, surroundings);
  return tally.refusals.empty() ? kDone : kRefused;
}

}  // namespace kontor::cli
