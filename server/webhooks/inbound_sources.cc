// SPDX-License-Identifier: Apache-2.0
// A source is read, changed and written within one unit.
#include "server/webhooks/inbound_sources.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>

#include <nlohmann/json.hpp>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/base/text.h"
#include "server/webhooks/inbound_verify.h"
#include "server/webhooks/internal/units.h"

namespace kontor::webhooks {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;
using model::Source;

constexpr absl::Duration kOverlapMax = absl::Hours(24 * 30);
constexpr std::size_t kSecretsMax = 5;
constexpr int kSourceReasonMax = 500;
constexpr char kSampleBody[] = "{}";
/// A list waits at most so long for messages that are kept and not yet filed.
constexpr std::chrono::seconds kFiledWaitMax{5};

/// After it a list shows what was answered before.
void AwaitFiled(ports::Intake* intake) {
  if (intake == nullptr) return;
  // Shared, since the wait may end first.
  auto filed = std::make_shared<std::promise<void>>();
  std::future<void> ended = filed->get_future();
  intake->WhenFiled([filed] { filed->set_value(); });
  ended.wait_for(kFiledWaitMax);
}

ports::ObjectRow ToRow(const Source& source) {
  ports::ObjectRow row;
  row.kind = model::kSourceKind;
  row.id = source.id;
  row.name = source.name;
  row.body = model::SourceBody(source);
  row.created = source.created;
  row.updated = source.updated;
  row.version = source.version;
  return row;
}

absl::Status CheckEntity(ports::ReadView& view, const std::string& entity) {
  KONTOR_ASSIGN_OR_RETURN(const auto row, view.FindObject("entity", entity));
  if (row.has_value()) return absl::OkStatus();
  return Error(Reason::kEntityUnknown)
      .Field("source.entity")
      .With("entity", entity)
      .Says(StrCat("there is no entity '", entity, "'"));
}

absl::Status CheckNetworks(const Source& source) {
  return base::AtField(net::AddressGuard::Make(source.allowed_networks).status(),
                       "source.allowed_networks");
}

/// Headers from the facts that HeaderFacts wrote, and the bytes when they are asked for.
absl::Status ReadBlob(ports::ReadView& view, bool with_bytes, ShownMessage& shown) {
  KONTOR_ASSIGN_OR_RETURN(const auto blobs, view.BlobsOfFlow(shown.row.id));
  for (const ports::BlobRow& blob : blobs) {
    if (blob.kind != model::kInboundBlobKind) continue;
    const auto facts = nlohmann::json::parse(blob.facts, nullptr, false);
    if (!facts.is_object()) return Error(Reason::kInternal).Says("a message is unreadable");
    shown.method = facts.value("method", "");
    shown.path = facts.value("path", "");
    for (const auto& pair : facts.value("headers", nlohmann::json::array())) {
      shown.headers.emplace_back(pair.at(0).get<std::string>(), pair.at(1).get<std::string>());
    }
    shown.content_type = blob.media_type;
    for (int64_t i = 1; with_bytes && i <= blob.parts; ++i) {
      KONTOR_ASSIGN_OR_RETURN(const std::string part, view.BlobPart(blob.id, i));
      shown.bytes += part;
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Source> SourceOf(const ports::ObjectRow& row) {
  KONTOR_ASSIGN_OR_RETURN(Source source, model::SourceFromBody(row.body));
  source.id = row.id;
  source.name = row.name;
  source.created = row.created;
  source.updated = row.updated;
  source.version = row.version;
  return source;
}

absl::StatusOr<Source> FindSource(ports::ReadView& view, const std::string& name) {
  KONTOR_ASSIGN_OR_RETURN(const auto row, view.FindObject(model::kSourceKind, name));
  if (row.has_value()) return SourceOf(*row);
  return Error(Reason::kSourceUnknown)
      .Field("name")
      .With("source", name)
      .Says(StrCat("there is no source '", name, "'"));
}

absl::StatusOr<SourceAndSecret> Sources::Create(const ports::Actor& actor, const RequestKey& key,
                                                Source source, std::string secret) {
  const std::vector<model::Finding> findings = model::ValidateSource(source);
  if (model::HasErrors(findings)) return model::StatusOf(findings);
  KONTOR_RETURN_IF_ERROR(CheckNetworks(source));
  KONTOR_RETURN_IF_ERROR(check_mapping_(source));
  const model::HookScheme scheme = source.verification.scheme;
  crypto::SecretString chosen;
  if (secret.empty()) {
    KONTOR_ASSIGN_OR_RETURN(chosen, NewSourceSecret(scheme));
  } else if (model::HasSecret(scheme)) {
    KONTOR_RETURN_IF_ERROR(CheckSourceSecret(scheme, secret));
    chosen = crypto::SecretString(std::move(secret));
  }
  source.id = deps_.ids.Next(base::kSourcePrefix);
  source.state = source.before_pause = model::SourceState::kTest;
  source.checked.reset();
  source.secrets.clear();
  if (!chosen.Reveal().empty()) source.secrets.push_back({chosen.Reveal(), std::nullopt});
  source.created = source.updated = deps_.clock.Now();
  source.version = 0;
  bool repeated = false;
  Source stored;
  KONTOR_RETURN_IF_ERROR(deps_.store.Commit([&](ports::Unit& unit) -> absl::Status {
    repeated = false;
    KONTOR_ASSIGN_OR_RETURN(const auto first,
                            internal::TakeRequest(unit, actor, key, source.id));
    if (first) {
      repeated = true;
      KONTOR_ASSIGN_OR_RETURN(stored, FindSource(unit, *first));
      return absl::OkStatus();
    }
    KONTOR_RETURN_IF_ERROR(CheckEntity(unit, source.entity));
    ports::ObjectRow row = ToRow(source);
    KONTOR_RETURN_IF_ERROR(unit.PutObject(row));
    stored = source;
    stored.version = row.version;
    return internal::Audit(unit, actor, source.created, "source.create", source.id, "",
                           model::WriteSource(stored), "");
  }));
  if (repeated) return SourceAndSecret{std::move(stored), {}};
  return SourceAndSecret{std::move(stored), std::move(chosen)};
}

absl::StatusOr<Source> Sources::Get(const std::string& name) const {
  Source source;
  KONTOR_RETURN_IF_ERROR(deps_.store.Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(source, FindSource(view, name));
    return absl::OkStatus();
  }));
  return source;
}

absl::StatusOr<std::vector<Source>> Sources::List(std::optional<model::SourceState> state) const {
  std::vector<Source> sources;
  KONTOR_RETURN_IF_ERROR(deps_.store.Read([&](ports::ReadView& view) -> absl::Status {
    sources.clear();
    KONTOR_ASSIGN_OR_RETURN(const auto rows, view.AllObjects(model::kSourceKind));
    for (const ports::ObjectRow& row : rows) {
      KONTOR_ASSIGN_OR_RETURN(Source source, SourceOf(row));
      if (!state || source.state == *state) sources.push_back(std::move(source));
    }
    return absl::OkStatus();
  }));
  std::sort(sources.begin(), sources.end(),
            [](const Source& a, const Source& b) { return a.name < b.name; });
  return sources;
}

absl::StatusOr<Source> Sources::Change(const ports::Actor& actor, const std::string& name,
                                       const std::string& action, const std::string& reason,
                                       const std::function<absl::Status(Source&)>& change) {
  const absl::Time now = deps_.clock.Now();
  Source source;
  KONTOR_RETURN_IF_ERROR(deps_.store.Commit([&](ports::Unit& unit) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(source, FindSource(unit, name));
    const std::string before = model::WriteSource(source);
    const std::string body_before = model::SourceBody(source);
    KONTOR_RETURN_IF_ERROR(change(source));
    if (model::SourceBody(source) == body_before) return absl::OkStatus();
    KONTOR_RETURN_IF_ERROR(CheckEntity(unit, source.entity));
    source.updated = now;
    ports::ObjectRow row = ToRow(source);
    KONTOR_RETURN_IF_ERROR(unit.PutObject(row));
    source.version = row.version;
    return internal::Audit(unit, actor, now, action, source.id, before,
                           model::WriteSource(source), reason);
  }));
  return source;
}

absl::StatusOr<Source> Sources::Update(const ports::Actor& actor, const std::string& name,
                                       int64_t expected_version,
                                       const std::function<absl::Status(Source&)>& change) {
  return Change(actor, name, "source.update", "", [&](Source& source) -> absl::Status {
    if (expected_version != 0 && source.version != expected_version) {
      return Error(Reason::kVersionConflict)
          .Field("source.version")
          .Says(StrCat("version ", expected_version, " was read, ", source.version,
                       " is stored"));
    }
    const Source before = source;
    KONTOR_RETURN_IF_ERROR(change(source));
    const std::vector<model::Finding> findings = model::ValidateSource(source);
    if (model::HasErrors(findings)) return model::StatusOf(findings);
    KONTOR_RETURN_IF_ERROR(CheckNetworks(source));
    KONTOR_RETURN_IF_ERROR(check_mapping_(source));
    if (source.verification.scheme != before.verification.scheme) source.secrets.clear();
    if (model::NeedsCheckAgain(before, source)) {
      source.checked.reset();
      // Not back into test: what comes in meanwhile would be tried, and never be posted.
      if (source.state == model::SourceState::kLive) {
        source.before_pause = model::SourceState::kLive;
        source.state = model::SourceState::kPaused;
        source.paused_for_check = true;
      }
    }
    return absl::OkStatus();
  });
}

absl::StatusOr<SourceAndSecret> Sources::RotateSecret(const ports::Actor& actor,
                                                      const RequestKey& key,
                                                      const std::string& name,
                                                      absl::Duration overlap,
                                                      std::string secret) {
  if (overlap < absl::ZeroDuration() || overlap > kOverlapMax) {
    return Error(Reason::kFieldInvalid).Field("overlap").Says("0 to 30 days");
  }
  KONTOR_ASSIGN_OR_RETURN(const Source now_stored, Get(name));
  const model::HookScheme scheme = now_stored.verification.scheme;
  if (!model::HasSecret(scheme)) {
    return Error(Reason::kStateConflict).Field("name").Says("the source's scheme has no secret");
  }
  crypto::SecretString chosen;
  if (secret.empty()) {
    KONTOR_ASSIGN_OR_RETURN(chosen, NewSourceSecret(scheme));
  } else {
    KONTOR_RETURN_IF_ERROR(CheckSourceSecret(scheme, secret));
    chosen = crypto::SecretString(std::move(secret));
  }
  const absl::Time now = deps_.clock.Now();
  Source source;
  bool repeated = false;
  KONTOR_RETURN_IF_ERROR(deps_.store.Commit([&](ports::Unit& unit) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(source, FindSource(unit, name));
    KONTOR_ASSIGN_OR_RETURN(const auto first,
                            internal::TakeRequest(unit, actor, key, source.id));
    repeated = first.has_value();
    if (repeated) return absl::OkStatus();
    for (model::SourceSecret& old : source.secrets) {
      old.expires = std::min(old.expires.value_or(now + overlap), now + overlap);
    }
    std::erase_if(source.secrets, [&](const auto& old) { return *old.expires <= now; });
    source.secrets.insert(source.secrets.begin(), {chosen.Reveal(), std::nullopt});
    if (source.secrets.size() > kSecretsMax) source.secrets.resize(kSecretsMax);
    source.updated = now;
    ports::ObjectRow row = ToRow(source);
    KONTOR_RETURN_IF_ERROR(unit.PutObject(row));
    source.version = row.version;
    return internal::Audit(unit, actor, now, "source.rotate_secret", source.id, "", "", "");
  }));
  if (repeated) return SourceAndSecret{std::move(source), {}};
  return SourceAndSecret{std::move(source), std::move(chosen)};
}

