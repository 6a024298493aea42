// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/fill.h"

#include <algorithm>
#include <cstdio>

#include "absl/time/clock.h"
#include "server/api/convert.h"
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/engine/codec.h"
#include "server/engine/documents.h"
#include "server/model/canon.h"
#include "server/model/validate.h"
#include "tests/bench/invoices.h"
#include "tests/bench/world.h"

namespace kontor::bench {
namespace {

using base::StrCat;

constexpr int64_t kTogether = 200;
constexpr int64_t kTold = 100'000;

engine::Entity EntityOfBench() {
  engine::Entity entity;
  entity.name = kEntity;
  entity.connection = kConnection;
  entity.company_id = 1;
  entity.currency_code = "EUR";
  return entity;
}

/// One invoice with all that is written about it.
struct Finished {
  ports::DocumentRow row;
  model::Document document;
  model::Operation operation;
  std::string digest;
};

absl::StatusOr<ports::ErpSnapshot> ReadingOf(const Finished& finished) {
  ports::ErpSnapshot reading;
  reading.record = finished.row.record;
  reading.exists = true;
  reading.state = "posted";
  reading.move_type = "out_invoice";
  reading.date = finished.row.date;
  reading.invoice_date = finished.row.date;
  reading.due_date = finished.row.date;
  reading.currency_code = finished.row.currency_code;
  KONTOR_ASSIGN_OR_RETURN(reading.total,
                          model::Decimal::Parse(StrCat(finished.row.total_minor / 100, ".00")));
  reading.residual = reading.total;
  reading.company_total = reading.total;
  reading.company_currency_code = "EUR";
  reading.payment_state = "not_paid";
  reading.journal_code = "INV";
  reading.company_name = "Hansekontor GmbH";
  reading.partner_id = finished.row.record.id % 1000;
  reading.partner_name = "Kaffeerösterei Speicherstadt GmbH";
  reading.write_date = "2026-03-17 09:00:00";
  return reading;
}

class Filler {
 public:
  Filler(Stored& stored, int lines) : stored_(stored), lines_(lines), run_(NewRunName()) {}

  absl::StatusOr<Finished> Make(int64_t number) {
    ::kontor::v1::Invoice invoice;
    FillInvoice(number, lines_, &invoice);
    Finished out;
    KONTOR_ASSIGN_OR_RETURN(out.document, api::ReadInvoice(invoice, "invoice"));
    out.document.id = stored_.ids().Next(base::kInvoicePrefix);
    Describe(number, out);
    Plan(number, out);
    KONTOR_ASSIGN_OR_RETURN(const auto reading, ReadingOf(out));
    out.row.booked = engine::ToJson(reading, stored_.clock().Now());
    out.digest = stored_.crypto().Sha256Hex(out.row.content);
    return out;
  }

  absl::Status Write(ports::Unit& unit, Finished& finished) {
    KONTOR_RETURN_IF_ERROR(unit.InsertRequest({kSource, finished.operation.request_id,
                                               finished.digest, model::kCanonVersion,
                                               finished.operation.id, finished.row.id}));
    KONTOR_RETURN_IF_ERROR(unit.PutDocument(finished.row));
    KONTOR_RETURN_IF_ERROR(unit.PutOperation(finished.operation));
    ports::ObservedRow observed;
    observed.subject = finished.row.id;
    observed.snapshot = finished.row.booked;
    observed.digest = finished.digest;
    observed.write_date = "2026-03-17 09:00:00";
    KONTOR_RETURN_IF_ERROR(unit.PutObserved(observed));
    if (const std::string key = model::DuplicateKey(finished.document); !key.empty()) {
      KONTOR_RETURN_IF_ERROR(
          unit.ReserveDuplicateKey(kEntity, key, finished.operation.id).status());
    }
    for (const std::string_view state : {"ACCEPTED", "POSTED"}) {
      KONTOR_RETURN_IF_ERROR(AppendState(unit, finished, state));
    }
    return absl::OkStatus();
  }

  absl::Status AppendEvent(ports::Unit& unit, const Finished& finished, std::string type) {
    model::Event event;
    event.id = stored_.ids().Next(base::kEventPrefix);
    event.type = std::move(type);
    event.time = finished.operation.updated;
    event.entity = kEntity;
    event.subject = finished.row.id;
    event.correlation_id = finished.operation.correlation_id;
    event.data = engine::EventData(finished.row, finished.document, &finished.operation,
                                   finished.row.booked, nullptr);
    return unit.AppendEvent(std::move(event));
  }

