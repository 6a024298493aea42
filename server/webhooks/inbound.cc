// SPDX-License-Identifier: Apache-2.0
// The order: path, address, size, rate, challenge, signature; then the message is kept, and its end
// is the answer. Where the store can keep first and file later, it does; else, and for what is
// large or quarantined, one unit writes keys, flow and bytes.
#include "server/webhooks/inbound.h"

#include <algorithm>
#include <atomic>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/webhooks/inbound_verify.h"
#include "server/webhooks/internal/hook_answers.h"

namespace kontor::webhooks {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;
using internal::Refused;
using internal::Taken;

constexpr std::string_view kPrefix = "/hooks/";
constexpr std::size_t kHeadersKeptMax = 100;
constexpr std::size_t kContentTypeMax = 200;
/// Larger messages go straight to their place: packing them costs more than it spares.
constexpr std::size_t kKeptFirstBytesMax = 256U << 10;
constexpr int kListedAtOnce = 500;
constexpr absl::Duration kCountedFor = absl::Minutes(1);

net::HttpServerResponse Echo(std::string text) {
  net::HttpServerResponse response;
  response.headers = {{"content-type", "text/plain; charset=utf-8"},
                      {"cache-control", "no-store"},
                      {"x-content-type-options", "nosniff"}};
  response.body = std::move(text);
  return response;
}

/// Names and values as they came, but for what is a secret.
net::HttpHeaders WithoutSecrets(const model::Source& source, net::HttpHeaders headers) {
  if (headers.size() > kHeadersKeptMax) headers.resize(kHeadersKeptMax);
  for (auto& [name, value] : headers) {
    const bool secret =
        name == "authorization" || name == "cookie" || name == source.verification.key_header;
    if (secret) value = "(kept from here)";
  }
  return headers;
}

absl::Status FileMessage(ports::Unit& unit, const ports::KeptRecord& kept, const InboundLog& log) {
  KONTOR_ASSIGN_OR_RETURN(const auto filed, unit.FindFlow(kept.id));
  if (filed.has_value()) return absl::OkStatus();
  KONTOR_ASSIGN_OR_RETURN(const InboundRecord record, Unpack(kept.content));
  KONTOR_ASSIGN_OR_RETURN(const std::string holder, TakeMessage(unit, record));
  // A quarantined one with the same key was released while this one waited.
  if (holder != record.id && log) {
    log("inbound.repeated", {{"message", record.id}, {"first", holder}});
  }
  return absl::OkStatus();
}

}  // namespace

struct InboundReceiver::Known {
  model::Source source;
  net::AddressGuard networks;  ///< Only asked when the source names networks.
  std::atomic<int64_t> quarantined{0};
  std::atomic<int64_t> quarantined_bytes{0};
};

struct InboundReceiver::Table {
  std::map<std::string, std::shared_ptr<Known>, std::less<>> sources;
};

/// What outlives the receiver in the store's listener.
struct InboundReceiver::Shared {
  std::mutex mutex;
  TablePtr table;
  std::uint64_t generation = 0;
  std::map<std::string, absl::Time> full_at;  ///< When a source's bucket is full again.
  std::atomic<bool> stopped{false};
  absl::Time counted = absl::InfinitePast();
  std::atomic<int64_t> quarantined{0};  ///< Of all sources, when last counted.
};

InboundReceiver::InboundReceiver(InboundDependencies deps)
    : deps_(std::move(deps)), shared_(std::make_shared<Shared>()) {
  deps_.store.OnCommit([shared = shared_](const ports::CommitNotice& notice) {
    const auto& kinds = notice.object_kinds;
    if (std::find(kinds.begin(), kinds.end(), model::kSourceKind) == kinds.end()) return;
    const std::lock_guard lock(shared->mutex);
    shared->table.reset();
    ++shared->generation;
  });
}

InboundReceiver::~InboundReceiver() { Stop(); }

void InboundReceiver::Stop() { shared_->stopped = true; }

void InboundReceiver::Invalidate() {
  const std::lock_guard lock(shared_->mutex);
  shared_->table.reset();
  ++shared_->generation;
}

int64_t InboundReceiver::CountQuarantined() {
  // Unreadable ones are quarantined by others, who do not tell.
  bool old = false;
  {
    const std::lock_guard lock(shared_->mutex);
    old = deps_.clock.Now() - shared_->counted >= kCountedFor;
    if (old) shared_->counted = deps_.clock.Now();
  }
  if (old) Invalidate();
  // Who asks next gets the new number: this must not wait for the store.
  WithTable([self = shared_from_this()](const absl::StatusOr<TablePtr>& table) {
    if (!table.ok()) return;
    int64_t count = 0;
    for (const auto& [name, known] : (*table)->sources) count += known->quarantined;
    self->shared_->quarantined = count;
  });
  return shared_->quarantined;
}

