// SPDX-License-Identifier: Apache-2.0
#include "sdk/cli/own_commands.h"

#include <utility>

#include "sdk/cli/commands.h"

namespace kontor::cli {
namespace {

constexpr OwnCommand kOwn[] = {
    {"push", "", "FILE… [--wait 30s]", "send documents in bulk, with progress", &RunPush},
    {"reconcile", "", "ENTITY", "compare kontor with Odoo, day by day", &RunReconcile},
    {"watch", "", "events|operations|expense-reports [--count N]", "what happens, as it happens",
     &RunWatch},
    {"source", "add", "NAME --adapter A --entity E [--settings FILE] …",
     "an expense platform: its address, its secret once, a line to try it", &RunSourceAdd},
    {"bank", "onboard", "NAME [--reason TEXT] [--sign]",
     "what a channel misses before it goes live; --sign: one of two signatures", &RunBankOnboard},
    {"expense", "map", "MAPPING --try FILE", "what a mapping makes of a message", &RunExpenseMap},
    {"statement", "import", "FILE [--channel C] [--mapping M] [--wait 30s]",
     "a bank's file, with progress", &RunStatementImport},
    {"statement", "show", "ID", "a statement with its lines", &RunStatementShow},
    {"payment-order", "show", "ID", "an order with its payments and approvals",
     &RunPaymentOrderShow},
    {"payment-order", "trace", "ID", "everything about it, found by any id", &RunPaymentOrderTrace},
    {"evidence", "", "ID [--out FOLDER] | --verify FOLDER [--keys FILE]",
     "all that proves a payment, found by any id; checked without a server", &RunEvidence},
    {"screening", "import", "FILE --list ofac|eu|un [--published DATE]",
     "send a sanctions list; another person promotes it", &RunScreeningImport},
    {"screening", "status", "", "which lists are in force, and how old they are",
     &RunScreeningStatus},
    {"cash", "", "[ENTITY]", "what is on the accounts, and how fresh that is", &RunCash},
    {"format", "lint", "FILE [--dialect D] [--mapping M]",
     "what a bank file holds and whether it adds up; unproven: exit code 0", &RunFormatLint},
};

std::string CallOf(const OwnCommand& own) {
  std::string out = "kontorctl ";
  out += own.noun;
  for (const std::string_view part : {own.verb, own.takes}) {
    if (!part.empty()) out.append(" ").append(part);
  }
  return out;
}

}  // namespace

std::span<const OwnCommand> OwnCommands() { return kOwn; }

const OwnCommand* FindOwnCommand(const std::vector<std::string>& words) {
  if (words.empty()) return nullptr;
  const std::string verb = words.size() > 1 ? words[1] : "";
  for (const OwnCommand& own : kOwn) {
    if (own.noun != words[0]) continue;
    if (own.verb.empty() ? FindCommand(words[0], verb) == nullptr : own.verb == verb) return &own;
  }
  return nullptr;
}

std::string OwnLine(const OwnCommand& own) {
  constexpr size_t kAboutColumn = 42;
  std::string line = "       " + CallOf(own);
  std::string before;
  if (line.size() + 2 > kAboutColumn) before = std::exchange(line, "") + "\n";
  line.resize(kAboutColumn, ' ');
  return before + line.append(own.about) + "\n";
}

std::string OwnHelp(const OwnCommand& own) {
  return "usage: " + CallOf(own) + "\n\n  " + std::string(own.about) + "\n";
}

}  // namespace kontor::cli