 private:
  void Describe(int64_t number, Finished& out) const {
    engine::DescribeRow(out.document, EntityOfBench(), out.row);
    out.row.source = kSource;
    out.row.state = "POSTED";
    out.row.journal_code = "INV";
    out.row.record = {"account.move", number + 1, StrCat("INV/2026/", number + 1)};
    out.row.created = stored_.clock().Now();
  }

  void Plan(int64_t number, Finished& out) {
    model::Operation& operation = out.operation;
    operation.id = stored_.ids().Next(base::kOperationPrefix);
    operation.state = model::OperationState::kPosted;
    operation.document_id = out.row.id;
    operation.entity = kEntity;
    operation.connection = kConnection;
    operation.source = kSource;
    operation.submitter = "prn_01HZX3V7Q8Z4T9W2Y5B6C7D8E9";
    operation.request_id = StrCat(run_, "-", number);
    operation.correlation_id = stored_.ids().Next(base::kCorrelationPrefix);
    operation.lane = StrCat(kConnection, "/1/INV");
    operation.external_id = model::ExternalIdOf(
        kConnection, kSource, operation.request_id, "doc",
        [this](std::string_view bytes) { return stored_.crypto().Sha256Hex(bytes); });
    operation.path = model::Path::kLoad;
    operation.policy_version = "de/1+0";
    operation.steps =
        model::PlanSteps(out.document, model::Verb::kCreate, model::Posting::kPost);
    for (model::Step& step : operation.steps) {
      step.state = model::StepState::kDone;
      step.attempts = 1;
      step.started = stored_.clock().Now();
      step.ended = step.started;
    }
    operation.step_index = operation.steps.size();
    operation.seen_in_erp = true;
    operation.record = out.row.record;
    operation.created = stored_.clock().Now();
    operation.updated = operation.created;
    out.row.operation_id = operation.id;
  }

  absl::Status AppendState(ports::Unit& unit, const Finished& finished, std::string_view state) {
    KONTOR_RETURN_IF_ERROR(
        AppendEvent(unit, finished, StrCat("invoice.", base::ToLower(state))));
    ports::AuditEntry audit;
    audit.time = finished.operation.updated;
    audit.actor = finished.operation.submitter;
    audit.role = "SUBMITTER";
    audit.action = StrCat("operation.", base::ToLower(state));
    audit.subject = finished.operation.id;
    audit.entity = kEntity;
    audit.after = engine::StateJson(state);
    audit.policy_version = finished.operation.policy_version;
    audit.correlation_id = finished.operation.correlation_id;
    return unit.AppendAudit(std::move(audit));
  }

  Stored& stored_;
  const int lines_;
  const std::string run_;
};

}  // namespace

absl::Status FillFinished(Stored& stored, const FillOptions& options) {
  Filler filler(stored, options.lines);
  const absl::Time begun = absl::Now();
  for (int64_t at = 0; at < options.count; at += kTogether) {
    const int64_t end = std::min(at + kTogether, options.count);
    KONTOR_RETURN_IF_ERROR(stored.store().Commit([&](ports::Unit& unit) -> absl::Status {
      for (int64_t number = at; number < end; ++number) {
        KONTOR_ASSIGN_OR_RETURN(Finished finished, filler.Make(number));
        KONTOR_RETURN_IF_ERROR(filler.Write(unit, finished));
      }
      return absl::OkStatus();
    }));
    if (!options.progress || end % kTold != 0) continue;
    std::printf("filled %lld of %lld, %.0f/s\n", static_cast<long long>(end),
                static_cast<long long>(options.count),
                static_cast<double>(end) / absl::ToDoubleSeconds(absl::Now() - begun));
    std::fflush(stdout);
  }
  return absl::OkStatus();
}

absl::Status FillEvents(Stored& stored, int64_t count, int64_t subjects, int lines) {
  Filler filler(stored, lines);
  std::vector<Finished> documents;
  for (int64_t number = 0; number < subjects; ++number) {
    KONTOR_ASSIGN_OR_RETURN(Finished finished, filler.Make(number));
    documents.push_back(std::move(finished));
  }
  for (int64_t at = 0; at < count; at += kTogether) {
    const int64_t end = std::min(at + kTogether, count);
    KONTOR_RETURN_IF_ERROR(stored.store().Commit([&](ports::Unit& unit) -> absl::Status {
      for (int64_t number = at; number < end; ++number) {
        const Finished& finished = documents[static_cast<size_t>(number % subjects)];
        KONTOR_RETURN_IF_ERROR(filler.AppendEvent(unit, finished, "invoice.changed_in_odoo"));
      }
      return absl::OkStatus();
    }));
  }
  return absl::OkStatus();
}

}  // namespace kontor::bench