absl::StatusOr<Source> Sources::Pause(const ports::Actor& actor, const std::string& name,
                                      const std::string& reason) {
  KONTOR_RETURN_IF_ERROR(base::CheckReason(reason, kSourceReasonMax));
  return Change(actor, name, "source.pause", reason, [](Source& source) -> absl::Status {
    source.paused_for_check = false;  // a person's pause is ended by a person
    if (source.state == model::SourceState::kPaused) return absl::OkStatus();
    source.before_pause = source.state;
    source.state = model::SourceState::kPaused;
    return absl::OkStatus();
  });
}

absl::StatusOr<Source> Sources::Resume(const ports::Actor& actor, const std::string& name,
                                       const std::string& reason) {
  KONTOR_RETURN_IF_ERROR(base::CheckReason(reason, kSourceReasonMax));
  return Change(actor, name, "source.resume", reason, [](Source& source) -> absl::Status {
    if (source.state != model::SourceState::kPaused) return absl::OkStatus();
    if (source.before_pause == model::SourceState::kLive && !source.checked) {
      return Error(Reason::kStateConflict)
          .Field("name")
          .Says("the source was changed and is not checked yet: check it, and it goes on");
    }
    source.state = source.before_pause;
    source.paused_for_check = false;
    return absl::OkStatus();
  });
}

