// SPDX-License-Identifier: Apache-2.0
// Sources and the messages that wait for a person. Sources go between proto and model as the
// contract's JSON, which the model reads with all findings at once.
#include "kontor/v1/source.pb.h"
#include "server/api/accepting.h"
#include "server/api/expense_api.h"
#include "server/api/field_mask.h"
#include "server/api/request_key.h"
#include "server/api/snake_json.h"
#include "server/webhooks/inbound_check.h"

namespace kontor::api {
namespace {

using base::Error;
using base::Reason;

constexpr absl::Duration kOverlapDefault = absl::Hours(24);

absl::StatusOr<model::Source> ReadSource(const v1::Source& in) {
  KONTOR_ASSIGN_OR_RETURN(const std::string json, ToSnakeJson(in));
  std::vector<model::Finding> findings;
  model::Source source = model::ReadSource(json, &findings);
  if (model::HasErrors(findings)) return model::StatusOf(findings);
  return source;
}

absl::Status WriteSource(const model::Source& in, v1::Source* out) {
  return FromSnakeJson(model::WriteSource(in), out);
}

template <typename Response>
absl::StatusOr<Response> Answered(const absl::StatusOr<model::Source>& source) {
  KONTOR_RETURN_IF_ERROR(source.status());
  Response response;
  KONTOR_RETURN_IF_ERROR(WriteSource(*source, response.mutable_source()));
  return response;
}

std::optional<model::SourceState> ReadState(v1::Source::State state) {
  switch (state) {
    case v1::Source::STATE_TEST: return model::SourceState::kTest;
    case v1::Source::STATE_LIVE: return model::SourceState::kLive;
    case v1::Source::STATE_PAUSED: return model::SourceState::kPaused;
    default: return std::nullopt;
  }
}

/// Takes the named fields of `fresh` into `source`. Secrets that are not given stay.
absl::Status Merge(const google::protobuf::FieldMask& mask, const model::Source& fresh,
                   model::Source& source) {
  if (mask.paths().empty()) {
    return Error(Reason::kFieldMissing).Field("update_mask").Says("say which fields to change");
  }
  for (const std::string& path : mask.paths()) {
    if (path == "description") {
      source.description = fresh.description;
    } else if (path == "adapter") {
      source.adapter = fresh.adapter;
    } else if (path == "entity") {
      source.entity = fresh.entity;
    } else if (path == "verification") {
      source.verification = fresh.verification;
    } else if (path == "mapping") {
      source.mapping = fresh.mapping;
    } else if (path == "expense") {
      source.expense = fresh.expense;
    } else if (path == "platform") {
      const model::PlatformSettings before = source.platform;
      source.platform = fresh.platform;
      if (source.platform.client_secret.empty()) {
        source.platform.client_secret = before.client_secret;
      }
      if (source.platform.refresh_token.empty()) {
        source.platform.refresh_token = before.refresh_token;
      }
    } else if (path == "allowed_networks") {
      source.allowed_networks = fresh.allowed_networks;
    } else if (path == "messages_per_second") {
      source.messages_per_second = fresh.messages_per_second;
    } else if (path == "body_bytes_max") {
      source.body_bytes_max = fresh.body_bytes_max;
    } else {
      return Error(Reason::kFieldInvalid)
          .Field("update_mask")
          .Says(base::StrCat("'", path, "' cannot be changed"));
    }
  }
  return absl::OkStatus();
}

absl::Status WriteMessage(const ports::FlowRow& row, v1::InboundMessage* out) {
  KONTOR_ASSIGN_OR_RETURN(const auto body, model::InboundBodyFrom(row.body));
  out->set_id(row.id);
  out->set_source(row.group);
  v1::InboundMessage::State state = v1::InboundMessage::STATE_UNSPECIFIED;
  v1::InboundMessage::State_Parse(base::StrCat("STATE_", row.state), &state);
  out->set_state(state);
  out->set_event_id(body.event_id);
  if (body.finding) WriteFinding(*body.finding, out->mutable_finding());
  out->set_size_bytes(body.bytes);
  out->set_sha256(body.sha256);
  out->set_peer(body.peer);
  for (const std::string& id : body.report_ids) out->add_report_ids(id);
  WriteTime(row.created, out->mutable_create_time());
  WriteTime(row.updated, out->mutable_update_time());
  return absl::OkStatus();
}

template <typename Response>
absl::StatusOr<Response> AnsweredMessage(const absl::StatusOr<ports::FlowRow>& row) {
  KONTOR_RETURN_IF_ERROR(row.status());
  Response response;
  KONTOR_RETURN_IF_ERROR(WriteMessage(*row, response.mutable_message()));
  return response;
}

absl::StatusOr<v1::CreateSourceResponse> Create(const SourceParts& parts, const Call& call,
                                                const v1::CreateSourceRequest& request) {
  KONTOR_ASSIGN_OR_RETURN(model::Source source, ReadSource(request.source()));
  KONTOR_ASSIGN_OR_RETURN(
      auto made,
      parts.sources.Create(call.actor, KeyOf<webhooks::RequestKey>("CreateSource", request),
                           std::move(source), request.secret()));
  v1::CreateSourceResponse response;
  KONTOR_RETURN_IF_ERROR(WriteSource(made.source, response.mutable_source()));
  if (!response.source().hook_path().empty()) {
    response.set_url(parts.base_url() + response.source().hook_path());
  }
  if (!made.secret.Reveal().empty()) response.set_secret(made.secret.Reveal());
  const bool by_certificate =
      made.source.verification.scheme == model::HookScheme::kMutualTls;
  if (by_certificate || !made.secret.Reveal().empty()) {
    response.set_curl(parts.sources.CurlLine(made.source, parts.base_url()));
  }
  return response;
}

absl::StatusOr<v1::ListSourcesResponse> List(const SourceParts& parts,
                                             const v1::ListSourcesRequest& request) {
  KONTOR_ASSIGN_OR_RETURN(const auto page, ReadPage(request.page_size(), request.page_token()));
  KONTOR_ASSIGN_OR_RETURN(const auto sources, parts.sources.List(ReadState(request.state())));
  v1::ListSourcesResponse response;
  for (const model::Source& source : sources) {
    if (!page.after.empty() && source.name <= page.after) continue;
    if (response.sources_size() == page.limit) {
      response.set_next_page_token(response.sources(page.limit - 1).name());
      break;
    }
    KONTOR_RETURN_IF_ERROR(WriteSource(source, response.add_sources()));
  }
  return response;
}

absl::StatusOr<v1::CheckSourceResponse> Check(const SourceParts& parts, const Call& call,
                                              const v1::CheckSourceRequest& request) {
  KONTOR_ASSIGN_OR_RETURN(const model::Source source, parts.sources.Get(request.name()));
  v1::CheckSourceResponse response;
  bool passed = true;
  const auto add = [&](const std::string& name, bool good, const std::string& message) {
    auto* check = response.add_checks();
    check->set_name(name);
    check->set_passed(good);
    check->set_message(message);
    passed = passed && good;
  };
  for (const auto& check : webhooks::CheckVerification(source, parts.clock.Now())) {
    add(check.name, check.passed, check.message);
  }
  KONTOR_ASSIGN_OR_RETURN(const auto checks, parts.expenses.CheckSource(source));
  for (const auto& check : checks) add(check.name, check.passed, check.message);
  KONTOR_ASSIGN_OR_RETURN(const model::Source after,
                          parts.sources.NoteChecked(call.actor, source, passed));
  response.set_passed(passed);
  KONTOR_RETURN_IF_ERROR(WriteSource(after, response.mutable_source()));
  return response;
}

absl::StatusOr<v1::ListInboundMessagesResponse> ListMessages(
    const SourceParts& parts, const Call& call, const v1::ListInboundMessagesRequest& request) {
  KONTOR_ASSIGN_OR_RETURN(const auto page, ReadPage(request.page_size(), request.page_token()));
  std::string state;
  if (request.state() != v1::InboundMessage::STATE_UNSPECIFIED) {
    state = v1::InboundMessage::State_Name(request.state()).substr(6);
  }
  KONTOR_ASSIGN_OR_RETURN(const auto listed,
                          parts.sources.ListMessages(request.source(), state, page));
  v1::ListInboundMessagesResponse response;
  for (const ports::FlowRow& row : listed.rows) {
    if (!call.actor.MaySee(row.entity)) continue;
    KONTOR_RETURN_IF_ERROR(WriteMessage(row, response.add_messages()));
  }
  response.set_next_page_token(listed.next);
  return response;
}

absl::StatusOr<v1::GetInboundMessageResponse> GetMessage(
    const SourceParts& parts, const Call& call, const v1::GetInboundMessageRequest& request) {
  if (request.with_content() && !call.unmasked) {
    return Error(Reason::kPermissionDenied)
        .Field("with_content")
        .Says("the bytes hold whole names and account numbers, which you were not granted");
  }
  KONTOR_ASSIGN_OR_RETURN(
      const webhooks::ShownMessage shown,
      parts.sources.GetMessage(call.actor, request.id(), request.with_content()));
  v1::GetInboundMessageResponse response;
  KONTOR_RETURN_IF_ERROR(WriteMessage(shown.row, response.mutable_message()));
  response.set_method(shown.method);
  response.set_path(shown.path);
  response.set_content_type(shown.content_type);
  response.set_content(shown.bytes);
  for (const auto& [name, value] : shown.headers) {
    auto* const header = response.add_headers();
    header->set_name(name);
    header->set_value(value);
  }
  return response;
}

void AddChanges(const SourceParts& parts, Registry* registry) {
  const std::string service = "kontor.v1.SourceService/";
  registry->Add<v1::UpdateSourceRequest, v1::UpdateSourceResponse>(
      service + "UpdateSource",
      [parts](const Call& call, const auto& request) -> absl::StatusOr<v1::UpdateSourceResponse> {
        KONTOR_ASSIGN_OR_RETURN(const model::Source fresh, ReadSource(request.source()));
        return Answered<v1::UpdateSourceResponse>(parts.sources.Update(
            call.actor, fresh.name.empty() ? fresh.id : fresh.name, fresh.version,
            [&](model::Source& source) { return Merge(request.update_mask(), fresh, source); }));
      });
  registry->Add<v1::RotateSourceSecretRequest, v1::RotateSourceSecretResponse>(
      service + "RotateSourceSecret",
      [parts](const Call& call,
              const auto& request) -> absl::StatusOr<v1::RotateSourceSecretResponse> {
        const absl::Duration overlap =
            request.has_overlap() ? ReadDuration(request.overlap()) : kOverlapDefault;
        KONTOR_ASSIGN_OR_RETURN(
            auto made, parts.sources.RotateSecret(
                           call.actor, KeyOf<webhooks::RequestKey>("RotateSourceSecret", request),
                           request.name(), overlap, request.secret()));
        v1::RotateSourceSecretResponse response;
        KONTOR_RETURN_IF_ERROR(WriteSource(made.source, response.mutable_source()));
        response.set_secret(made.secret.Reveal());
        return response;
      });
  registry->Add<v1::PauseSourceRequest, v1::PauseSourceResponse>(
      service + "PauseSource", [parts](const Call& call, const auto& request) {
        return Answered<v1::PauseSourceResponse>(
            parts.sources.Pause(call.actor, request.name(), request.reason()));
      });
  registry->Add<v1::ResumeSourceRequest, v1::ResumeSourceResponse>(
      service + "ResumeSource", [parts](const Call& call, const auto& request) {
        return Answered<v1::ResumeSourceResponse>(
            parts.sources.Resume(call.actor, request.name(), request.reason()));
      });
}

}  // namespace

void AddSourceMethods(SourceParts parts, Registry* registry) {
  const std::string service = "kontor.v1.SourceService/";
  registry->Add<v1::CreateSourceRequest, v1::CreateSourceResponse>(
      service + "CreateSource",
      [parts](const Call& call, const auto& request) { return Create(parts, call, request); });
  registry->Add<v1::GetSourceRequest, v1::GetSourceResponse>(
      service + "GetSource", [parts](const Call&, const auto& request) {
        return Answered<v1::GetSourceResponse>(parts.sources.Get(request.name()));
      });
  registry->Add<v1::ListSourcesRequest, v1::ListSourcesResponse>(
      service + "ListSources",
      [parts](const Call&, const auto& request) { return List(parts, request); });
  registry->Add<v1::CheckSourceRequest, v1::CheckSourceResponse>(
      service + "CheckSource",
      [parts](const Call& call, const auto& request) { return Check(parts, call, request); });
  registry->Add<v1::ListInboundMessagesRequest, v1::ListInboundMessagesResponse>(
      service + "ListInboundMessages", [parts](const Call& call, const auto& request) {
        return ListMessages(parts, call, request);
      });
  registry->Add<v1::GetInboundMessageRequest, v1::GetInboundMessageResponse>(
      service + "GetInboundMessage", [parts](const Call& call, const auto& request) {
        return GetMessage(parts, call, request);
      });
  registry->Add<v1::ReleaseInboundMessageRequest, v1::ReleaseInboundMessageResponse>(
      service + "ReleaseInboundMessage", [parts](const Call& call, const auto& request) {
        return AnsweredMessage<v1::ReleaseInboundMessageResponse>(
            parts.sources.Release(call.actor, request.id(), request.reason()));
      });
  registry->Add<v1::DiscardInboundMessageRequest, v1::DiscardInboundMessageResponse>(
      service + "DiscardInboundMessage", [parts](const Call& call, const auto& request) {
        return AnsweredMessage<v1::DiscardInboundMessageResponse>(
            parts.sources.Discard(call.actor, request.id(), request.reason()));
      });
  AddChanges(parts, registry);
}

}  // namespace kontor::api
