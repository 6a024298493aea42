// SPDX-License-Identifier: Apache-2.0
// The configuration as the settings of each part; the only place that knows both.
#pragma once

#include <string>

#include "server/api/grpc_server.h"
#include "server/api/methods.h"
#include "server/api/pipeline.h"
#include "server/app/config.h"
#include "server/engine/engine.h"
#include "server/engine/expenses/expenses.h"
#include "server/engine/payment_orders/payment_orders.h"
#include "server/engine/statements/statements.h"
#include "server/net/http_client.h"
#include "server/net/http_listener.h"
#include "server/security/principals.h"
#include "server/store/store.h"
#include "server/webhooks/deliverer.h"

namespace kontor::app {

std::string StoreUrl(const Config& config);
/// Path of the SQLite file, or empty for PostgreSQL.
std::string SqliteFile(const Config& config);
std::string SealKeyFile(const Config& config);
std::string DataFile(const Config& config, const std::string& name);

store::StoreSettings StoreSettingsOf(const Config& config);
engine::Settings EngineSettingsOf(const Config& config);
api::GrpcSettings GrpcSettingsOf(const Config& config);
api::PipelineSettings PipelineSettingsOf(const Config& config);
api::Limits ApiLimitsOf(const Config& config);
net::HttpListenerOptions HttpListenerOptionsOf(const Config& config);
net::HttpClientOptions WebhookClientOptionsOf(const Config& config);
net::HttpClientOptions OdooClientOptionsOf(const Config& config);
security::Settings SecuritySettingsOf(const Config& config);
webhooks::Settings WebhookSettingsOf(const Config& config);
net::HttpClientOptions PlatformClientOptionsOf(const Config& config);
net::HttpClientOptions BankClientOptionsOf(const Config& config);
expenses::Settings ExpenseSettingsOf(const Config& config);
statements::Settings StatementSettingsOf(const Config& config);
payment_orders::Settings PaymentOrderSettingsOf(const Config& config);

}  // namespace kontor::app
