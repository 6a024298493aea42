// SPDX-License-Identifier: Apache-2.0
// The order: path, channel, signature and time; then the message's id, the bytes to the disk, and
// the id after them, so that a crash between the two makes a repetition and loses nothing.
#include "server/webhooks/bank_hook.h"

#include <optional>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/crypto/digest.h"
#include "server/crypto/standard_webhooks.h"
#include "server/webhooks/inbound_verify.h"
#include "server/webhooks/internal/hook_answers.h"

namespace kontor::webhooks {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;

constexpr absl::Duration kRetryAfter = absl::Seconds(5);
constexpr std::size_t kIdMax = 128;

net::HttpServerResponse Refused(const absl::Status& status) {
  return internal::Refused(status, kRetryAfter);
}

/// The bank as a source of messages, so that they are verified as all others are.
model::Source SourceOf(const model::Channel& channel, const std::string& secret) {
  model::Source source;
  source.name = channel.name;
  source.state = model::SourceState::kLive;
  source.verification.scheme = model::HookScheme::kStandardWebhooks;
  source.secrets = {{secret, std::nullopt}};
  return source;
}

absl::Status NoSuchChannel() {
  return Error(Reason::kChannelUnknown).Says("no channel takes messages here");
}

bool IsMessageId(std::string_view id) {
  if (id.empty() || id.size() > kIdMax) return false;
  for (const char c : id) {
    if (c <= ' ' || c >= 0x7f) return false;
  }
  return true;
}

}  // namespace

BankHook::BankHook(BankHookDependencies dependencies)
    : deps_(std::move(dependencies)), thread_([this] { Run(); }) {}

BankHook::~BankHook() { Stop(); }

void BankHook::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void BankHook::Handle(net::HttpServerRequest request, net::HttpRespond respond) {
  bool taken = false;
  {
    const std::lock_guard lock(mutex_);
    taken = !stopped_ && waiting_.size() < kBankQueueMax;
    if (taken) waiting_.push_back({std::move(request), respond});
  }
  if (!taken) {
    return respond(Refused(Error(Reason::kQueueFull).Says("too many messages wait; come again")));
  }
  wake_.notify_one();
}

void BankHook::Run() {
  while (true) {
    Waiting next;
    bool stopped = false;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopped_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      stopped = stopped_;
      next = std::move(waiting_.front());
      waiting_.pop_front();
    }
    next.respond(stopped ? Refused(Error(Reason::kShuttingDown).Says("the service is stopping"))
                         : Take(next.request));
  }
}

absl::StatusOr<model::Channel> BankHook::ChannelOf(const std::string& name) {
  std::optional<ports::ObjectRow> row;
  KONTOR_RETURN_IF_ERROR(deps_.store.Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(row, view.FindObject(model::kChannelKind, name));
    return absl::OkStatus();
  }));
  // By its name alone, as banks were told; an id is no address.
  if (!row || row->name != name) return NoSuchChannel();
  KONTOR_ASSIGN_OR_RETURN(model::Channel channel, model::ChannelFromBody(row->body));
  if (channel.kind != "webhook") return NoSuchChannel();
  channel.id = row->id;
  channel.name = row->name;
  return channel;
}

absl::StatusOr<std::pair<std::string, bool>> BankHook::Keep(const model::Channel& channel,
                                                            const std::string& message_id,
                                                            const std::string& bytes) {
  ports::RequestRow row;
  row.source = StrCat("bank_hook/", channel.id);
  row.request_id = message_id;
  row.digest = crypto::Sha256(bytes).Hex();
  std::optional<ports::RequestRow> known;
  const auto look = [&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(known, view.FindRequest(row.source, message_id));
    if (!known || known->digest == row.digest) return absl::OkStatus();
    return Error(Reason::kRequestIdReused)
        .Field("webhook-id")
        .Says("an earlier message with this id had other content");
  };
  KONTOR_RETURN_IF_ERROR(deps_.store.Read(look));
  if (known) return std::pair(known->document_id, true);
  KONTOR_ASSIGN_OR_RETURN(row.document_id, deps_.keep(channel.name, message_id, bytes));
  KONTOR_RETURN_IF_ERROR(deps_.store.Commit([&](ports::Unit& unit) -> absl::Status {
    KONTOR_RETURN_IF_ERROR(look(unit));
    return known ? absl::OkStatus() : unit.InsertRequest(row);
  }));
  return std::pair(row.document_id, false);
}

net::HttpServerResponse BankHook::Take(const net::HttpServerRequest& request) {
  if (request.method != "POST") return internal::OnlyPost();
  const std::string name = request.path.substr(kBankHookPrefix.size());
  const auto kept = [&]() -> absl::StatusOr<std::pair<std::string, bool>> {
    KONTOR_ASSIGN_OR_RETURN(const model::Channel channel, ChannelOf(name));
    const auto secrets = model::SplitSecrets(channel.secret);
    if (!secrets) return NoSuchChannel();
    KONTOR_ASSIGN_OR_RETURN(
        const VerifiedMessage message,
        VerifyMessage(SourceOf(channel, secrets->banks), request, deps_.clock.Now()));
    if (channel.state == model::ChannelState::kPaused) {
      return Error(Reason::kChannelPaused).Says("the channel is paused; come again");
    }
    const std::string id(request.Header(std::string(crypto::kIdHeader)));
    if (!IsMessageId(id) || request.body.empty()) {
      return Error(Reason::kFieldInvalid)
          .Field("webhook-id")
          .Says("an id has 1 to 128 printable ASCII characters, and a message has a body");
    }
    return Keep(channel, id, request.body);
  }();
  if (deps_.log) {
    deps_.log(kept.ok() ? "bank_hook.received" : "bank_hook.refused",
              {{"channel", name},
               {"peer", request.peer_address},
               {"result", kept.ok() ? kept->first : base::InfoOf(kept.status()).reason}});
  }
  if (!kept.ok()) return Refused(kept.status());
  return internal::Taken(kept->first, kept->second);
}

}  // namespace kontor::webhooks
