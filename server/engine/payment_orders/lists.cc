// SPDX-License-Identifier: Apache-2.0
#include "server/engine/payment_orders/lists.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "server/base/ids.h"
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/base/text.h"
#include "server/engine/blobs.h"

namespace kontor::payment_orders {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;
using model::PaymentPolicy;
using model::PolicyState;
using nlohmann::json;

constexpr char kListSpace[] = "screening_list";  ///< Reserved: SHA-256.
constexpr char kListBlobKind[] = "screening_list";
constexpr int kListsShown = 500;
constexpr size_t kFileNameMax = 255;
constexpr size_t kListNameMax = 32;
constexpr int kReasonMax = 1000;

/// A first reading: nothing is kept of it.
class Nobody final : public ports::ListedPartySink {
 public:
  absl::Status OnParty(const ports::ListedParty&) override { return absl::OkStatus(); }
  absl::Status OnProgramme(std::string_view, std::string_view) override { return absl::OkStatus(); }
};

struct ListRow {
  LoadedList list;
  std::string blob_id;
  int64_t bytes = 0;
};

std::string BodyOf(const ListRow& row) {
  return json{{"name", row.list.name},
              {"format", row.list.format},
              {"file", row.list.file_name},
              {"sha256", row.list.sha256},
              {"published", row.list.published.ToString()},
              {"parties", row.list.party_count},
              {"names", row.list.name_count},
              {"importer", row.list.importer},
              {"blob", row.blob_id},
              {"bytes", row.bytes}}
      .dump(-1, ' ', false, json::error_handler_t::replace);
}

absl::StatusOr<ListRow> RowFrom(const ports::FlowRow& flow) {
  const json body = json::parse(flow.body, nullptr, false);
  if (!body.is_object()) {
    return Error(Reason::kInternal).Says(StrCat(flow.id, " is unreadable"));
  }
  ListRow row;
  row.list.name = body.value("name", "");
  row.list.format = body.value("format", "");
  row.list.file_name = body.value("file", "");
  row.list.sha256 = body.value("sha256", "");
  row.list.party_count = body.value("parties", int64_t{0});
  row.list.name_count = body.value("names", int64_t{0});
  row.list.importer = body.value("importer", "");
  row.list.imported = flow.created;
  row.blob_id = body.value("blob", "");
  row.bytes = body.value("bytes", int64_t{0});
  KONTOR_ASSIGN_OR_RETURN(row.list.published, model::Date::Parse(body.value("published", "")));
  return row;
}

absl::StatusOr<std::optional<ListRow>> FindList(ports::ReadView& view, const std::string& sha256) {
  KONTOR_ASSIGN_OR_RETURN(const auto ids, view.FlowsByKey(kListSpace, sha256, 1));
  if (ids.empty()) return std::optional<ListRow>();
  KONTOR_ASSIGN_OR_RETURN(const auto flow, view.FindFlow(ids.front()));
  if (!flow) return std::optional<ListRow>();
  KONTOR_ASSIGN_OR_RETURN(ListRow row, RowFrom(*flow));
  return std::optional<ListRow>(std::move(row));
}

absl::Status CheckRequest(const ports::Actor& actor, const ListImport& request) {
  if (!actor.is_person) {
    return Error(Reason::kPersonRequired).Says("a person answers for a sanctions list");
  }
  const bool named =
      !request.list.empty() && request.list.size() <= kListNameMax &&
      request.list.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
  if (!named) {
    return Error(Reason::kFieldInvalid)
        .Field("list")
        .Says("a list is named by 1 to 32 of a-z, 0-9 and '-', such as ofac, eu or un");
  }
  KONTOR_RETURN_IF_ERROR(base::CheckText(request.file_name, kFileNameMax, "file_name", false));
  return base::CheckText(request.reason, kReasonMax, "reason", true);
}

/// The day that the file says, or that its importer says where it does not.
absl::StatusOr<model::Date> DayOf(const ports::ListReport& report, const ListImport& request,
                                  absl::Time now) {
  if (!report.published && !request.published) {
    return Error(Reason::kFieldMissing)
        .Field("published")
        .Says("a table does not say when it was published; say it");
  }
  const model::Date day = report.published ? *report.published : *request.published;
  if (request.published && *request.published != day) {
    return Error(Reason::kFieldConflict)
        .Field("published")
        .Says(StrCat("the file says that it was published on ", day.ToString()));
  }
  if (day > model::Date::Of(now).PlusDays(1)) {
    return Error(Reason::kFieldInvalid)
        .Field("published")
        .Says(StrCat("the list would be of the future: ", day.ToString()));
  }
  return day;
}

/// The version that a new one builds on: the newest that is in force or may yet be, so that lists
/// imported one after the other do not push each other out.
const PaymentPolicy* BaseOf(const std::vector<PaymentPolicy>& all) {
  const PaymentPolicy* best = nullptr;
  for (const PaymentPolicy& policy : all) {
    const bool live =
        policy.state == PolicyState::kActive || policy.state == PolicyState::kProposed;
    if (live && (best == nullptr || policy.number > best->number)) best = &policy;
  }
  return best;
}

json WithList(const PaymentPolicy* base, const LoadedList& list) {
  json content = base == nullptr ? json::object() : json::parse(base->content, nullptr, false);
  if (!content.is_object()) content = json::object();
  json& lists = content["lists"];
  if (!lists.is_array()) lists = json::array();
  json entry = {{"name", list.name}};
  json* place = nullptr;
  for (json& known : lists) {
    if (known.value("name", "") == list.name) place = &known;
  }
  if (place == nullptr) place = &lists.emplace_back(std::move(entry));
  (*place)["format"] = list.format;
  (*place)["file"] = list.file_name.empty() ? list.name : list.file_name;
  (*place)["sha256"] = list.sha256;
  return content;
}

std::vector<model::ScreeningList> ListsIn(const PaymentPolicy& policy) {
  std::vector<model::Finding> ignored;  // it was checked when it was proposed
  return model::ReadScreeningRules(policy.content, &ignored).lists;
}

/// Where a list stands, by the versions that name it.
void Place(const std::vector<PaymentPolicy>& all, LoadedList& list) {
  for (const PaymentPolicy& policy : all) {
    const bool active = policy.state == PolicyState::kActive;
    if (!active && (policy.state != PolicyState::kProposed || list.state == ListState::kActive)) {
      continue;
    }
    for (const model::ScreeningList& named : ListsIn(policy)) {
      if (named.sha256 != list.sha256) continue;
      list.name = named.name;
      list.state = active ? ListState::kActive : ListState::kProposed;
      list.policy_version = policy.Name();
    }
  }
}

/// The list in the store for good, with its key and the audit of who brought it.
absl::Status Write(const ListDependencies& deps, const ports::Actor& actor,
                   const ListImport& request, const ListRow& row,
                   const engine::WrittenBlob& written) {
  return deps.store.Commit([&](ports::Unit& unit) -> absl::Status {
    ports::FlowRow flow;
    flow.kind = kListKind;
    flow.id = deps.ids.Next(kListPrefix);
    flow.group = request.list;
    flow.state = "LOADED";
    flow.open = false;
    flow.body = BodyOf(row);
    flow.created = flow.updated = row.list.imported;
    const ports::BlobRow blob{row.blob_id,       flow.id,       kListBlobKind,
                              request.file_name, "application/octet-stream",
                              request.sha256,    written.bytes, written.parts,
                              "{}",              row.list.imported};
    // The same bytes may have come twice at once: the first of them is enough.
    KONTOR_ASSIGN_OR_RETURN(const std::string holder,
                            unit.ReserveFlowKey({kListSpace, request.sha256, flow.id}));
    if (holder != flow.id) return absl::OkStatus();
    KONTOR_RETURN_IF_ERROR(unit.PutFlow(flow));
    KONTOR_RETURN_IF_ERROR(unit.InsertBlob(blob));
    ports::AuditEntry audit;
    audit.time = deps.clock.Now();
    audit.actor = actor.principal_id;
    audit.role = std::string(ports::NameOf(ports::Role::kAdministrator));
    audit.action = "screening_list.import";
    audit.subject = flow.id;
    audit.after = flow.body;
    audit.reason = request.reason;
    return unit.AppendAudit(std::move(audit));
  });
}

/// Reads the bytes twice: the first time proves them, the second keeps them.
absl::StatusOr<LoadedList> Keep(const ListDependencies& deps, const ports::Actor& actor,
                                const ListImport& request, const ScreeningLists::OpenBytes& open) {
  Nobody nobody;
  const auto first = open();
  KONTOR_ASSIGN_OR_RETURN(const ports::ListReport report, deps.reader.Read(*first, nobody));
  ListRow row;
  KONTOR_ASSIGN_OR_RETURN(row.list.published, DayOf(report, request, deps.clock.Now()));
  row.list.name = request.list;
  row.list.format = report.format;
  row.list.file_name = request.file_name;
  row.list.sha256 = request.sha256;
  row.list.party_count = report.party_count;
  row.list.name_count = report.name_count;
  row.list.importer = actor.name;
  row.list.imported = deps.clock.Now();
  row.blob_id = deps.ids.Next(base::kBlobPrefix);
  const auto second = open();
  KONTOR_ASSIGN_OR_RETURN(
      const engine::WrittenBlob written,
      engine::WriteBlobParts(deps.store, row.blob_id, *second, deps.file_bytes_max));
  if (written.sha256 != request.sha256) {
    return Error(Reason::kFormatTruncated).Says("the file changed while it was read");
  }
  row.bytes = written.bytes;
  KONTOR_RETURN_IF_ERROR(Write(deps, actor, request, row, written));
  return row.list;
}

/// A version of the policy that names the list; another person activates it.
absl::Status Propose(const ListDependencies& deps, const ports::Actor& actor,
                     const ListImport& request, ImportedList& out) {
  KONTOR_ASSIGN_OR_RETURN(const auto all, deps.policies.List("lists"));
  const std::string content = WithList(BaseOf(all), out.list).dump(1);
  const std::string digest = deps.crypto.Sha256Hex(StrCat(
      "ImportScreeningList\x1f", request.list, "\x1f", request.sha256, "\x1f", request.reason));
  KONTOR_ASSIGN_OR_RETURN(
      const PaymentPolicy proposed,
      deps.policies.Propose(actor, request.request_id, digest, "lists", content,
                            request.reason.empty() ? "a newer list" : request.reason));
  out.list.state = ListState::kProposed;
  out.list.policy_version = out.policy_version = proposed.Name();
  out.policy_digest = proposed.digest;
  return absl::OkStatus();
}

}  // namespace

