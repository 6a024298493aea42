// SPDX-License-Identifier: Apache-2.0
#include "server/app/config.h"
#include "server/base/strings.h"

namespace kontor::app {
namespace {

constexpr int64_t kSecond = 1000;
constexpr int64_t kMinute = 60 * kSecond;
constexpr int64_t kHour = 60 * kMinute;
constexpr int64_t kDay = 24 * kHour;
constexpr int64_t kMiB = 1024 * 1024;

}  // namespace

const std::vector<Key>& Keys() {
  using enum KeyType;
  static const auto* const kKeys = new std::vector<Key>{
      {"data.directory", kText, "./kontor-data", 0, 0, "",
       "Folder of the store, keys and audit head; made with mode 0700 when absent."},
      {"grpc.address", kText, "127.0.0.1", 0, 0, "",
       "IP address of the gRPC port; anything but loopback needs a certificate."},
      {"grpc.port", kInteger, "7600", 0, 65535, "", "gRPC port; 0 takes any free one."},
      {"grpc.certificate_file", kText, "", 0, 0, "",
       "PEM certificate chain of the gRPC port; empty means plain text."},
      {"grpc.key_file", kText, "", 0, 0, "", "PEM key of grpc.certificate_file, mode 0600."},
      {"grpc.client_authority_file", kText, "", 0, 0, "",
       "PEM certificates of who may sign clients; empty asks for no client certificate."},
      {"grpc.client_certificate_required", kBoolean, "false", 0, 0, "",
       "Refuse clients without a certificate (mutual TLS)."},
      {"grpc.message_bytes_max", kInteger, "33554432", 1024, 256 * kMiB, "bytes",
       "Largest message in either direction."},
      {"grpc.streams_max", kInteger, "1024", 1, 100000, "streams", "Watch streams open at once."},
      {"grpc.stream_window", kInteger, "256", 1, 10000, "items",
       "Items of one bulk stream under way at once."},
      {"http.address", kText, "127.0.0.1", 0, 0, "",
       "IP address of the HTTP port; anything but loopback needs a certificate."},
      {"http.port", kInteger, "7601", 0, 65535, "", "HTTP port; 0 takes any free one."},
      {"http.certificate_file", kText, "", 0, 0, "",
       "PEM certificate chain of the HTTP port; empty means plain text."},
      {"http.key_file", kText, "", 0, 0, "", "PEM key of http.certificate_file, mode 0600."},
      {"http.client_authority_file", kText, "", 0, 0, "",
       "PEM certificates of who may sign clients; empty asks for no client certificate."},
      {"http.client_certificate_required", kBoolean, "false", 0, 0, "",
       "Refuse clients without a certificate (mutual TLS)."},
      {"http.threads", kInteger, "2", 1, 64, "threads", "Threads of the HTTP port."},
      {"http.body_bytes_max", kInteger, "33554432", 1024, 256 * kMiB, "bytes",
       "Largest request body; more is answered with 413."},
      {"http.connections_max", kInteger, "1024", 1, 100000, "connections",
       "Connections open at once; further ones wait."},
      {"store.url", kText, "", 0, 0, "",
       "sqlite:PATH or postgresql:CONNINFO; empty is sqlite:<data.directory>/kontor.db."},
      {"store.reader_sessions", kInteger, "4", 1, 64, "sessions", "Sessions for reading."},
      {"store.queue_max", kInteger, "20000", 100, 1000000, "units",
       "Units of work waiting for the commit thread; more is QUEUE_FULL."},
      {"store.group_max", kInteger, "256", 1, 10000, "units",
       "Units of work in one transaction at most."},
      {"seal.key_file", kText, "", 0, 0, "",
       "Key that seals payloads, mode 0600; empty is <data.directory>/seal.key, made at the first "
       "start of an empty store. Back it up apart from the store."},
      {"api.threads", kInteger, "4", 1, 64, "threads", "Threads of the rpc pool."},
      {"api.queue_max", kInteger, "4096", 16, 1000000, "calls",
       "Calls waiting for a thread; more is QUEUE_FULL."},
      {"api.batch_max", kInteger, "500", 1, 10000, "items", "Items in one batch call."},
      {"api.wait_max", kDuration, "60s", 0, 10 * kMinute, "", "Longest wait that is honoured."},
      {"engine.node", kText, "", 0, 0, "",
       "Name of this node for leases; empty is \"local\" with SQLite, else host name and process "
       "id."},
      {"engine.lane_threads", kInteger, "8", 1, 64, "threads", "Lanes at work at once."},
      {"engine.batch_size_max", kInteger, "60", 1, 200, "documents", "Documents a call to Odoo."},
      {"engine.batches_ahead", kInteger, "4", 1, 16, "batches",
       "Batches that a lane takes up together; while one is posted, the drafts of the next are "
       "made. 1 never calls Odoo twice at once for a journal."},
      {"engine.batch_target", kDuration, "2s", 100, kMinute, "",
       "Time that one call to Odoo should take; batch sizes follow it."},
      {"engine.call_timeout", kDuration, "90s", 31 * kSecond, kHour, "",
       "Longest wait for Odoo; above 30 s, since Odoo repeats by itself for that long."},
      {"engine.catalogue_ttl", kDuration, "5m", kSecond, kDay, "",
       "How long master data is believed before it is read again."},
      {"engine.probe_first", kDuration, "2s", 10, kHour, "",
       "Wait before looking what became of a call whose answer was lost."},
      {"engine.probe_max", kDuration, "5m", 100, kDay, "", "Longest wait between two such looks."},
      {"engine.retry_first", kDuration, "1s", 10, kHour, "",
       "Wait before sending again what is known not to have happened."},
      {"engine.retry_max", kDuration, "5m", 100, kDay, "", "Longest such wait."},
      {"engine.attempts_max", kInteger, "12", 1, 1000, "attempts",
       "Attempts before an operator is asked."},
      {"engine.poll_interval", kDuration, "30s", 0, kDay, "",
       "How often Odoo is asked for changes made by people; 0 never asks."},
      {"engine.poll_overlap", kDuration, "15m", 15 * kMinute, kDay, "",
       "How far back each such reading goes."},
      {"engine.sweep_interval", kDuration, "24h", kMinute, 30 * kDay, "",
       "How often deletions in Odoo are looked for."},
      {"engine.park_check", kDuration, "30s", 100, kHour, "",
       "How often waiting operations are looked at."},
      {"engine.rate_age_max_days", kInteger, "35", 1, 3650, "days",
       "Age at which an exchange rate is too old for a document."},
      {"engine.exception_deadline", kDuration, "48h", kMinute, 90 * kDay, "",
       "Time that the owner of an exception has."},
      {"odoo.allow_private_networks", kBoolean, "true", 0, 0, "",
       "Connections may lead to private and loopback addresses."},
      {"odoo.ca_file", kText, "", 0, 0, "", "PEM trust anchors for Odoo beside the system's."},
      {"webhooks.in_flight_max", kInteger, "256", 1, 4096, "deliveries",
       "Deliveries under way at once, over all endpoints."},
      {"webhooks.allowed_networks", kTextList, "", 0, 0, "",
       "Networks (CIDR) that endpoints may lie in although private, such as 10.1.0.0/16."},
      {"webhooks.ca_file", kText, "", 0, 0, "",
       "PEM trust anchors for endpoints beside the system's."},
      {"webhooks.allow_plain_http", kBoolean, "false", 0, 0, "",
       "Endpoints may use http:// (only together with webhooks.allowed_networks)."},
      {"expenses.threads", kInteger, "4", 1, 64, "threads", "Expense reports at work at once."},
      {"expenses.look_interval", kDuration, "30s", 100, kHour, "",
       "How often expense reports that wait are looked at."},
      {"expenses.retry_first", kDuration, "1s", 10, kHour, "",
       "Wait before an expense platform is called again."},
      {"expenses.retry_max", kDuration, "5m", 100, kDay, "", "Longest such wait."},
      {"expenses.attempts_max", kInteger, "12", 1, 1000, "attempts",
       "Attempts to tell a platform before an operator is asked."},
      {"expenses.call_timeout", kDuration, "30s", kSecond, 10 * kMinute, "",
       "Longest wait for an expense platform."},
      {"expenses.reference_interval", kDuration, "1h", kSecond, kDay, "",
       "How often accounts, taxes and cost centres are told to platforms that take them."},
      {"expenses.allowed_networks", kTextList, "", 0, 0, "",
       "Networks (CIDR) that expense platforms may lie in although private."},
      {"expenses.allow_plain_http", kBoolean, "false", 0, 0, "",
       "Expense platforms may be reached by http:// (only together with "
       "expenses.allowed_networks)."},
      {"banks.file_bytes_max", kInteger, "1073741824", kMiB, 16 * 1024 * kMiB, "bytes",
       "Largest bank file that is taken in, by upload or from a channel."},
      {"banks.look_interval", kDuration, "30s", 100, kHour, "",
       "How often bank files and statements that wait are looked at."},
      {"banks.channel_timeout", kDuration, "30s", kSecond, 10 * kMinute, "",
       "Longest wait for a bank's server."},
      {"banks.allowed_networks", kTextList, "", 0, 0, "",
       "Networks (CIDR) that banks reached by webhooks may lie in although private."},
      {"banks.allow_plain_http", kBoolean, "false", 0, 0, "",
       "Banks may be reached by http:// (only together with banks.allowed_networks)."},
      {"banks.ca_file", kText, "", 0, 0, "",
       "PEM trust anchors for banks reached by webhooks, beside the system's."},
      {"banks.onboarding_waived_by", kText, "", 0, 0, "",
       "Person who answers for channels that go live on two signatures alone; counts only for "
       "channels that stay on this machine, such as to a simulator. Empty: nobody."},
      {"banks.lines_per_call", kInteger, "50", 1, 200, "lines",
       "Statement lines put into Odoo in one call."},
      {"banks.uploads_max", kInteger, "16", 1, 1000, "files", "Uploads of bank files at once."},
      {"banks.upload_threads", kInteger, "2", 1, 16, "threads",
       "Uploaded files that are read at once."},
      {"limits.calls_per_second", kInteger, "200", 1, 1000000, "calls/s",
       "Default rate of one principal."},
      {"limits.calls_burst", kInteger, "1000", 1, 10000000, "calls",
       "Default burst of one principal."},
      {"log.level", kText, "info", 0, 0, "", "debug, info, warning or error."},
      {"log.format", kText, "auto", 0, 0, "",
       "json, text, or auto: text on a terminal, JSON lines elsewhere."},
      {"shutdown.deadline", kDuration, "30s", 0, 10 * kMinute, "",
       "Time that calls under way get when the service stops."},
  };
  return *kKeys;
}

std::string DescribeKeys() {
  std::string out =
      "# Configuration keys\n\n"
      "One TOML file: `kontord --config kontor.toml` or `KONTOR_CONFIG`. A flag\n"
      "(`--set section.key=value`) beats the environment (`KONTOR_SECTION_KEY`), which beats the\n"
      "file, which beats the default. Durations are written as `500ms`, `90s`, `5m`, `48h`.\n"
      "This page is printed by `kontord --describe-config`.\n\n"
      "| key | default | range | what it does |\n| --- | --- | --- | --- |\n";
  for (const Key& key : Keys()) {
    std::string range;
    if (key.type == KeyType::kInteger) {
      range = base::StrCat(key.min, " to ", key.max, key.unit.empty() ? "" : " ", key.unit);
    } else if (key.type == KeyType::kDuration) {
      range = base::StrCat(key.min, " ms to ", key.max / kSecond, " s");
    } else if (key.type == KeyType::kBoolean) {
      range = "true, false";
    }
    const std::string fallback =
        key.fallback.empty() ? "" : base::StrCat("`", key.fallback, "`");
    base::StrAppend(&out, "| `", key.path, "` | ", fallback, " | ", range, " | ", key.about,
                    " |\n");
  }
  return out;
}

}  // namespace kontor::app