absl::StatusOr<Source> Sources::NoteChecked(const ports::Actor& actor, const Source& checked,
                                            bool passed) {
  const absl::Time now = deps_.clock.Now();
  return Change(actor, checked.name, "source.check", passed ? "passed" : "failed",
                [&](Source& source) -> absl::Status {
                  if (!passed) return absl::OkStatus();
                  if (!model::IsCheckedAlike(checked, source)) {
                    return Error(Reason::kVersionConflict)
                        .Field("name")
                        .Says(StrCat("version ", checked.version, " was checked, and version ",
                                     source.version, " is another; check again"));
                  }
                  source.checked = now;
                  source.before_pause = model::SourceState::kLive;
                  if (source.state == model::SourceState::kTest || source.paused_for_check) {
                    source.state = model::SourceState::kLive;
                  }
                  source.paused_for_check = false;
                  return absl::OkStatus();
                });
}

absl::StatusOr<ports::Listed<ports::FlowRow>> Sources::ListMessages(
    const std::string& source, const std::string& state, const ports::Page& page) const {
  ports::FlowFilter filter;
  filter.kind = model::kInboundKind;
  filter.group = source;
  if (!state.empty()) filter.states = {state};
  AwaitFiled(deps_.intake);
  ports::Listed<ports::FlowRow> listed;
  KONTOR_RETURN_IF_ERROR(deps_.store.Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(listed, view.ListFlows(filter, page));
    return absl::OkStatus();
  }));
  return listed;
}

