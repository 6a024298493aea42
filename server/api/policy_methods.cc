// SPDX-License-Identifier: Apache-2.0
// The server-wide posting policy: read by anyone who may, changed by two administrators. A proposal
// is kept beside the policy until another person sends the same rules.
#include <nlohmann/json.hpp>

#include "kontor/v1/admin.pb.h"
#include "server/api/accepting.h"
#include "server/base/text.h"
#include "server/engine/codec.h"

namespace kontor::api {
namespace {

using base::Error;
using base::Reason;
using nlohmann::json;

constexpr int kRulesMax = 500;
constexpr char kProposalName[] = "posting";

absl::StatusOr<std::optional<model::Decimal>> ReadBound(bool present, const v1::Money& money,
                                                        const std::string& field,
                                                        std::string* currency_code) {
  KONTOR_ASSIGN_OR_RETURN(const auto amount, ReadMoney(present, money, field));
  if (!amount.has_value()) return std::optional<model::Decimal>();
  const std::string& code = amount->currency().code();
  if (!currency_code->empty() && *currency_code != code) {
    return Error(Reason::kFieldConflict).Field(field).Says("both bounds need one currency");
  }
  *currency_code = code;
  return std::optional<model::Decimal>(amount->ToDecimal());
}

absl::StatusOr<engine::PostingRule> ReadRule(const v1::PostingRule& in, const std::string& root) {
  engine::PostingRule out;
  out.source = in.source();
  out.entity = in.entity();
  switch (in.document_type()) {
    case v1::DOCUMENT_TYPE_PARTNER:
      return Error(Reason::kFieldInvalid)
          .Field(root + ".document_type")
          .Says("partners are not posted");
    case v1::DOCUMENT_TYPE_INVOICE: out.type = model::DocumentType::kInvoice; break;
    case v1::DOCUMENT_TYPE_PAYMENT: out.type = model::DocumentType::kPayment; break;
    case v1::DOCUMENT_TYPE_JOURNAL_ENTRY: out.type = model::DocumentType::kJournalEntry; break;
    case v1::DOCUMENT_TYPE_EXPENSE_CLAIM: out.type = model::DocumentType::kExpenseClaim; break;
    default: break;
  }
  if (in.invoice_kind() != v1::Invoice::KIND_UNSPECIFIED) {
    constexpr std::string_view kPrefix = "KIND_";
    out.subtype = v1::Invoice::Kind_Name(in.invoice_kind()).substr(kPrefix.size());
  }
  KONTOR_ASSIGN_OR_RETURN(out.amount_from, ReadBound(in.has_min_amount(), in.min_amount(),
                                                     root + ".min_amount", &out.currency_code));
  KONTOR_ASSIGN_OR_RETURN(out.amount_to, ReadBound(in.has_max_amount(), in.max_amount(),
                                                   root + ".max_amount", &out.currency_code));
  const auto posting = ReadPosting(in.posting());
  if (!posting.has_value()) {
    return Error(Reason::kFieldMissing).Field(root + ".posting").Says("draft, hold or post?");
  }
  out.posting = *posting;
  return out;
}

void WriteRule(const engine::PostingRule& in, v1::PostingRule* out) {
  out->set_source(in.source);
  out->set_entity(in.entity);
  if (in.type) out->set_document_type(WriteType(*in.type));
  if (!in.subtype.empty()) {
    v1::Invoice::Kind kind = v1::Invoice::KIND_UNSPECIFIED;
    v1::Invoice::Kind_Parse("KIND_" + in.subtype, &kind);
    out->set_invoice_kind(kind);
  }
  const auto write_bound = [&](const std::optional<model::Decimal>& bound, auto mutable_money) {
    if (!bound) return;
    mutable_money()->set_currency_code(in.currency_code);
    mutable_money()->set_value(model::AmountText(in.currency_code, *bound));
  };
  write_bound(in.amount_from, [out] { return out->mutable_min_amount(); });
  write_bound(in.amount_to, [out] { return out->mutable_max_amount(); });
  out->set_posting(WritePosting(in.posting));
}

/// The policy's body: the rules as the engine reads them, and who proposed them.
std::string BodyOf(const std::string& rules_json, const std::string& author) {
  json body = json::parse(rules_json);
  body["author"] = author;
  return body.dump();
}

absl::Status WritePolicy(const std::optional<ports::ObjectRow>& row, v1::PostingPolicy* out) {
  if (!row.has_value()) return absl::OkStatus();
  KONTOR_ASSIGN_OR_RETURN(const auto rules, engine::PostingRulesFromJson(row->body));
  for (const auto& rule : rules) WriteRule(rule, out->add_rules());
  const json body = json::parse(row->body, nullptr, false);
  if (body.is_object()) out->set_author(body.value("author", ""));
  out->set_version(row->version);
  WriteTime(row->updated, out->mutable_create_time());
  return absl::OkStatus();
}

absl::StatusOr<std::optional<ports::ObjectRow>> InForce(ports::ReadView& view) {
  return view.FindObject(std::string(engine::kPolicyKind),
                         std::string(engine::kPostingPolicyName));
}

/// One call of an update inside its unit.
struct Change {
  const Call& call;
  const v1::UpdatePostingPolicyRequest& request;
  std::string rules_json;
  absl::Time now;

