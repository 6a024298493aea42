// SPDX-License-Identifier: Apache-2.0
// The methods of the API, a file a service. Each reads proto, asks engine, store, security or
// webhooks, and writes proto; no rule of the business lives here.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "server/api/convert.h"
#include "server/api/pipeline.h"
#include "server/base/clock.h"
#include "server/crypto/ed25519.h"
#include "server/engine/engine.h"
#include "server/ports/store.h"
#include "server/security/directory.h"
#include "server/webhooks/service.h"

namespace kontor::expenses {
class Expenses;
}
namespace kontor::payment_orders {
class ScreeningLists;
}
namespace kontor::statements {
class Statements;
}

namespace kontor::api {

struct Limits {
  int batch_max = 500;                                   ///< Items in one batch call.
  absl::Duration wait_max = absl::Seconds(60);           ///< Longest `wait` that is honoured.
  absl::Duration wait_margin =
      absl::Milliseconds(250);  ///< Before the deadline, to answer in time.
};

struct Parts {
  engine::Engine& engine;
  ports::Store& store;
  const base::Clock& clock;
  Limits limits;
  expenses::Expenses* expenses = nullptr;  ///< Null: the service has no loop of expense reports.
  statements::Statements* statements = nullptr;  ///< Null: it has no loop of bank statements.
  payment_orders::ScreeningLists* lists = nullptr;  ///< Null: it takes no sanctions lists.
};

void AddInvoiceMethods(Parts parts, Registry* registry);
void AddPaymentMethods(Parts parts, Registry* registry);
void AddJournalEntryMethods(Parts parts, Registry* registry);
void AddPartnerMethods(Parts parts, Registry* registry);
void AddOperationMethods(Parts parts, Registry* registry);
void AddExceptionMethods(Parts parts, Registry* registry);
void AddEventMethods(Parts parts, Registry* registry);
void AddConnectionMethods(Parts parts, Registry* registry);

/// What GetServerInfo tells of the program around the API.
struct ServerFacts {
  std::string version;
  std::string store;  ///< "sqlite" or "postgresql".
  int schema_version = 0;
  absl::Time started;
};
/// The audit's head as "sequence:hash"; server/app asks its store.
using AuditHeadSource = std::function<absl::StatusOr<std::string>()>;

void AddAdminMethods(Parts parts, security::Directory& directory, ServerFacts facts,
                     Registry* registry);
void AddPolicyMethods(Parts parts, Registry* registry);
void AddAuditMethods(Parts parts, AuditHeadSource head, const crypto::Ed25519PrivateKey& key,
                     Registry* registry);
void AddWebhookMethods(Parts parts, webhooks::Service& service,
                       const webhooks::Deliverer& deliverer, Registry* registry);

}  // namespace kontor::api
