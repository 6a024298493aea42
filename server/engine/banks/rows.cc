// SPDX-License-Identifier: Apache-2.0
#include "server/engine/banks/rows.h"

#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::banks {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;
using model::Channel;
using model::OwnAccount;

template <typename Thing>
absl::StatusOr<Thing> FromRow(const ports::ObjectRow& row,
                              absl::StatusOr<Thing> (*read)(std::string_view)) {
  KONTOR_ASSIGN_OR_RETURN(Thing thing, read(row.body));
  thing.id = row.id;
  thing.name = row.name;
  thing.created = row.created;
  thing.updated = row.updated;
  thing.version = row.version;
  return thing;
}

template <typename Thing>
absl::StatusOr<std::vector<Thing>> FromRows(
    const absl::StatusOr<std::vector<ports::ObjectRow>>& rows,
    absl::StatusOr<Thing> (*read)(std::string_view)) {
  KONTOR_RETURN_IF_ERROR(rows.status());
  std::vector<Thing> things;
  for (const ports::ObjectRow& row : *rows) {
    KONTOR_ASSIGN_OR_RETURN(Thing thing, FromRow<Thing>(row, read));
    things.push_back(std::move(thing));
  }
  return things;
}

}  // namespace

absl::StatusOr<Channel> FindChannel(ports::ReadView& view, const std::string& name,
                                    std::string_view field) {
  KONTOR_ASSIGN_OR_RETURN(const auto row, view.FindObject(model::kChannelKind, name));
  if (row) return FromRow<Channel>(*row, model::ChannelFromBody);
  return Error(Reason::kChannelUnknown)
      .Field(field)
      .With("channel", name)
      .Says(StrCat("there is no channel '", name, "'"));
}

absl::StatusOr<OwnAccount> FindAccount(ports::ReadView& view, const std::string& name,
                                       std::string_view field) {
  KONTOR_ASSIGN_OR_RETURN(const auto row, view.FindObject(model::kOwnAccountKind, name));
  if (row) return FromRow<OwnAccount>(*row, model::OwnAccountFromBody);
  return Error(Reason::kOwnAccountUnknown)
      .Field(field)
      .With("account", name)
      .Says(StrCat("there is no account '", name, "'"));
}

absl::StatusOr<std::vector<Channel>> AllChannels(ports::ReadView& view) {
  return FromRows<Channel>(view.AllObjects(model::kChannelKind), model::ChannelFromBody);
}

absl::StatusOr<std::vector<OwnAccount>> AllAccounts(ports::ReadView& view) {
  return FromRows<OwnAccount>(view.AllObjects(model::kOwnAccountKind), model::OwnAccountFromBody);
}

}  // namespace kontor::banks