absl::StatusOr<InboundReceiver::TablePtr> InboundReceiver::Load(ports::ReadView& view) {
  auto table = std::make_shared<Table>();
  KONTOR_ASSIGN_OR_RETURN(const auto rows, view.AllObjects(model::kSourceKind));
  for (const ports::ObjectRow& row : rows) {
    KONTOR_ASSIGN_OR_RETURN(model::Source source, model::SourceFromBody(row.body));
    auto known = std::make_shared<Known>();
    auto networks = net::AddressGuard::Make(source.allowed_networks);
    if (!networks.ok()) return networks.status();
    known->networks = *std::move(networks);
    ports::FlowFilter filter;
    filter.kind = model::kInboundKind;
    filter.group = source.name;
    filter.states = {model::kInboundQuarantined};
    ports::Page page{kListedAtOnce, ""};
    do {
      KONTOR_ASSIGN_OR_RETURN(const auto listed, view.ListFlows(filter, page));
      for (const ports::FlowRow& flow : listed.rows) {
        KONTOR_ASSIGN_OR_RETURN(const model::InboundBody body, model::InboundBodyFrom(flow.body));
        ++known->quarantined;
        known->quarantined_bytes += body.bytes;
      }
      page.after = listed.next;
    } while (!page.after.empty());
    known->source = std::move(source);
    table->sources.emplace(known->source.name, std::move(known));
  }
  return TablePtr(std::move(table));
}

void InboundReceiver::WithTable(std::function<void(absl::StatusOr<TablePtr>)> then) {
  std::uint64_t generation = 0;
  TablePtr table;
  {
    const std::lock_guard lock(shared_->mutex);
    table = shared_->table;
    generation = shared_->generation;
  }
  if (table != nullptr) return then(table);
  auto loaded = std::make_shared<TablePtr>();
  deps_.store.ReadAsync(
      [loaded](ports::ReadView& view) -> absl::Status {
        KONTOR_ASSIGN_OR_RETURN(*loaded, Load(view));
        return absl::OkStatus();
      },
      [shared = shared_, loaded, generation, then = std::move(then)](const absl::Status& status) {
        if (!status.ok()) return then(status);
        {
          const std::lock_guard lock(shared->mutex);
          if (shared->generation == generation) shared->table = *loaded;
        }
        then(*loaded);
      });
}

absl::Status InboundReceiver::Admit(const Known& known,
                                    const net::HttpServerRequest& request) const {
  const model::Source& source = known.source;
  if (!source.allowed_networks.empty() && !known.networks.Lists(request.peer_address)) {
    return Error(Reason::kAddressRefused)
        .With("peer", request.peer_address)
        .Says("messages of this source do not come from there");
  }
  if (static_cast<int64_t>(request.body.size()) > source.body_bytes_max) {
    return Error(Reason::kTooLarge)
        .Says(StrCat("a message of this source has at most ", source.body_bytes_max, " bytes"));
  }
  const absl::Time now = deps_.clock.Now();
  const absl::Duration each = absl::Seconds(1) / source.messages_per_second;
  const std::lock_guard lock(shared_->mutex);
  absl::Time& full = shared_->full_at[source.name];
  const absl::Time next = std::max(full, now) + each;
  if (next - now > absl::Seconds(1) + each) {
    return Error(Reason::kRateLimited)
        .RetryAfter(next - now - absl::Seconds(1))
        .Says(StrCat("at most ", source.messages_per_second, " messages a second"));
  }
  full = next;
  return absl::OkStatus();
}

void InboundReceiver::Handle(net::HttpServerRequest request, net::HttpRespond respond) {
  if (shared_->stopped) {
    return respond(Refused(Error(Reason::kShuttingDown).Says("the service is stopping")));
  }
  auto held = std::make_shared<net::HttpServerRequest>(std::move(request));
  WithTable([this, self = shared_from_this(), held,
             respond = std::move(respond)](absl::StatusOr<TablePtr> table) {
    if (!table.ok()) return respond(Refused(table.status()));
    Take(*table, held, respond);
  });
}

void InboundReceiver::Take(const TablePtr& table,
                           const std::shared_ptr<net::HttpServerRequest>& request,
                           const net::HttpRespond& respond) {
  const std::string_view name = std::string_view(request->path).substr(kPrefix.size());
  const auto found = table->sources.find(name);
  if (found == table->sources.end() ||
      found->second->source.verification.scheme == model::HookScheme::kNone) {
    return respond(Refused(Error(Reason::kSourceUnknown).Says("there is no such source")));
  }
  const std::shared_ptr<Known>& known = found->second;
  const absl::Status admitted = Admit(*known, *request);
  if (!admitted.ok()) {
    if (deps_.log) {
      deps_.log("inbound.refused", {{"source", known->source.name},
                                    {"peer", request->peer_address},
                                    {"reason", base::InfoOf(admitted).reason}});
    }
    return respond(Refused(admitted));
  }
  if (request->method == "GET") {
    auto challenge = ChallengeInQuery(known->source, request->query);
    if (challenge) return respond(Echo(*std::move(challenge)));
  }
  if (request->method != "POST") return respond(internal::OnlyPost());
  auto challenge = ChallengeIn(known->source, request->body);
  if (challenge) return respond(Echo(*std::move(challenge)));
  Keep(known, *request, respond);
}

