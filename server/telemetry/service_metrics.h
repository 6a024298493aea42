// SPDX-License-Identifier: Apache-2.0
// Every metric of the service, in one place: this is the list that dashboards are built on, so
// names are changed only with a note in the change log.
#pragma once

#include "server/telemetry/metrics.h"

namespace kontor::telemetry {

/// Registers all of them in `metrics`, once.
struct ServiceMetrics {
  explicit ServiceMetrics(Metrics& metrics);

  Counter& rpc_calls;             ///< kontor_rpc_calls_total {method, code}
  Histogram& rpc_seconds;         ///< kontor_rpc_call_seconds {method}
  Counter& operation_changes;     ///< kontor_engine_state_changes_total {state}
  Gauge& open_operations;         ///< kontor_engine_open_operations {state}
  Gauge& open_exceptions;         ///< kontor_engine_open_exceptions
  Counter& odoo_calls;            ///< kontor_odoo_calls_total {call, outcome}
  Histogram& odoo_seconds;        ///< kontor_odoo_call_seconds {call}
  Counter& deliveries;            ///< kontor_webhooks_deliveries_total {outcome}
  Histogram& delivery_seconds;    ///< kontor_webhooks_delivery_seconds
  Gauge& pending_deliveries;      ///< kontor_webhooks_pending_deliveries
  Counter& commits;               ///< kontor_store_commits_total {outcome}
  Gauge& feed_sequence;           ///< kontor_store_feed_sequence
  Counter& refused_calls;         ///< kontor_security_refused_calls_total {reason}
  Gauge& up;                      ///< kontor_service_ready: 1 while ready
};

}  // namespace kontor::telemetry