int StaleAfter(const model::ScreeningRules& rules, const std::string& list) {
  for (const model::ScreeningList& named : rules.lists) {
    if (named.name == list && named.stale_after_days > 0) return named.stale_after_days;
  }
  return rules.stale_after_days;
}

bool IsStale(const model::ScreeningRules& rules, const std::string& list,
             const model::Date& published, absl::Time now) {
  const int days = StaleAfter(rules, list);
  return days > 0 && model::Date::Of(now).DaysSince(published) > days;
}

absl::Status CheckListsAreLoaded(ports::ReadView& view, const std::string& content) {
  std::vector<model::Finding> findings;
  const auto rules = model::ReadScreeningRules(content, &findings);
  for (size_t i = 0; i < rules.lists.size(); ++i) {
    KONTOR_ASSIGN_OR_RETURN(const auto known, FindList(view, rules.lists[i].sha256));
    if (known && known->list.format == rules.lists[i].format) continue;
    return Error(Reason::kPolicyInvalid)
        .Field(StrCat("lists[", static_cast<int64_t>(i), "].sha256"))
        .Says(known ? StrCat("these bytes are of the format ", known->list.format)
                    : "nobody has imported a list with these bytes");
  }
  return absl::OkStatus();
}

absl::StatusOr<ImportedList> ScreeningLists::Import(const ports::Actor& actor,
                                                    const ListImport& request,
                                                    const OpenBytes& open) {
  KONTOR_RETURN_IF_ERROR(CheckRequest(actor, request));
  std::optional<ListRow> row;
  KONTOR_RETURN_IF_ERROR(deps_.store.Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(row, FindList(view, request.sha256));
    return absl::OkStatus();
  }));
  if (row && request.published && *request.published != row->list.published) {
    return Error(Reason::kFieldConflict)
        .Field("published")
        .Says(StrCat("these bytes were imported as published on ", row->list.published.ToString()));
  }
  ImportedList out;
  if (row) {
    out.list = row->list;
  } else {
    KONTOR_ASSIGN_OR_RETURN(out.list, Keep(deps_, actor, request, open));
  }
  out.list.name = request.list;
  KONTOR_ASSIGN_OR_RETURN(const auto before, Status());
  for (const LoadedList& other : before.lists) {
    if (other.state != ListState::kActive || other.name != request.list) continue;
    out.active_party_count = other.party_count;
    if (other.sha256 != request.sha256) continue;
    out.list = other;
    return out;
  }
  KONTOR_RETURN_IF_ERROR(Propose(deps_, actor, request, out));
  return out;
}

