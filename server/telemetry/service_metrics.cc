// SPDX-License-Identifier: Apache-2.0
#include "server/telemetry/service_metrics.h"

namespace kontor::telemetry {

ServiceMetrics::ServiceMetrics(Metrics& metrics)
    : rpc_calls(metrics.AddCounter("kontor_rpc_calls_total", "Calls by method and answer code.")),
      rpc_seconds(metrics.AddHistogram("kontor_rpc_call_seconds", "Time to answer a call.")),
      operation_changes(metrics.AddCounter("kontor_engine_state_changes_total",
                                           "Changes of operations by the state reached.")),
      open_operations(metrics.AddGauge("kontor_engine_open_operations",
                                       "Operations that are not finished, by state.")),
      open_exceptions(metrics.AddGauge("kontor_engine_open_exceptions",
                                       "Exceptions that wait for a person.")),
      odoo_calls(metrics.AddCounter("kontor_odoo_calls_total",
                                    "Calls to Odoo by kind and outcome.")),
      odoo_seconds(metrics.AddHistogram("kontor_odoo_call_seconds", "Time a call to Odoo took.")),
      deliveries(metrics.AddCounter("kontor_webhooks_deliveries_total",
                                    "Attempts to deliver an event, by outcome.")),
      delivery_seconds(metrics.AddHistogram("kontor_webhooks_delivery_seconds",
                                            "Time an attempt to deliver took.")),
      pending_deliveries(metrics.AddGauge("kontor_webhooks_pending_deliveries",
                                          "Deliveries that wait, over all endpoints.")),
      commits(metrics.AddCounter("kontor_store_commits_total", "Transactions by outcome.")),
      feed_sequence(metrics.AddGauge("kontor_store_feed_sequence",
                                     "Number of the last event in the feed.")),
      refused_calls(metrics.AddCounter("kontor_security_refused_calls_total",
                                       "Calls refused before they ran, by reason.")),
      up(metrics.AddGauge("kontor_service_ready", "1 while the service is ready, else 0.")) {}

}  // namespace kontor::telemetry
