// SPDX-License-Identifier: Apache-2.0
// `kontorctl watch events|operations|expense-reports`: a line for each as it happens, until
// interrupted.
#include <ostream>

#include "kontor/sdk/event_client.h"
#include "kontor/sdk/operation_client.h"
#include "kontor/v1/expense.pb.h"
#include "sdk/cli/fields.h"
#include "sdk/cli/output.h"
#include "sdk/cli/own_commands.h"

namespace kontor::cli {
namespace {

template <typename Request>
absl::Status Fill(const Globals& globals, Request* request) {
  for (const auto& [flag, value] : globals.fields) {
    if (flag == "count") continue;
    const absl::Status set = SetField(flag, value, request);
    if (!set.ok()) return set;
  }
  return absl::OkStatus();
}

/// `--count N` ends after N lines; for scripts.
int64_t CountOf(const Globals& globals) {
  for (const auto& [flag, value] : globals.fields) {
    if (flag == "count") return std::atoll(value.c_str());
  }
  return 0;
}

std::string LineOf(const v1::WatchEventsResponse& message) {
  const auto& event = message.event();
  return std::to_string(event.sequence()) + "  " + event.type() + "  " + event.entity() + "  " +
         event.subject() + "\n";
}

std::string LineOf(const v1::WatchOperationsResponse& message) {
  const auto& operation = message.operation();
  const auto* state = v1::Operation::State_descriptor()->FindValueByNumber(operation.state());
  return std::to_string(message.sequence()) + "  " + ShortName(*state) + "  " + operation.id() +
         "  " + operation.document_id() + "  " + operation.odoo_name() + "\n";
}

std::string LineOf(const v1::WatchExpenseReportsResponse& message) {
  const auto& report = message.report();
  const auto* state = v1::ExpenseReport::State_descriptor()->FindValueByNumber(report.state());
  return std::to_string(message.sequence()) + "  " + message.event_type() + "  " +
         ShortName(*state) + "  " + report.id() + "  " + report.external_id() + "\n";
}

/// One stream of reports; it ends with the connection, and `--after-sequence` goes on behind the
/// last line.
class ReportWatch {
 public:
  explicit ReportWatch(std::unique_ptr<sdk::MessageStream> stream) : stream_(std::move(stream)) {}
  absl::StatusOr<v1::WatchExpenseReportsResponse> Next() {
    v1::WatchExpenseReportsResponse message;
    while (true) {
      const auto read = stream_->Read(message, absl::InfiniteFuture());
      if (read == sdk::MessageStream::ReadResult::kEnd) {
        const absl::Status ended = stream_->Finish();
        return ended.ok() ? absl::UnavailableError("the service ended the stream") : ended;
      }
      if (message.has_report()) return message;  // else a sign of life
    }
  }

 private:
  std::unique_ptr<sdk::MessageStream> stream_;
};

absl::StatusOr<ReportWatch> OpenReports(sdk::Connection& connection,
                                        const v1::WatchExpenseReportsRequest& request) {
  sdk::CallOptions options;
  options.timeout = absl::ZeroDuration();
  auto stream = connection.Open("/kontor.v1.ExpenseService/WatchExpenseReports",
                                v1::WatchExpenseReportsResponse(), options);
  if (!stream.ok()) return stream.status();
  (*stream)->Write(request);
  (*stream)->WritesDone();
  return ReportWatch(*std::move(stream));
}

template <typename Watch>
ExitCode Follow(Watch watch, const Globals& globals, Surroundings& surroundings) {
  const int64_t most = CountOf(globals);
  for (int64_t shown = 0; most == 0 || shown < most; ++shown) {
    auto message = watch.Next();
    if (!message.ok()) return Fail(message.status(), globals, surroundings);
    surroundings.out << (globals.json ? ToJson(*message, false) : LineOf(*message)) << std::flush;
  }
  return kDone;
}

}  // namespace

ExitCode RunWatch(const Globals& globals, Surroundings& surroundings) {
  const std::string what = globals.words.size() == 2 ? globals.words[1] : "";
  if (what != "events" && what != "operations" && what != "expense-reports") {
    surroundings.err << "kontorctl: watch events, operations or expense-reports\n";
    return kUsage;
  }
  auto connection = surroundings.connect(globals.options);
  if (!connection.ok()) return Usage(connection.status(), surroundings);
  if (what == "events") {
    v1::WatchEventsRequest request;
    const absl::Status filled = Fill(globals, &request);
    if (!filled.ok()) return Usage(filled, surroundings);
    return Follow(sdk::EventClient(*connection).WatchEvents(request), globals, surroundings);
  }
  if (what == "expense-reports") {
    v1::WatchExpenseReportsRequest request;
    const absl::Status filled = Fill(globals, &request);
    if (!filled.ok()) return Usage(filled, surroundings);
    auto watch = OpenReports(**connection, request);
    if (!watch.ok()) return Fail(watch.status(), globals, surroundings);
    return Follow(*std::move(watch), globals, surroundings);
  }
  v1::WatchOperationsRequest request;
  const absl::Status filled = Fill(globals, &request);
  if (!filled.ok()) return Usage(filled, surroundings);
  return Follow(sdk::OperationClient(*connection).WatchOperations(request), globals, surroundings);
}

}  // namespace kontor::cli