InboundRecord InboundReceiver::RecordOf(const model::Source& source, const VerifiedMessage& message,
                                        net::HttpServerRequest& request) const {
  InboundRecord record;
  record.id = deps_.ids.Next(base::kInboundPrefix);
  record.blob_id = deps_.ids.Next(base::kBlobPrefix);
  record.source = source.name;
  record.entity = source.entity;
  record.received = deps_.clock.Now();
  record.event_id = message.event_id;
  record.keys = message.keys;
  record.content_type = std::string(request.Header("content-type")).substr(0, kContentTypeMax);
  record.method = std::move(request.method);
  record.path = std::move(request.path);
  record.peer = std::move(request.peer_address);
  record.encrypted = request.encrypted;
  record.headers = WithoutSecrets(source, std::move(request.headers));
  record.bytes = std::move(request.body);
  return record;
}

void InboundReceiver::Keep(const std::shared_ptr<Known>& known, net::HttpServerRequest& request,
                           const net::HttpRespond& respond) {
  const model::Source& source = known->source;
  const auto verified = VerifyMessage(source, request, deps_.clock.Now());
  const VerifiedMessage message = verified.ok() ? *verified : IdentityOf(source, request);
  const auto record = std::make_shared<InboundRecord>(RecordOf(source, message, request));
  if (!verified.ok()) return Quarantine(known, record, verified.status(), respond);
  if (deps_.intake != nullptr && record->bytes.size() <= kKeptFirstBytesMax) {
    ports::KeptRecord kept{model::kInboundKind, record->id, record->keys, Pack(*record)};
    return deps_.intake->Keep(
        std::move(kept),
        [id = record->id, respond](const absl::Status& status, const std::string& holder) {
          if (!status.ok()) return respond(Refused(status));
          respond(Taken(holder.empty() ? id : holder, !holder.empty()));
        });
  }
  const auto holder = std::make_shared<std::string>();
  deps_.store.Submit(
      [record, holder](ports::Unit& unit) -> absl::Status {
        KONTOR_ASSIGN_OR_RETURN(*holder, TakeMessage(unit, *record));
        return absl::OkStatus();
      },
      [record, holder, respond](const absl::Status& status) {
        if (!status.ok()) return respond(Refused(status));
        respond(Taken(*holder, *holder != record->id));
      });
}

void InboundReceiver::Quarantine(const std::shared_ptr<Known>& known,
                                 const std::shared_ptr<InboundRecord>& record,
                                 const absl::Status& why, const net::HttpRespond& respond) {
  const int64_t size = static_cast<int64_t>(record->bytes.size());
  const bool full = known->quarantined >= static_cast<int64_t>(kQuarantineMax) ||
                    known->quarantined_bytes + size > kQuarantineBytesMax;
  if (full) {
    return respond(Refused(Error(Reason::kQuarantineFull)
                               .With("messages", StrCat(known->quarantined.load()))
                               .With("bytes", StrCat(known->quarantined_bytes.load()))
                               .Says(StrCat("messages of this source wait for a person already, "
                                            "and at most ", kQuarantineMax, " or ",
                                            kQuarantineBytesMax >> 20, " MiB are kept"))));
  }
  ++known->quarantined;
  known->quarantined_bytes += size;
  deps_.store.Submit(
      [record, why](ports::Unit& unit) {
        return WriteMessage(unit, *record, model::FindingOf(why));
      },
      [known, record, why, size, respond, log = deps_.log](const absl::Status& status) {
        if (!status.ok()) {
          --known->quarantined;
          known->quarantined_bytes -= size;
          return respond(Refused(status));
        }
        if (log) {
          log("inbound.quarantined", {{"source", known->source.name},
                                      {"message", record->id},
                                      {"reason", base::InfoOf(why).reason}});
        }
        net::HttpServerResponse response = Refused(why);
        response.headers.emplace_back("x-kontor-message", record->id);
        respond(std::move(response));
      });
}

ports::IntakeKind InboundIntakeKind(InboundLog log) {
  ports::IntakeKind kind;
  kind.name = model::kInboundKind;
  kind.key_space = model::kInboundKeySpace;
  kind.file = [log = std::move(log)](ports::Unit& unit, const ports::KeptRecord& kept) {
    const absl::Status status = FileMessage(unit, kept, log);
    if (!status.ok() && log) {
      log("inbound.not_filed", {{"message", kept.id}, {"reason", base::InfoOf(status).reason}});
    }
    return status;
  };
  return kind;
}

}  // namespace kontor::webhooks
