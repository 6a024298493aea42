// SPDX-License-Identifier: Apache-2.0
#include "server/app/service.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>

#include "absl/synchronization/mutex.h"
#include "adapters/bank/channels.h"
#include "adapters/expense/adapters.h"
#include "adapters/odoo/odoo_erp.h"
#include "server/api/bank_api.h"
#include "server/api/expense_api.h"
#include "server/api/gateway.h"
#include "server/api/grpc_server.h"
#include "server/api/payment_order_api.h"
#include "server/api/statement_api.h"
#include "server/app/crypto_port.h"
#include "server/app/gate.h"
#include "server/app/settings.h"
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/crypto/key_file.h"
#include "server/formats/codec.h"
#include "server/formats/screening_lists.h"
#include "server/net/address_guard.h"
#include "server/screening/screening.h"
#include "server/security/directory.h"
#include "server/security/people.h"
#include "server/webhooks/bank_hook.h"
#include "server/webhooks/inbound.h"
#include "server/webhooks/inbound_sources.h"
#include "server/webhooks/schemas.h"

namespace kontor::app {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;

constexpr mode_t kPrivateFolder = 0700;
constexpr mode_t kPrivateFile = 0600;
constexpr char kFirstKeyId[] = "1";

absl::Status MakeDataFolder(const std::string& folder) {
  std::error_code problem;
  if (std::filesystem::is_directory(folder, problem)) return absl::OkStatus();
  std::filesystem::create_directories(std::filesystem::path(folder).parent_path(), problem);
  if (mkdir(folder.c_str(), kPrivateFolder) != 0 && errno != EEXIST) {
    return Error(Reason::kConfigInvalid)
        .Field("data.directory")
        .Says(StrCat("cannot make ", folder, ": ", std::strerror(errno)));
  }
  return absl::OkStatus();
}

/// Holds a file's lock until the process ends, however it ends.
class FileLock {
 public:
  ~FileLock() {
    if (file_ >= 0) close(file_);
  }
  /// One process a SQLite file: two would take each other's work for their own.
  absl::Status Take(const std::string& path) {
    file_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kPrivateFile);
    if (file_ >= 0 && flock(file_, LOCK_EX | LOCK_NB) == 0) return absl::OkStatus();
    const bool taken = file_ >= 0 && errno == EWOULDBLOCK;
    return Error(Reason::kStoreUnavailable)
        .With("file", path)
        .Says(taken ? StrCat("another kontord works on this store; it holds ", path)
                    : StrCat("cannot lock ", path, ": ", std::strerror(errno)));
  }

 private:
  int file_ = -1;
};

/// A store whose key is gone must not get a fresh one: nothing in it could be opened.
absl::StatusOr<crypto::KeyRing> LoadKeyRing(const Config& config) {
  const std::string file = SealKeyFile(config);
  const std::string database = SqliteFile(config);
  const bool store_exists = !database.empty() && std::filesystem::exists(database);
  if (store_exists && !std::filesystem::exists(file)) {
    return Error(Reason::kSealBroken)
        .Field("seal.key_file")
        .Says(StrCat(file, " is missing, and the store was sealed with it"));
  }
  return crypto::LoadOrCreateKeyRing(file, kFirstKeyId);
}

/// `KONTOR_FAILPOINT=name:exit[:nth]`: for the chaos tests; ends the process as a power cut would.
std::function<void(const char*)> FailpointFromEnvironment() {
  const char* text = std::getenv("KONTOR_FAILPOINT");
  if (text == nullptr) return {};
  const auto parts = base::StrSplit(text, ':');
  if (parts.size() < 2 || parts[1] != "exit") return {};
  const auto nth = parts.size() > 2 ? base::ParseInt64(parts[2]) : absl::StatusOr<int64_t>(1);
  constexpr int kExitCode = 99;
  auto left = std::make_shared<std::atomic<int64_t>>(nth.ok() ? *nth : 1);
  return [name = parts[0], left](const char* reached) {
    if (name == reached && left->fetch_sub(1) == 1) std::_Exit(kExitCode);
  };
}

class ServiceImpl final : public Service {
 public:
  ServiceImpl(const Config& config, Observability& observability)
      : config_(config), observability_(observability), started_(clock_.Now()) {}
  ~ServiceImpl() override { Stop(); }

