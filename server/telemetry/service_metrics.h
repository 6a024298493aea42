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
  Gauge& open_operations;         ///< kontor_engine_open_operations {state}
  Gauge& open_exceptions;         ///< kontor_engine_open_exceptions
  Counter& deliveries;            ///< kontor_webhooks_deliveries_total {outcome}
  Gauge& deliveries_in_flight;    ///< kontor_webhooks_in_flight_deliveries
  Gauge& store_queue;             ///< kontor_store_queue_units
  Gauge& intake_waiting;          ///< kontor_store_intake_waiting_records
  Gauge& quarantined;             ///< kontor_webhooks_quarantined_messages
  Gauge& feed_sequence;           ///< kontor_store_feed_sequence
  Counter& refused_calls;         ///< kontor_security_refused_calls_total {reason}
  Gauge& up;                      ///< kontor_service_ready: 1 while ready
};

}  // namespace kontor::telemetry
