// SPDX-License-Identifier: Apache-2.0
// Commands that are more than one method of the contract: what they take, what they are for, and
// what runs them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/cli/app.h"

namespace kontor::cli {

ExitCode RunPush(const Globals& globals, Surroundings& surroundings);
ExitCode RunReconcile(const Globals& globals, Surroundings& surroundings);
ExitCode RunWatch(const Globals& globals, Surroundings& surroundings);
ExitCode RunSourceAdd(const Globals& globals, Surroundings& surroundings);
ExitCode RunBankOnboard(const Globals& globals, Surroundings& surroundings);
ExitCode RunExpenseMap(const Globals& globals, Surroundings& surroundings);
ExitCode RunStatementImport(const Globals& globals, Surroundings& surroundings);
ExitCode RunStatementShow(const Globals& globals, Surroundings& surroundings);
ExitCode RunCash(const Globals& globals, Surroundings& surroundings);
ExitCode RunPaymentOrderShow(const Globals& globals, Surroundings& surroundings);
ExitCode RunPaymentOrderTrace(const Globals& globals, Surroundings& surroundings);
ExitCode RunScreeningImport(const Globals& globals, Surroundings& surroundings);
ExitCode RunScreeningStatus(const Globals& globals, Surroundings& surroundings);
ExitCode RunEvidence(const Globals& globals, Surroundings& surroundings);
ExitCode RunFormatLint(const Globals& globals, Surroundings& surroundings);

struct OwnCommand {
  std::string_view noun;
  std::string_view verb;   ///< Empty: the noun alone.
  std::string_view takes;  ///< After noun and verb.
  std::string_view about;
  ExitCode (*run)(const Globals& globals, Surroundings& surroundings);
};

std::span<const OwnCommand> OwnCommands();
/// The one that the words begin with; none where they name a method of the contract.
const OwnCommand* FindOwnCommand(const std::vector<std::string>& words);
/// Its line in `kontorctl help`, and the help of its own.
std::string OwnLine(const OwnCommand& own);
std::string OwnHelp(const OwnCommand& own);

}  // namespace kontor::cli