absl::StatusOr<ShownMessage> Sources::GetMessage(const ports::Actor& actor, const std::string& id,
                                                 bool with_bytes) {
  AwaitFiled(deps_.intake);
  ShownMessage shown;
  KONTOR_RETURN_IF_ERROR(deps_.store.Read([&](ports::ReadView& view) -> absl::Status {
    shown = {};
    KONTOR_ASSIGN_OR_RETURN(auto row, view.FindFlow(id));
    if (!row.has_value() || row->kind != model::kInboundKind || !actor.MaySee(row->entity)) {
      return Error(Reason::kNotFound).Field("id").Says("there is no such message");
    }
    shown.row = *std::move(row);
    return ReadBlob(view, with_bytes, shown);
  }));
  if (!with_bytes) return shown;
  KONTOR_RETURN_IF_ERROR(deps_.store.Commit([&](ports::Unit& unit) {
    return internal::Audit(unit, actor, deps_.clock.Now(), "inbound_message.read", id, "", "", "");
  }));
  return shown;
}

absl::StatusOr<ports::FlowRow> Sources::EndQuarantine(const ports::Actor& actor,
                                                      const std::string& id,
                                                      const std::string& reason, bool release) {
  KONTOR_RETURN_IF_ERROR(base::CheckReason(reason, kSourceReasonMax));
  const absl::Time now = deps_.clock.Now();
  ports::FlowRow result;
  KONTOR_RETURN_IF_ERROR(deps_.store.Commit([&](ports::Unit& unit) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(auto flow, unit.FindFlow(id));
    if (!flow.has_value() || flow->kind != model::kInboundKind || !actor.MaySee(flow->entity)) {
      return Error(Reason::kNotFound).Field("id").Says("there is no such message");
    }
    if (flow->state != model::kInboundQuarantined) {
      return Error(Reason::kStateConflict)
          .Field("id")
          .With("state", flow->state)
          .Says(StrCat("the message is ", flow->state));
    }
    KONTOR_ASSIGN_OR_RETURN(model::InboundBody body, model::InboundBodyFrom(flow->body));
    if (release) {
      for (const std::string& key : body.keys) {
        KONTOR_ASSIGN_OR_RETURN(const std::string holder,
                                unit.ReserveFlowKey({model::kInboundKeySpace, key, flow->id}));
        if (holder == flow->id) continue;
        return Error(Reason::kStateConflict)
            .Field("id")
            .With("message", holder)
            .Says("the same message came in again, rightly signed; discard this one");
      }
      body.vouched = true;
    }
    const std::string before = nlohmann::json{{"state", flow->state}}.dump();
    flow->body = model::ToJson(body);
    flow->state = release ? model::kInboundReceived : model::kInboundDiscarded;
    flow->open = release;
    flow->due = release ? now : absl::InfiniteFuture();
    flow->updated = now;
    KONTOR_RETURN_IF_ERROR(unit.PutFlow(*flow));
    // The receiver counts quarantined messages anew: told by a write of the source's row.
    KONTOR_ASSIGN_OR_RETURN(auto row, unit.FindObject(model::kSourceKind, flow->group));
    if (row.has_value()) KONTOR_RETURN_IF_ERROR(unit.PutObject(*row));
    result = *flow;
    return internal::Audit(unit, actor, now,
                           release ? "inbound_message.release" : "inbound_message.discard", id,
                           before, nlohmann::json{{"state", flow->state}}.dump(), reason);
  }));
  return result;
}