  absl::Status Begin() {
    // Debian builds abseil with its search for lock cycles on, which costs each lock in gRPC.
    absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
    KONTOR_RETURN_IF_ERROR(OpenStoreAndKeys());
    KONTOR_RETURN_IF_ERROR(MakeEngineParts());
    KONTOR_RETURN_IF_ERROR(MakeWebhookParts());
    KONTOR_RETURN_IF_ERROR(MakeExpenseParts());
    KONTOR_RETURN_IF_ERROR(MakeBankParts());
    MakePaymentOrderParts();
    MakeStatementParts();
    KONTOR_RETURN_IF_ERROR(MakeFirstToken());
    KONTOR_RETURN_IF_ERROR(StartPorts());
    KONTOR_RETURN_IF_ERROR(engine_->Start());
    if (store_->intake() != nullptr) store_->intake()->Start();
    KONTOR_RETURN_IF_ERROR(expenses_->Start());
    KONTOR_RETURN_IF_ERROR(payment_orders_->Start());
    KONTOR_RETURN_IF_ERROR(statements_->Start());
    deliverer_->Start();
    ready_ = true;
    grpc_->SetServing(true);
    return absl::OkStatus();
  }

  int grpc_port() const override { return grpc_->port(); }
  int http_port() const override { return http_->port(); }

  void Stop() override {
    if (stopped_) return;
    stopped_ = true;
    ready_ = false;
    const absl::Duration patience = config_.Duration("shutdown.deadline");
    const absl::Time deadline = absl::Now() + patience;
    if (grpc_ != nullptr) grpc_->SetServing(false);
    if (receiver_ != nullptr) receiver_->Stop();
    if (store_ != nullptr && store_->intake() != nullptr) store_->intake()->Stop();
    if (bank_hook_ != nullptr) bank_hook_->Stop();
    if (statements_ != nullptr) statements_->Stop(deadline);
    if (payment_orders_ != nullptr) payment_orders_->Stop(deadline);
    if (expenses_ != nullptr) expenses_->Stop(deadline);
    if (engine_ != nullptr) engine_->Stop(deadline);
    if (deliverer_ != nullptr)
      deliverer_->Stop(std::max(absl::ZeroDuration(), deadline - absl::Now()));
    if (grpc_ != nullptr) grpc_->Stop(deadline);
    if (http_ != nullptr) http_->Stop(std::max(absl::ZeroDuration(), deadline - absl::Now()));
    if (pipeline_ != nullptr) pipeline_->Stop(deadline);
    // Members end in reverse order of construction: ports before engine before store.
  }

 private:
  absl::Status OpenStoreAndKeys() {
    KONTOR_RETURN_IF_ERROR(MakeDataFolder(config_.Text("data.directory")));
    if (const std::string file = SqliteFile(config_); !file.empty()) {
      KONTOR_RETURN_IF_ERROR(lock_.Take(file + ".lock"));
    }
    KONTOR_ASSIGN_OR_RETURN(auto ring, LoadKeyRing(config_));
    crypto_ = std::make_unique<CryptoPort>(std::move(ring));
    ids_ = std::make_unique<base::IdSource>(
        clock_, [this](uint8_t* bytes, size_t count) { crypto_->Random(bytes, count); });
    KONTOR_ASSIGN_OR_RETURN(store_, store::OpenStore(StoreSettingsOf(config_), *crypto_, clock_));
    const store::StoreOpenInfo& info = store_->open_info();
    observability_.log().Info("store.opened", {{"schema", StrCat(info.schema_version)},
                                        {"created", info.created ? "yes" : "no"},
                                        {"restored", info.restored ? "yes" : "no"}});
    return absl::OkStatus();
  }

