// SPDX-License-Identifier: Apache-2.0
// `kontorctl screening import FILE --list ofac` sends a sanctions list and proposes it;
// `kontorctl screening status` says which lists are in force and how old they are.
#include <ostream>

#include "google/protobuf/util/time_util.h"
#include "kontor/v1/screening.pb.h"
#include "sdk/cli/fields.h"
#include "sdk/cli/output.h"
#include "sdk/cli/own_commands.h"
#include "sdk/cli/table.h"
#include "sdk/cli/upload.h"

namespace kontor::cli {
namespace {

constexpr size_t kWords = 3;

std::string StateOf(const v1::ScreeningList& list) {
  return ShortName(*v1::ScreeningList::State_descriptor()->FindValueByNumber(list.state()));
}

absl::Status FillHead(const Globals& globals, v1::ImportScreeningListRequest* head) {
  for (const auto& [flag, value] : globals.fields) {
    const absl::Status set = SetField(flag, value, head);
    if (!set.ok()) return set;
  }
  CompleteHead(globals.words[2], head);
  return absl::OkStatus();
}

void Print(const v1::ImportScreeningListResponse& response, Surroundings& surroundings) {
  const v1::ScreeningList& list = response.list();
  auto& out = surroundings.out;
  out << "list     " << list.name() << ", published on " << list.published() << "\n"
      << "format   " << list.format() << "\n"
      << "entries  " << list.party_count() << " with " << list.name_count() << " names";
  if (response.active_party_count() > 0) {
    out << "; in force are " << response.active_party_count();
  }
  out << "\nSHA-256  " << list.sha256() << "\n";
  if (response.policy_version().empty()) {
    out << "These very bytes are in force already.\n";
    return;
  }
  // A list that lost half of its entries was more likely cut off than emptied.
  if (list.party_count() * 2 < response.active_party_count()) {
    surroundings.err << "kontorctl: the list has less than half of the entries that are in force; "
                        "make sure that it is whole\n";
  }
  out << "Proposed as " << response.policy_version()
      << ". It comes into force when another person says:\n  kontorctl policy promote "
      << response.policy_version() << " --digest " << response.policy_digest() << "\n";
}

void Print(const v1::GetScreeningStatusResponse& response, Surroundings& surroundings) {
  if (response.policy_version().empty()) {
    surroundings.out << "nobody is screened: no version of the policy lists is in force\n";
  } else {
    surroundings.out << response.policy_version() << ": names " << response.threshold_percent()
                     << " % alike hold, lists are stale after ";
    if (response.stale_after_days() == 0) {
      surroundings.out << "no time\n";
    } else {
      surroundings.out << response.stale_after_days() << " days\n";
    }
  }
  Table table;
  table.columns = {{"list"},        {"state"},  {"published"},   {"age"},  {"entries", true},
                   {"names", true}, {"policy"}, {"imported by"}, {"file"}, {"SHA-256"}};
  for (const v1::ScreeningList& list : response.lists()) {
    const bool active = list.state() == v1::ScreeningList::STATE_ACTIVE;
    table.rows.push_back(
        {{list.name()},
         {StateOf(list), active ? Colour::kGreen : Colour::kPlain},
         {list.published()},
         {list.stale() ? "STALE" : "fresh", list.stale() ? Colour::kRed : Colour::kGreen},
         {std::to_string(list.party_count())},
         {std::to_string(list.name_count())},
         {list.policy_version()},
         {list.importer()},
         {list.file_name()},
         {list.sha256()}});
  }
  if (!table.rows.empty()) surroundings.out << Render(table, surroundings.terminal);
}

}  // namespace

ExitCode RunScreeningImport(const Globals& globals, Surroundings& surroundings) {
  v1::ImportScreeningListRequest head;
  if (globals.words.size() != kWords) {
    return Usage("usage: kontorctl screening import FILE --list ofac|eu|un [--published DATE]",
                 surroundings);
  }
  const absl::Status filled = FillHead(globals, &head);
  if (!filled.ok()) return Usage(filled, surroundings);
  if (head.list().empty()) {
    return Usage("say which list it is: --list ofac, eu or un", surroundings);
  }
  auto connection = surroundings.connect(globals.options);
  if (!connection.ok()) return Usage(connection.status(), surroundings);
  v1::ImportScreeningListResponse response;
  const absl::Status called =
      SendFile(**connection, "/kontor.v1.ScreeningService/ImportScreeningList", std::move(head),
               globals.words[2], surroundings, &response);
  if (!called.ok()) return Fail(called, globals, surroundings);
  if (globals.json) {
    surroundings.out << ToJson(response);
  } else {
    Print(response, surroundings);
  }
  return kDone;
}

ExitCode RunScreeningStatus(const Globals& globals, Surroundings& surroundings) {
  if (globals.words.size() != 2) return Usage("screening status takes no words", surroundings);
  auto connection = surroundings.connect(globals.options);
  if (!connection.ok()) return Usage(connection.status(), surroundings);
  v1::GetScreeningStatusResponse response;
  const absl::Status called = (*connection)
                                  ->Call("/kontor.v1.ScreeningService/GetScreeningStatus",
                                         v1::GetScreeningStatusRequest(), response, {});
  if (!called.ok()) return Fail(called, globals, surroundings);
  if (globals.json) {
    surroundings.out << ToJson(response);
  } else {
    Print(response, surroundings);
  }
  return kDone;
}

}  // namespace kontor::cli
