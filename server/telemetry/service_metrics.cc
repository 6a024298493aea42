// SPDX-License-Identifier: Apache-2.0
#include "server/telemetry/service_metrics.h"

namespace kontor::telemetry {

ServiceMetrics::ServiceMetrics(Metrics& metrics)
    : rpc_calls(metrics.AddCounter("kontor_rpc_calls_total", "Calls by method and answer code.")),
      rpc_seconds(metrics.AddHistogram("kontor_rpc_call_seconds", "Time to answer a call.")),
      open_operations(metrics.AddGauge("kontor_engine_open_operations",
                                       "Operations that are not finished, by state.")),
      open_exceptions(metrics.AddGauge("kontor_engine_open_exceptions",
                                       "Exceptions that wait for a person.")),
      deliveries(metrics.AddCounter("kontor_webhooks_deliveries_total",
                                    "Attempts to deliver an event, by outcome.")),
      deliveries_in_flight(metrics.AddGauge("kontor_webhooks_in_flight_deliveries",
                                            "Deliveries on the wire now.")),
      store_queue(metrics.AddGauge("kontor_store_queue_units",
                                   "Units of work that wait for the commit thread.")),
      intake_waiting(metrics.AddGauge("kontor_store_intake_waiting_records",
                                      "Records that are on disk and not yet in their place.")),
      quarantined(metrics.AddGauge("kontor_webhooks_quarantined_messages",
                                   "Messages from sources that wait for a person.")),
      feed_sequence(metrics.AddGauge("kontor_store_feed_sequence",
                                     "Number of the last event in the feed.")),
      refused_calls(metrics.AddCounter("kontor_security_refused_calls_total",
                                       "Calls refused before they ran, by reason.")),
      up(metrics.AddGauge("kontor_service_ready", "1 while the service is ready, else 0.")) {}

}  // namespace kontor::telemetry
