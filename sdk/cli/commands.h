// SPDX-License-Identifier: Apache-2.0
// The commands, made of the contract: every unary method is `kontorctl <noun> <verb>`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <google/protobuf/descriptor.h>

namespace kontor::cli {

struct Command {
  std::string noun;  ///< "invoice", "journal-entry", "webhook" …
  std::string verb;  ///< "create", "batch-create", "rotate-secret" …
  const google::protobuf::MethodDescriptor* method = nullptr;
  /// Field that a word without a flag sets: id, name or entity; empty when there is none.
  std::string positional;
};

/// All unary commands, by noun and verb.
const std::vector<Command>& Commands();
const Command* FindCommand(const std::string& noun, const std::string& verb);
/// `kontorctl help`: nouns, verbs, special commands, global flags and exit codes.
std::string HelpText();
/// `kontorctl invoice --help`, `kontorctl invoice create --help`.
std::string NounHelp(const std::string& noun);
std::string CommandHelp(const Command& command, std::string_view about = {});

}  // namespace kontor::cli