  ports::AuditEntry Audit(const std::string& action) const {
    ports::AuditEntry entry;
    entry.time = now;
    entry.actor = call.actor.principal_id;
    entry.role = "ADMINISTRATOR";
    entry.action = action;
    entry.subject = "policy/posting";
    entry.after = rules_json;
    entry.reason = request.reason();
    return entry;
  }
};

absl::Status Propose(ports::Unit& unit, const Change& change,
                     const std::optional<ports::ObjectRow>& old) {
  ports::ObjectRow row = old.value_or(ports::ObjectRow{});
  row.kind = "posting_policy_proposal";
  row.id = kProposalName;
  row.name = kProposalName;
  if (!old.has_value()) row.created = change.now;
  row.updated = change.now;
  row.body = json{{"rules", change.rules_json},
                  {"proposer_id", change.call.actor.principal_id},
                  {"proposer", change.call.actor.name},
                  {"replaces", change.request.policy().version()}}
                 .dump();
  KONTOR_RETURN_IF_ERROR(unit.PutObject(row));
  return unit.AppendAudit(change.Audit("policy.propose"));
}

absl::Status Apply(ports::Unit& unit, const Change& change, const std::string& proposer,
                   std::optional<ports::ObjectRow> policy) {
  ports::ObjectRow row = policy.value_or(ports::ObjectRow{});
  row.kind = std::string(engine::kPolicyKind);
  row.id = std::string(engine::kPostingPolicyName);
  row.name = row.id;
  if (!policy.has_value()) row.created = change.now;
  row.updated = change.now;
  row.body = BodyOf(change.rules_json, proposer);
  KONTOR_RETURN_IF_ERROR(unit.PutObject(row));
  KONTOR_RETURN_IF_ERROR(unit.DeleteObject("posting_policy_proposal", kProposalName));
  return unit.AppendAudit(change.Audit("policy.activate"));
}

absl::Status Update(ports::Unit& unit, const Change& change,
                    v1::UpdatePostingPolicyResponse* response) {
  response->Clear();
  KONTOR_ASSIGN_OR_RETURN(auto policy, InForce(unit));
  const int64_t version = policy.has_value() ? policy->version : 0;
  if (change.request.policy().version() != version) {
    return Error(Reason::kVersionConflict)
        .Field("policy.version")
        .With("version", base::StrCat(version))
        .Says(base::StrCat("version ", version, " is in force"));
  }
  KONTOR_ASSIGN_OR_RETURN(const auto proposal,
                          unit.FindObject("posting_policy_proposal", kProposalName));
  const json body =
      proposal.has_value() ? json::parse(proposal->body, nullptr, false) : json::object();
  const bool same = proposal.has_value() && body.value("rules", "") == change.rules_json &&
                    body.value("replaces", int64_t{-1}) == version;
  const bool other_person =
      same && body.value("proposer_id", "") != change.call.actor.principal_id;
  response->set_done(other_person);
  if (other_person) {
    const std::string proposer = body.value("proposer", "");
    KONTOR_RETURN_IF_ERROR(Apply(unit, change, proposer, std::move(policy)));
    response->add_approvers(proposer);
  } else if (!same) {
    KONTOR_RETURN_IF_ERROR(Propose(unit, change, proposal));
  }
  response->add_approvers(change.call.actor.name);
  KONTOR_ASSIGN_OR_RETURN(const auto now, InForce(unit));
  return WritePolicy(now, response->mutable_policy());
}

std::string AnswerText(const v1::UpdatePostingPolicyResponse& response) {
  engine::Agreement progress{response.done(), {}};
  progress.approvers.assign(response.approvers().begin(), response.approvers().end());
  return engine::ToText(progress);
}

absl::StatusOr<v1::UpdatePostingPolicyResponse> UpdatePolicy(
    const Parts& parts, const Call& call, const v1::UpdatePostingPolicyRequest& request,
    const engine::RequestKey& key) {
  if (!call.actor.is_person) {
    return Error(Reason::kPersonRequired).Says("a posting policy is changed by persons");
  }
  KONTOR_RETURN_IF_ERROR(base::CheckReason(request.reason(), engine::kReasonMax));
  if (request.policy().rules_size() > kRulesMax) {
    return Error(Reason::kTooLarge).Field("policy.rules").Says("at most 500 rules");
  }
  std::vector<engine::PostingRule> rules;
  for (int i = 0; i < request.policy().rules_size(); ++i) {
    KONTOR_ASSIGN_OR_RETURN(auto rule, ReadRule(request.policy().rules(i),
                                                base::StrCat("policy.rules[", i, "]")));
    rules.push_back(std::move(rule));
  }
  const Change change{call, request, engine::ToJson(rules), parts.clock.Now()};
  v1::UpdatePostingPolicyResponse response;
  KONTOR_RETURN_IF_ERROR(parts.store.Commit([&](ports::Unit& unit) -> absl::Status {
    KONTOR_RETURN_IF_ERROR(Update(unit, change, &response));
    return engine::KeepRequest(unit, call.actor, key, AnswerText(response));
  }));
  return response;
}

/// What a repeat is told: the decision as it was, with the policy that is in force now.
absl::StatusOr<v1::UpdatePostingPolicyResponse> AnswerAgain(const Parts& parts,
                                                            const std::string& text) {
  const engine::Agreement progress = engine::AgreementFrom(text);
  v1::UpdatePostingPolicyResponse response;
  response.set_done(progress.done);
  for (const auto& name : progress.approvers) response.add_approvers(name);
  KONTOR_RETURN_IF_ERROR(parts.store.Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(const auto row, InForce(view));
    return WritePolicy(row, response.mutable_policy());
  }));
  return response;
}

}  // namespace

void AddPolicyMethods(Parts parts, Registry* registry) {
  const std::string service = "kontor.v1.AdminService/";
  registry->Add<v1::GetPostingPolicyRequest, v1::GetPostingPolicyResponse>(
      service + "GetPostingPolicy",
      [parts](const Call&, const auto&) -> absl::StatusOr<v1::GetPostingPolicyResponse> {
        v1::GetPostingPolicyResponse response;
        KONTOR_RETURN_IF_ERROR(parts.store.Read([&](ports::ReadView& view) -> absl::Status {
          KONTOR_ASSIGN_OR_RETURN(const auto row, InForce(view));
          return WritePolicy(row, response.mutable_policy());
        }));
        return response;
      });
  registry->Add<v1::UpdatePostingPolicyRequest, v1::UpdatePostingPolicyResponse>(
      service + "UpdatePostingPolicy", [parts](const Call& call, const auto& request) {
        return Once<v1::UpdatePostingPolicyResponse>(
            parts, call, "UpdatePostingPolicy", request,
            [&](const engine::RequestKey& key) { return UpdatePolicy(parts, call, request, key); },
            [&](const std::string& text) { return AnswerAgain(parts, text); });
      });
}

}  // namespace kontor::api
