// SPDX-License-Identifier: Apache-2.0
// Names of an operation's parts, and the table of transitions (DESIGN 5).
#include "server/model/operation.h"

#include <algorithm>
#include <array>
#include <initializer_list>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/model/internal/names.h"

namespace kontor::model {
namespace {

using enum OperationState;

constexpr std::array<std::string_view, 10> kStates = {
    "ACCEPTED",  "READY", "SENDING", "RETRYING", "UNKNOWN",
    "EXCEPTION", "HELD",  "PARKED",  "POSTED",   "CANCELLED"};
constexpr std::array<std::string_view, 4> kVerbs = {"CREATE", "UPDATE", "CANCEL", "REVERSE"};
constexpr std::array<std::string_view, 3> kPostings = {"DRAFT", "HOLD", "POST"};
constexpr std::array<std::string_view, 3> kPaths = {"UNDECIDED", "LOAD", "ADDON"};
constexpr std::array<std::string_view, 7> kParkReasons = {
    "NONE",           "PERIOD_CLOSED", "CONNECTION_PAUSED", "ENTITY_SHADOW",
    "OUTSIDE_WINDOW", "DEPENDS_ON",    "RESTORE_HOLD"};
constexpr std::array<std::string_view, 12> kStepKinds = {
    "UPSERT_PARTNER", "BANK_ACCOUNTS", "CREATE_DRAFT", "COMPARE_DRAFT", "CORRECT_TAX", "POST",
    "RECONCILE",      "VERIFY",        "ATTACH",       "REMOVE_DRAFT",  "UNDO",        "APPLY"};
constexpr std::array<std::string_view, 5> kStepStates = {"PENDING", "SENDING", "DONE", "UNKNOWN",
                                                         "SKIPPED"};

struct Exits {
  OperationState from;
  std::initializer_list<OperationState> to;
};

/// Every way out of every state. Before the first send a failure is known not to have been applied,
/// so the checks may retry or park too; a send under way can never simply be cancelled.
const Exits kExits[] = {
    {kAccepted, {kReady, kRetrying, kException, kHeld, kParked, kCancelled}},
    {kReady, {kSending, kRetrying, kException, kParked, kCancelled}},
    {kSending, {kSending, kReady, kRetrying, kUnknown, kException, kHeld, kParked, kPosted}},
    {kRetrying, {kReady, kException, kParked, kCancelled}},
    {kUnknown, {kReady, kSending, kException, kPosted}},
    {kException, {kReady, kCancelled}},
    {kHeld, {kReady, kCancelled}},
    {kParked, {kReady, kException, kCancelled}},
    {kPosted, {}},
    {kCancelled, {}},
};

}  // namespace

std::string_view NameOf(OperationState state) { return internal::NameAt(kStates, state); }
std::optional<OperationState> ParseOperationState(std::string_view name) {
  return internal::ParseName<OperationState>(kStates, name);
}

bool IsTerminal(OperationState state) { return state == kPosted || state == kCancelled; }

bool MayFollow(OperationState from, OperationState to) {
  for (const Exits& exits : kExits) {
    if (exits.from == from) {
      return std::find(exits.to.begin(), exits.to.end(), to) != exits.to.end();
    }
  }
  return false;
}

absl::Status CheckTransition(const Operation& operation, OperationState to) {
  if (MayFollow(operation.state, to)) return absl::OkStatus();
  return base::Error(base::Reason::kStateConflict)
      .With("operation", operation.id)
      .With("from", NameOf(operation.state))
      .With("to", NameOf(to))
      .Says(base::StrCat("the operation is ", NameOf(operation.state), " and cannot become ",
                         NameOf(to)));
}

std::string_view NameOf(Verb verb) { return internal::NameAt(kVerbs, verb); }
std::optional<Verb> ParseVerb(std::string_view name) {
  return internal::ParseName<Verb>(kVerbs, name);
}

std::string_view NameOf(Posting posting) { return internal::NameAt(kPostings, posting); }
std::optional<Posting> ParsePosting(std::string_view name) {
  return internal::ParseName<Posting>(kPostings, name);
}

std::string_view NameOf(Path path) { return internal::NameAt(kPaths, path); }
std::optional<Path> ParsePath(std::string_view name) {
  return internal::ParseName<Path>(kPaths, name);
}

std::string_view NameOf(ParkReason reason) { return internal::NameAt(kParkReasons, reason); }
std::optional<ParkReason> ParseParkReason(std::string_view name) {
  return internal::ParseName<ParkReason>(kParkReasons, name);
}

std::string_view NameOf(StepKind kind) { return internal::NameAt(kStepKinds, kind); }
std::optional<StepKind> ParseStepKind(std::string_view name) {
  return internal::ParseName<StepKind>(kStepKinds, name);
}

std::string_view NameOf(StepState state) { return internal::NameAt(kStepStates, state); }
std::optional<StepState> ParseStepState(std::string_view name) {
  return internal::ParseName<StepState>(kStepStates, name);
}

}  // namespace kontor::model