absl::StatusOr<ports::FlowRow> Sources::Release(const ports::Actor& actor, const std::string& id,
                                                const std::string& reason) {
  return EndQuarantine(actor, id, reason, true);
}

absl::StatusOr<ports::FlowRow> Sources::Discard(const ports::Actor& actor, const std::string& id,
                                                const std::string& reason) {
  return EndQuarantine(actor, id, reason, false);
}

std::string Sources::CurlLine(const Source& source, const std::string& base_url) const {
  const model::HookScheme scheme = source.verification.scheme;
  if (scheme == model::HookScheme::kNone) return "";
  std::string line = StrCat("curl -sS -X POST '", base_url, "/hooks/", source.name,
                            "' -H 'content-type: application/json'");
  if (scheme == model::HookScheme::kMutualTls) {
    base::StrAppend(&line, " --cert client.pem --key client.key");
  } else {
    const absl::Time now = deps_.clock.Now();
    const auto headers =
        SignedHeaders(source, kSampleBody, StrCat("try-", absl::ToUnixSeconds(now)), now);
    if (!headers.ok()) return "";
    for (const auto& [name, value] : *headers) {
      base::StrAppend(&line, " -H '", name, ": ", value, "'");
    }
  }
  return StrCat(line, " --data-raw '", kSampleBody, "'");
}

}  // namespace kontor::webhooks