absl::StatusOr<ScreeningStatus> ScreeningLists::Status() {
  ScreeningStatus out;
  KONTOR_ASSIGN_OR_RETURN(const auto all, deps_.policies.List("lists"));
  model::ScreeningRules rules;
  for (const PaymentPolicy& policy : all) {
    if (policy.state != PolicyState::kActive) continue;
    std::vector<model::Finding> ignored;
    rules = model::ReadScreeningRules(policy.content, &ignored);
    out.policy_version = policy.Name();
  }
  out.threshold_percent = rules.threshold_percent;
  out.stale_after_days = rules.stale_after_days;
  KONTOR_RETURN_IF_ERROR(deps_.store.Read([&](ports::ReadView& view) -> absl::Status {
    out.lists.clear();
    ports::FlowFilter filter;
    filter.kind = kListKind;
    KONTOR_ASSIGN_OR_RETURN(const auto listed, view.ListFlows(filter, {kListsShown, ""}));
    for (const ports::FlowRow& flow : listed.rows) {
      KONTOR_ASSIGN_OR_RETURN(ListRow row, RowFrom(flow));
      out.lists.push_back(std::move(row.list));
    }
    return absl::OkStatus();
  }));
  for (LoadedList& list : out.lists) {
    Place(all, list);
    list.stale = IsStale(rules, list.name, list.published, deps_.clock.Now());
  }
  std::ranges::stable_sort(out.lists, [](const LoadedList& a, const LoadedList& b) {
    return (a.state == ListState::kActive) > (b.state == ListState::kActive);
  });
  return out;
}

absl::StatusOr<ListBytes> ScreeningLists::Open(const std::string& sha256) {
  std::optional<ListRow> row;
  KONTOR_RETURN_IF_ERROR(deps_.store.Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(row, FindList(view, sha256));
    return absl::OkStatus();
  }));
  if (!row) return Error(Reason::kNotFound).Says("nobody has imported it");
  return ListBytes{engine::OpenBlob(deps_.store, row->blob_id, row->bytes), row->list.published};
}

}  // namespace kontor::payment_orders
