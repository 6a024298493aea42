// SPDX-License-Identifier: Apache-2.0
#include "server/app/settings.h"

#include <unistd.h>

#include "server/base/strings.h"

namespace kontor::app {
namespace {

using base::StrCat;

constexpr std::string_view kSqlite = "sqlite:";

int Int(const Config& config, std::string_view path) {
  return static_cast<int>(config.Integer(path));
}

size_t Size(const Config& config, std::string_view path) {
  return static_cast<size_t>(config.Integer(path));
}

std::string NodeOf(const Config& config) {
  if (!config.Text("engine.node").empty()) return config.Text("engine.node");
  // One process works on a SQLite file: the next one is the same node and goes on at once, instead
  // of waiting until the leases of a life that ended in a crash run out.
  if (!SqliteFile(config).empty()) return "local";
  constexpr size_t kHostMax = 64;
  char host[kHostMax + 1] = {};
  if (gethostname(host, kHostMax) != 0) return StrCat("kontord-", getpid());
  return StrCat(std::string_view(host), "-", getpid());
}

}  // namespace

std::string DataFile(const Config& config, const std::string& name) {
  return StrCat(config.Text("data.directory"), "/", name);
}

std::string StoreUrl(const Config& config) {
  const std::string& url = config.Text("store.url");
  return url.empty() ? StrCat(kSqlite, DataFile(config, "kontor.db")) : url;
}

std::string SqliteFile(const Config& config) {
  const std::string url = StoreUrl(config);
  return url.starts_with(kSqlite) ? url.substr(kSqlite.size()) : "";
}

std::string SealKeyFile(const Config& config) {
  const std::string& file = config.Text("seal.key_file");
  return file.empty() ? DataFile(config, "seal.key") : file;
}

store::StoreSettings StoreSettingsOf(const Config& config) {
  store::StoreSettings out;
  out.url = StoreUrl(config);
  out.queue_max = Int(config, "store.queue_max");
  out.group_max = Int(config, "store.group_max");
  out.reader_sessions = Int(config, "store.reader_sessions");
  out.reader_threads = std::min(out.reader_threads, out.reader_sessions);
  out.audit_head_file = DataFile(config, "audit.head");
  out.node = NodeOf(config);
  return out;
}

engine::Settings EngineSettingsOf(const Config& config) {
  engine::Settings out;
  out.node = NodeOf(config);
  out.lane_threads = Int(config, "engine.lane_threads");
  out.batch_size_max = Int(config, "engine.batch_size_max");
  out.batches_ahead = Int(config, "engine.batches_ahead");
  out.batch_target = config.Duration("engine.batch_target");
  out.call_timeout = config.Duration("engine.call_timeout");
  // A send must not outlive its lease, and a step makes a few calls under one.
  out.lease_ttl = out.call_timeout + absl::Minutes(1);
  out.catalogue_ttl = config.Duration("engine.catalogue_ttl");
  out.probe_first = config.Duration("engine.probe_first");
  out.probe_max = config.Duration("engine.probe_max");
  out.retry_first = config.Duration("engine.retry_first");
  out.retry_max = config.Duration("engine.retry_max");
  out.attempts_max = Int(config, "engine.attempts_max");
  out.poll_interval = config.Duration("engine.poll_interval");
  out.poll_overlap = config.Duration("engine.poll_overlap");
  out.sweep_interval = config.Duration("engine.sweep_interval");
  out.park_check = config.Duration("engine.park_check");
  out.rate_age_days_max = Int(config, "engine.rate_age_max_days");
  out.exception_deadline = config.Duration("engine.exception_deadline");
  return out;
}

api::GrpcSettings GrpcSettingsOf(const Config& config) {
  api::GrpcSettings out;
  out.address = config.Text("grpc.address");
  out.port = Int(config, "grpc.port");
  out.message_bytes_max = Int(config, "grpc.message_bytes_max");
  out.certificate_file = config.Text("grpc.certificate_file");
  out.key_file = config.Text("grpc.key_file");
  out.client_authority_file = config.Text("grpc.client_authority_file");
  out.client_certificate_required = config.Boolean("grpc.client_certificate_required");
  out.streams_max = Int(config, "grpc.streams_max");
  out.stream_window = Int(config, "grpc.stream_window");
  out.upload_folder = config.Text("data.directory");
  out.upload_bytes_max = config.Integer("banks.file_bytes_max");
  out.uploads_max = Int(config, "banks.uploads_max");
  out.upload_threads = Int(config, "banks.upload_threads");
  return out;
}

api::PipelineSettings PipelineSettingsOf(const Config& config) {
  return {Int(config, "api.threads"), Int(config, "api.queue_max")};
}

api::Limits ApiLimitsOf(const Config& config) {
  api::Limits out;
  out.batch_max = Int(config, "api.batch_max");
  out.wait_max = config.Duration("api.wait_max");
  return out;
}

net::HttpListenerOptions HttpListenerOptionsOf(const Config& config) {
  net::HttpListenerOptions out;
  out.address = config.Text("http.address");
  out.port = static_cast<std::uint16_t>(config.Integer("http.port"));
  out.threads = Int(config, "http.threads");
  out.body_bytes_max = Size(config, "http.body_bytes_max");
  out.connections_max = Int(config, "http.connections_max");
  out.answer_timeout = config.Duration("api.wait_max") + absl::Minutes(3);
  if (!config.Text("http.certificate_file").empty()) {
    net::TlsServerOptions tls;
    tls.certificate_file = config.Text("http.certificate_file");
    tls.key_file = config.Text("http.key_file");
    tls.client_authority_file = config.Text("http.client_authority_file");
    if (config.Boolean("http.client_certificate_required")) {
      tls.client_certificate = net::TlsServerOptions::ClientCertificate::kRequired;
    } else if (!tls.client_authority_file.empty()) {
      tls.client_certificate = net::TlsServerOptions::ClientCertificate::kOptional;
    }
    out.tls = tls;
  }
  return out;
}

net::HttpClientOptions WebhookClientOptionsOf(const Config& config) {
  net::HttpClientOptions out;
  out.allowed_networks = config.List("webhooks.allowed_networks");
  out.in_flight_max = Int(config, "webhooks.in_flight_max");
  out.user_agent = "kontor-webhooks";
  return out;
}

net::HttpClientOptions OdooClientOptionsOf(const Config&) {
  net::HttpClientOptions out;
  out.user_agent = "kontor";
  return out;
}

security::Settings SecuritySettingsOf(const Config& config) {
  security::Settings out;
  out.calls_per_second = Int(config, "limits.calls_per_second");
  out.calls_burst = Int(config, "limits.calls_burst");
  return out;
}

webhooks::Settings WebhookSettingsOf(const Config& config) {
  webhooks::Settings out;
  out.allow_plain_http = config.Boolean("webhooks.allow_plain_http");
  out.ca_file = config.Text("webhooks.ca_file");
  out.node = NodeOf(config);
  return out;
}

net::HttpClientOptions PlatformClientOptionsOf(const Config& config) {
  net::HttpClientOptions out;
  out.allowed_networks = config.List("expenses.allowed_networks");
  out.user_agent = "kontor-expenses";
  return out;
}

net::HttpClientOptions BankClientOptionsOf(const Config& config) {
  net::HttpClientOptions out;
  out.allowed_networks = config.List("banks.allowed_networks");
  out.user_agent = "kontor-banks";
  return out;
}

expenses::Settings ExpenseSettingsOf(const Config& config) {
  expenses::Settings out;
  out.node = NodeOf(config);
  out.threads = Int(config, "expenses.threads");
  out.look_interval = config.Duration("expenses.look_interval");
  out.retry_first = config.Duration("expenses.retry_first");
  out.retry_max = config.Duration("expenses.retry_max");
  out.attempts_max = Int(config, "expenses.attempts_max");
  out.call_timeout = config.Duration("expenses.call_timeout");
  // A receipt must not outlive the lease under which it was marked.
  out.lease_ttl = out.call_timeout + absl::Minutes(1);
  out.exception_deadline = config.Duration("engine.exception_deadline");
  out.reference_interval = config.Duration("expenses.reference_interval");
  return out;
}

statements::Settings StatementSettingsOf(const Config& config) {
  statements::Settings out;
  out.node = NodeOf(config);
  out.look_interval = config.Duration("banks.look_interval");
  out.call_timeout = config.Duration("engine.call_timeout");
  out.lease_ttl = out.call_timeout + absl::Minutes(1);
  out.exception_deadline = config.Duration("engine.exception_deadline");
  out.file_bytes_max = config.Integer("banks.file_bytes_max");
  out.lines_a_call = Int(config, "banks.lines_per_call");
  return out;
}

payment_orders::Settings PaymentOrderSettingsOf(const Config& config) {
  payment_orders::Settings out;
  out.node = NodeOf(config);
  out.look_interval = config.Duration("banks.look_interval");
  out.call_timeout = config.Duration("banks.channel_timeout");
  // Two thirds of it are left at least when a file is handed over, and outlast that.
  out.lease_ttl =
      2 * (config.Duration("engine.call_timeout") + out.call_timeout) + absl::Minutes(1);
  out.exception_deadline = config.Duration("engine.exception_deadline");
  return out;
}

}  // namespace kontor::app
