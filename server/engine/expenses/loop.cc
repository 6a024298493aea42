// SPDX-License-Identifier: Apache-2.0
#include "server/engine/expenses/internal/loop.h"

namespace kontor::expenses {

using base::Error;
using base::Reason;

absl::StatusOr<model::Source> Loop::SourceByName(const std::string& name) {
  // A source may have thousands of rules, and every step of every report asks for it.
  constexpr absl::Duration kBelieved = absl::Seconds(5);
  uint64_t generation = 0;
  {
    const std::lock_guard lock(sources_mutex_);
    const auto it = sources_.find(name);
    const bool fresh =
        it != sources_.end() && absl::AbsDuration(Now() - it->second.read) < kBelieved;
    if (fresh) return it->second.source;
    generation = sources_generation_;
  }
  model::Source source;
  KONTOR_RETURN_IF_ERROR(deps.store.Read([&](ports::ReadView& view) -> absl::Status {
    KONTOR_ASSIGN_OR_RETURN(const auto row, view.FindObject(model::kSourceKind, name));
    if (!row.has_value()) {
      return Error(Reason::kSourceUnknown)
          .Field("source")
          .With("source", name)
          .Says(base::StrCat("there is no source '", name, "'"));
    }
    KONTOR_ASSIGN_OR_RETURN(source, model::SourceFromBody(row->body));
    source.id = row->id;
    source.name = row->name;
    source.version = row->version;
    return absl::OkStatus();
  }));
  const std::lock_guard lock(sources_mutex_);
  if (sources_generation_ == generation) sources_[name] = {source, Now()};
  return source;
}

void Loop::ForgetSources() {
  const std::lock_guard lock(sources_mutex_);
  sources_.clear();
  ++sources_generation_;
}

absl::StatusOr<std::shared_ptr<ports::ExpenseSource>> Loop::AdapterOf(
    const model::Source& source) {
  return adapters_.Get(source.id, source.version, [&] { return deps.adapters(source); });
}

ports::Actor Loop::ActorOf(const model::Source& source) {
  ports::Actor actor;
  actor.principal_id = source.id;
  actor.name = source.name;
  actor.source = base::StrCat("source/", source.name);
  actor.roles = {ports::Role::kSubmitter};
  actor.entities = {source.entity};
  return actor;
}

std::string Loop::RequestIdOf(const Body& body, std::string_view part) const {
  std::string text =
      base::StrCat(KeyOf(body.source, body.external_id, body.revision), "\x1f", part);
  if (body.round > 0) base::StrAppend(&text, "\x1f", body.round);
  return base::StrCat("x1-", deps.crypto.Sha256Hex(text).substr(0, 40));
}

}  // namespace kontor::expenses