  absl::Status MakeEngineParts() {
    KONTOR_ASSIGN_OR_RETURN(odoo_http_, net::MakeHttpClient(OdooClientOptionsOf(config_)));
    engine::Dependencies dependencies{
        *store_, clock_, *ids_, *crypto_,
        [this](const engine::Connection& connection) { return MakeErp(connection); },
        [this](const std::string& event, const telemetry::Fields& fields) {
          observability_.log().Info(event, fields);
        },
        FailpointFromEnvironment()};
    engine_ = engine::MakeEngine(std::move(dependencies), EngineSettingsOf(config_));
    if (store_->open_info().restored) {
      KONTOR_RETURN_IF_ERROR(engine_->HoldForRestore());
      KONTOR_RETURN_IF_ERROR(store_->AcknowledgeRestore());
      observability_.log().Warning("store.restored",
                          {{"todo", std::string(base::EntryOf(Reason::kRestoreHold).todo)}});
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::shared_ptr<ports::Erp>> MakeErp(const engine::Connection& connection) {
    odoo::OdooSettings settings;
    settings.url = connection.url;
    settings.database = connection.database;
    settings.login = connection.login;
    settings.api_key = connection.api_key;
    settings.transport = connection.transport;
    settings.call_timeout = config_.Duration("engine.call_timeout");
    settings.ca_file =
        connection.ca_file.empty() ? config_.Text("odoo.ca_file") : connection.ca_file;
    settings.calls_in_flight_max = connection.calls_in_flight_max;
    settings.calls_per_second_max = connection.calls_per_second_max;
    settings.allow_private_address = config_.Boolean("odoo.allow_private_networks");
    KONTOR_RETURN_IF_ERROR(odoo::CheckSettings(settings));
    return odoo::MakeOdooErp(std::move(settings), *odoo_http_, clock_);
  }

  absl::Status MakeWebhookParts() {
    KONTOR_ASSIGN_OR_RETURN(webhook_http_, net::MakeHttpClient(WebhookClientOptionsOf(config_)));
    KONTOR_ASSIGN_OR_RETURN(
        auto key, crypto::LoadOrCreateEd25519(DataFile(config_, "webhook-signing.pem")));
    signing_key_ = std::make_unique<crypto::Ed25519PrivateKey>(std::move(key));
    KONTOR_ASSIGN_OR_RETURN(auto guard,
                            net::AddressGuard::Make(config_.List("webhooks.allowed_networks")));
    const webhooks::Dependencies dependencies{
        *store_, *webhook_http_, clock_, *ids_, {*signing_key_},
        [this](const std::string& event, const telemetry::Fields& fields) {
          observability_.log().Info(event, fields);
        }};
    const webhooks::Settings settings = WebhookSettingsOf(config_);
    deliverer_ = std::make_unique<webhooks::Deliverer>(dependencies, settings);
    webhook_service_ = std::make_unique<webhooks::Service>(dependencies, settings,
                                                           std::move(guard), *deliverer_);
    return absl::OkStatus();
  }

  /// A token that was redeemed stays nowhere.
  void RemoveFirstToken(const std::string& file) {
    std::error_code problem;
    if (std::filesystem::remove(file, problem)) {
      observability_.log().Info("bootstrap.token_removed", {{"file", file}});
    } else if (problem) {
      observability_.log().Warning("bootstrap.token_kept",
                                   {{"file", file}, {"problem", problem.message()}});
    }
  }

  absl::Status MakeExpenseParts() {
    KONTOR_ASSIGN_OR_RETURN(platform_http_,
                            net::MakeHttpClient(PlatformClientOptionsOf(config_)));
    const auto log = [this](const std::string& event, const telemetry::Fields& fields) {
      observability_.log().Info(event, fields);
    };
    const expense::AdapterOptions options{config_.Boolean("expenses.allow_plain_http")};
    const auto adapters = [this, options](const model::Source& source) {
      return expense::MakeAdapter(source, *platform_http_, clock_, options);
    };
    const auto order = [this](const expenses::OrderWanted& wanted) {
      return OrderReimbursement(wanted);
    };
    expenses_ = expenses::MakeExpenses({*store_, clock_, *ids_, *crypto_, *engine_, adapters, log,
                                        FailpointFromEnvironment(), order},
                                       ExpenseSettingsOf(config_), true);
    const webhooks::InboundDependencies inbound{*store_, clock_, *ids_, log, store_->intake()};
    if (inbound.intake != nullptr) inbound.intake->Add(webhooks::InboundIntakeKind(log));
    receiver_ = std::make_shared<webhooks::InboundReceiver>(inbound);
    sources_ = std::make_unique<webhooks::Sources>(
        inbound,
        [adapters](const model::Source& source) { return adapters(source).status(); });
    return absl::OkStatus();
  }

  /// A report's bill as a payment order. Asked by the expense loop's threads, once all is made.
  absl::StatusOr<std::string> OrderReimbursement(const expenses::OrderWanted& wanted) {
    payment_orders::CreateRequest request;
    request.request_id = wanted.request_id;
    request.digest = crypto_->Sha256Hex(StrCat(wanted.entity, "\x1f", wanted.account, "\x1f",
                                               wanted.currency_code, "\x1f", wanted.move_id));
    request.entity = wanted.entity;
    request.account = wanted.account;
    request.currency_code = wanted.currency_code;
    request.description = wanted.description;
    request.bills.push_back({wanted.move_id, std::nullopt});
    KONTOR_ASSIGN_OR_RETURN(const auto order, payment_orders_->Create(wanted.actor, request));
    return order.id;
  }

  /// An entity's ERP as statements need it.
  static absl::StatusOr<statements::Book> BookOf(const absl::StatusOr<engine::OpenEntity>& opened) {
    KONTOR_RETURN_IF_ERROR(opened.status());
    const engine::OpenEntity& open = *opened;
    statements::Book book;
    book.bank = open.erp->Bank();
    book.keeps = open.erp;
    book.company_id = open.company_id;
    book.connection = open.connection;
    book.catalogue = open.catalogue;
    book.shadow = open.shadow;
    return book;
  }

  ports::BankChannelFactory Channels() {
    const bank::ChannelOptions options{config_.Integer("banks.file_bytes_max"),
                                       config_.Duration("banks.channel_timeout"),
                                       bank_http_.get(), config_.Boolean("banks.allow_plain_http"),
                                       config_.Text("banks.ca_file")};
    return [this, options](std::string_view kind, std::string_view settings,
                           std::string_view secret) {
      return bank::MakeChannel(kind, settings, secret, options, clock_);
    };
  }

  absl::Status MakeBankParts() {
    KONTOR_ASSIGN_OR_RETURN(bank_http_, net::MakeHttpClient(BankClientOptionsOf(config_)));
    codec_ = formats::MakeBankCodec();
    const std::string waived_by = config_.Text("banks.onboarding_waived_by");
    if (!waived_by.empty()) {
      observability_.log().Warning("bank_channel.onboarding_waived", {{"by", waived_by}});
    }
    banks_ = std::make_unique<banks::Banks>(
        banks::Dependencies{*store_, clock_, *ids_, Channels(), waived_by});
    return absl::OkStatus();
  }

  void MakePaymentOrderParts() {
    policies_ = std::make_unique<payment_orders::Policies>(
        payment_orders::PolicyDependencies{*store_, clock_, *ids_, *crypto_});
    list_reader_ = formats::MakeScreeningListReader();
    lists_ = std::make_unique<payment_orders::ScreeningLists>(payment_orders::ListDependencies{
        *store_, clock_, *ids_, *crypto_, *list_reader_, *policies_,
        config_.Integer("banks.file_bytes_max")});
    people_ = security::MakePeople();
    delegations_ = std::make_unique<payment_orders::Delegations>(
        payment_orders::DelegationDependencies{*store_, clock_, *ids_, *people_});
    payment_orders::Dependencies dependencies{
        *store_, clock_, *ids_, *crypto_, *engine_, *codec_, *people_,
        Channels(),
        screening::MakeScreeningFactory(
            *list_reader_,
            [this](const std::string& sha256) -> absl::StatusOr<screening::OpenedList> {
              KONTOR_ASSIGN_OR_RETURN(auto list, lists_->Open(sha256));
              return screening::OpenedList{std::move(list.bytes), list.published};
            }),
        [this](const std::string& event, const telemetry::Fields& fields) {
          observability_.log().Info(event, fields);
        },
        FailpointFromEnvironment()};
    payment_orders_ = payment_orders::MakePaymentOrders(
        std::move(dependencies), PaymentOrderSettingsOf(config_), true);
  }

  void MakeStatementParts() {
    statements::Dependencies dependencies{
        *store_, clock_, *ids_, *crypto_, *codec_,
        Channels(),
        [this](const std::string& entity) { return BookOf(engine_->Open(entity)); },
        payment_orders_.get(),
        payment_orders_.get(),
        [this](const std::string& event, const telemetry::Fields& fields) {
          observability_.log().Info(event, fields);
        },
        FailpointFromEnvironment(),
        [this](const std::string& entity) { return BookOf(engine_->OpenToRead(entity)); }};
    statements_ = statements::MakeStatements(std::move(dependencies),
                                             StatementSettingsOf(config_), true);
    bank_hook_ = std::make_unique<webhooks::BankHook>(webhooks::BankHookDependencies{
        *store_, clock_,
        [this](const std::string& channel, const std::string& name, const std::string& bytes) {
          return statements_->Receive(channel, name, bytes);
        },
        [this](const std::string& event, const telemetry::Fields& fields) {
          observability_.log().Info(event, fields);
        }});
  }

  /// Where a person reaches the HTTP port, for lines to try.
  std::string BaseUrl() const {
    const bool tls = !config_.Text("http.certificate_file").empty();
    return StrCat(tls ? "https://" : "http://", config_.Text("http.address"), ":",
                  http_ == nullptr ? 0 : http_->port());
  }

  /// On an empty store: a token that works once, in a file of its own.
  absl::Status MakeFirstToken() {
    const security::Settings settings = SecuritySettingsOf(config_);
    const std::string file = DataFile(config_, "bootstrap.token");
    directory_ = std::make_unique<security::Directory>(*store_, clock_, *ids_, *crypto_, settings,
                                                       [this, file] { RemoveFirstToken(file); });
    gatekeeper_ =
        std::make_unique<security::Gatekeeper>(*store_, clock_, *crypto_, settings);
    gate_ = std::make_unique<GateOverSecurity>(*gatekeeper_);
    std::error_code ignored;
    const bool lost = !std::filesystem::exists(file, ignored);
    KONTOR_ASSIGN_OR_RETURN(const auto token, directory_->EnsureFirstToken(lost));
    if (!token.has_value()) {
      // After a crash between the redemption and the removal of its file.
      KONTOR_ASSIGN_OR_RETURN(const auto principals, directory_->ListPrincipals(std::nullopt));
      if (!lost && !principals.empty()) RemoveFirstToken(file);
      return absl::OkStatus();
    }
    std::filesystem::remove(file, ignored);
    KONTOR_RETURN_IF_ERROR(crypto::WriteNewSecretFile(file, StrCat(*token, "\n")));
    observability_.log().Info("bootstrap.token_written", {{"file", file}});
    return absl::OkStatus();
  }

  api::Registry MakeRegistry(const api::Parts& parts) {
    api::Registry registry;
    api::AddInvoiceMethods(parts, &registry);
    api::AddPaymentMethods(parts, &registry);
    api::AddJournalEntryMethods(parts, &registry);
    api::AddPartnerMethods(parts, &registry);
    api::AddOperationMethods(parts, &registry);
    api::AddExceptionMethods(parts, &registry);
    api::AddEventMethods(parts, &registry);
    api::AddConnectionMethods(parts, &registry);
    const api::ServerFacts facts{KONTOR_VERSION,
                                 SqliteFile(config_).empty() ? "postgresql" : "sqlite",
                                 store_->open_info().schema_version, started_};
    api::AddAdminMethods(parts, *directory_, facts, &registry);
    api::AddPolicyMethods(parts, &registry);
    api::AddAuditMethods(parts, [this] { return store_->AuditHead(); }, *signing_key_, &registry);
    api::AddWebhookMethods(parts, *webhook_service_, *deliverer_, &registry);
    api::AddExpenseMethods(*expenses_, &registry);
    api::AddStatementMethods(*statements_, &registry);
    api::AddBankMethods(*banks_, &registry);
    api::AddPaymentOrderMethods(*payment_orders_, &registry);
    api::AddBeneficiaryMethods(*payment_orders_, &registry);
    api::AddDelegationMethods(*delegations_, &registry);
    api::AddPaymentPolicyMethods(*policies_, &registry);
    api::AddScreeningMethods(*lists_, *payment_orders_, &registry);
    api::AddEvidenceMethods(*payment_orders_, *signing_key_, clock_, &registry);
    api::AddSourceMethods({*sources_, *expenses_, clock_, [this] { return BaseUrl(); }},
                          &registry);
    return registry;
  }

  std::map<std::string, std::function<net::HttpServerResponse()>> Pages() {
    std::map<std::string, std::function<net::HttpServerResponse()>> pages;
    const auto page = [](std::string body, std::string type) {
      return [body = std::move(body), type = std::move(type)] {
        net::HttpServerResponse response;
        response.headers = {{"content-type", type}, {"cache-control", "max-age=300"}};
        response.body = body;
        return response;
      };
    };
    pages[webhooks::kKeysPath] =
        page(crypto::Jwks({{"", signing_key_->public_key()}}), "application/jwk-set+json");
    for (const auto& [path, body] : webhooks::PublishedSchemas()) {
      const bool is_list = path == webhooks::kSchemaListPath;
      pages[path] = page(body, is_list ? "application/json" : "application/schema+json");
    }
    return pages;
  }

  absl::Status StartPorts() {
    const api::Parts parts{*engine_, *store_, clock_, ApiLimitsOf(config_), expenses_.get(),
                           statements_.get(), lists_.get()};
    pipeline_ = std::make_unique<api::Pipeline>(
        MakeRegistry(parts), *gate_, clock_, PipelineSettingsOf(config_),
        [this](const api::CallRecord& record) { observability_.Call(record); });
    KONTOR_ASSIGN_OR_RETURN(grpc_,
                            api::StartGrpcServer(GrpcSettingsOf(config_), *pipeline_, parts));
    observability_.ReadWith([this] { return Read(); });
    api::GatewayParts gateway{*pipeline_, [this] { return Ready(); },
                              [this] { return observability_.MetricsText(); }, Pages(),
                              [this, receiver = receiver_](net::HttpServerRequest request,
                                                           net::HttpRespond respond) {
                                if (request.path.starts_with(webhooks::kBankHookPrefix)) {
                                  bank_hook_->Handle(std::move(request), std::move(respond));
                                } else {
                                  receiver->Handle(std::move(request), std::move(respond));
                                }
                              }};
    KONTOR_ASSIGN_OR_RETURN(http_, net::HttpListener::Start(HttpListenerOptionsOf(config_),
                                                            api::MakeGateway(std::move(gateway))));
    return absl::OkStatus();
  }

  absl::Status Ready() {
    if (!ready_) return Error(Reason::kShuttingDown).Says("starting or stopping");
    return absl::OkStatus();
  }

  Reading Read() {
    Reading reading;
    reading.ready = ready_;
    reading.store_queue = store_->QueueLength();
    if (store_->intake() != nullptr) reading.intake_waiting = store_->intake()->Waiting();
    if (receiver_ != nullptr) reading.quarantined = receiver_->CountQuarantined();
    const webhooks::DelivererCounts counts = deliverer_->counts();
    reading.delivered = static_cast<int64_t>(counts.delivered);
    reading.failed = static_cast<int64_t>(counts.failed);
    reading.parked = static_cast<int64_t>(counts.parked);
    reading.deliveries_in_flight = deliverer_->on_wire();
    const absl::Status read = store_->Read([&](ports::ReadView& view) -> absl::Status {
      KONTOR_ASSIGN_OR_RETURN(reading.open_operations, view.CountOpenOperations());
      KONTOR_ASSIGN_OR_RETURN(reading.feed_sequence, view.LastEventSequence());
      return absl::OkStatus();
    });
    if (!read.ok()) reading.ready = false;
    return reading;
  }

  const Config& config_;
  Observability& observability_;
  base::SystemClock clock_;
  const absl::Time started_;
  FileLock lock_;
  std::unique_ptr<CryptoPort> crypto_;
  std::unique_ptr<base::IdSource> ids_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<ports::HttpClient> odoo_http_;
  std::unique_ptr<ports::HttpClient> webhook_http_;
  std::unique_ptr<crypto::Ed25519PrivateKey> signing_key_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<webhooks::Deliverer> deliverer_;
  std::unique_ptr<webhooks::Service> webhook_service_;
  std::unique_ptr<ports::HttpClient> platform_http_;
  std::unique_ptr<ports::HttpClient> bank_http_;
  std::unique_ptr<expenses::Expenses> expenses_;
  std::unique_ptr<ports::BankCodec> codec_;
  std::unique_ptr<banks::Banks> banks_;
  std::unique_ptr<ports::People> people_;
  std::unique_ptr<payment_orders::Delegations> delegations_;
  std::unique_ptr<payment_orders::Policies> policies_;
  std::unique_ptr<ports::ScreeningListReader> list_reader_;
  std::unique_ptr<payment_orders::ScreeningLists> lists_;
  std::unique_ptr<payment_orders::PaymentOrders> payment_orders_;
  std::unique_ptr<statements::Statements> statements_;
  std::unique_ptr<webhooks::BankHook> bank_hook_;
  std::shared_ptr<webhooks::InboundReceiver> receiver_;
  std::unique_ptr<webhooks::Sources> sources_;
  std::unique_ptr<security::Directory> directory_;
  std::unique_ptr<security::Gatekeeper> gatekeeper_;
  std::unique_ptr<GateOverSecurity> gate_;
  std::unique_ptr<api::Pipeline> pipeline_;
  std::unique_ptr<api::GrpcServer> grpc_;
  std::unique_ptr<net::HttpListener> http_;
  std::atomic<bool> ready_{false};
  bool stopped_ = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Service>> Service::Start(const Config& config,
                                                        Observability& observability) {
  auto service = std::make_unique<ServiceImpl>(config, observability);
  KONTOR_RETURN_IF_ERROR(service->Begin());
  return service;
}

}  // namespace kontor::app
