// SPDX-License-Identifier: Apache-2.0
#include "sdk/cli/app.h"

#include <memory>
#include <ostream>

#include <google/protobuf/dynamic_message.h>

#include "absl/time/time.h"
#include "kontor/sdk/errors.h"
#include "sdk/cli/commands.h"
#include "sdk/cli/fields.h"
#include "sdk/cli/output.h"
#include "sdk/cli/own_commands.h"

namespace kontor::cli {
namespace {

using google::protobuf::Message;

/// Flags with a value that set an option of the connection.
bool TakeOption(const std::string& flag, const std::string& value, Globals* globals,
                absl::Status* problem) {
  sdk::Options& options = globals->options;
  if (flag == "endpoint") {
    options.endpoint = value;
  } else if (flag == "token-file") {
    options.token_file = value;
    options.token.clear();
  } else if (flag == "ca-file") {
    options.ca_file = value;
  } else if (flag == "certificate-file") {
    options.certificate_file = value;
  } else if (flag == "key-file") {
    options.key_file = value;
  } else if (flag == "server-name") {
    options.server_name = value;
  } else if (flag == "request") {
    globals->request_file = value;
  } else if (flag == "save-secret") {
    globals->secret_file = value;
  } else if (flag == "timeout") {
    if (!absl::ParseDuration(value, &options.timeout)) {
      *problem = absl::InvalidArgumentError("--timeout: expected a duration such as 30s");
    }
  } else {
    return false;
  }
  return true;
}

bool IsSwitch(const std::string& flag, Globals* globals) {
  if (flag == "json") {
    globals->json = true;
  } else if (flag == "help") {
    globals->help = true;
  } else if (flag == "tls") {
    globals->options.tls = true;
  } else {
    return false;
  }
  return true;
}

std::unique_ptr<Message> NewMessage(const google::protobuf::Descriptor& type) {
  return std::unique_ptr<Message>(google::protobuf::MessageFactory::generated_factory()
                                      ->GetPrototype(&type)
                                      ->New());
}

/// `--save-secret FILE`: the token or signing secret of the answer goes to a file that only its
/// owner can read, and is not printed. The file must not exist: a secret is answered once.
absl::Status SaveSecret(const std::string& path, Message* response) {
  const auto* reflection = response->GetReflection();
  for (const char* name : {"token", "secret"}) {
    const auto* field = response->GetDescriptor()->FindFieldByName(name);
    if (field == nullptr ||
        field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_STRING) {
      continue;
    }
    const std::string text = reflection->GetString(*response, field) + "\n";
    if (text.size() == 1) {
      return absl::NotFoundError("the answer holds no secret: it is given once");
    }
    const absl::Status written = WriteNewSecret(path, text);
    if (written.ok()) reflection->SetString(response, field, "saved in " + path);
    return written;
  }
  return absl::InvalidArgumentError("--save-secret: this command answers no secret");
}

ExitCode RunMethod(const Command& command, const Globals& globals, Surroundings& surroundings) {
  auto request = NewMessage(*command.method->input_type());
  auto response = NewMessage(*command.method->output_type());
  const absl::Status filled = FillRequest(command, globals, request.get());
  if (!filled.ok()) return Usage(filled, surroundings);
  auto connection = surroundings.connect(globals.options);
  if (!connection.ok()) return Usage(connection.status(), surroundings);
  const std::string path =
      "/" + command.method->service()->full_name() + "/" + command.method->name();
  const absl::Status called = (*connection)->Call(path, *request, *response, {});
  if (!called.ok()) return Fail(called, globals, surroundings);
  if (!globals.secret_file.empty()) {
    const absl::Status saved = SaveSecret(globals.secret_file, response.get());
    if (!saved.ok()) {
      // Better on the terminal than lost.
      surroundings.out << ToText(*response, surroundings.terminal);
      return Usage(saved, surroundings);
    }
  }
  surroundings.out << (globals.json ? ToJson(*response)
                                    : ToText(*response, surroundings.terminal));
  return kDone;
}

ExitCode ShowHelp(const Globals& globals, Surroundings& surroundings) {
  constexpr size_t kNounAndVerb = 2;
  const auto& words = globals.words;
  const OwnCommand* own = FindOwnCommand(words);
  const Command* command =
      words.size() >= kNounAndVerb ? FindCommand(words[0], words[1]) : nullptr;
  if (command != nullptr) {
    surroundings.out << CommandHelp(*command, own == nullptr ? "" : own->about);
  } else if (own != nullptr) {
    surroundings.out << OwnHelp(*own);
  } else if (!words.empty() && !NounHelp(words[0]).empty()) {
    surroundings.out << NounHelp(words[0]);
  } else {
    surroundings.out << HelpText();
  }
  return kDone;
}

}  // namespace

absl::Status FillRequest(const Command& command, const Globals& globals, Message* request) {
  if (!globals.request_file.empty()) {
    std::string json;
    absl::Status read = ReadWhole(globals.request_file, &json);
    if (read.ok()) read = ReadJsonInto(json, globals.request_file, request);
    if (!read.ok()) return read;
  }
  constexpr size_t kNounAndVerb = 2;
  if (globals.words.size() > kNounAndVerb + 1) {
    return absl::InvalidArgumentError("too many words: " + globals.words.back());
  }
  if (globals.words.size() == kNounAndVerb + 1) {
    if (command.positional.empty()) {
      return absl::InvalidArgumentError("unexpected word: " + globals.words.back());
    }
    absl::Status set = SetField(command.positional, globals.words.back(), request);
    if (!set.ok()) return set;
  }
  for (const auto& [flag, value] : globals.fields) {
    absl::Status set = SetField(flag, value, request);
    if (!set.ok()) return set;
  }
  sdk::FillRequestIds(*request);
  return absl::OkStatus();
}

absl::StatusOr<Globals> ReadArguments(const std::vector<std::string>& arguments,
                                      sdk::Options options) {
  Globals globals;
  globals.options = std::move(options);
  for (size_t i = 0; i < arguments.size(); ++i) {
    std::string word = arguments[i];
    if (word.rfind("--", 0) != 0 || word == "--") {
      globals.words.push_back(word == "-h" ? "help" : word);
      continue;
    }
    word = word.substr(2);
    const size_t equals = word.find('=');
    const std::string flag = word.substr(0, equals);
    if (equals == std::string::npos && IsSwitch(flag, &globals)) continue;
    const bool next_is_value = i + 1 < arguments.size() && arguments[i + 1].rfind("--", 0) != 0;
    std::string value = "true";  // a flag at the end, or before another, is a yes
    if (equals != std::string::npos) {
      value = word.substr(equals + 1);
    } else if (next_is_value) {
      value = arguments[++i];
    }
    absl::Status problem;
    if (TakeOption(flag, value, &globals, &problem)) {
      if (!problem.ok()) return problem;
      continue;
    }
    globals.fields.emplace_back(flag, value);
  }
  return globals;
}

ExitCode Usage(const std::string& problem, Surroundings& surroundings) {
  surroundings.err << "kontorctl: " << problem << "\n"
                   << "try: kontorctl help\n";
  return kUsage;
}

ExitCode Usage(const absl::Status& problem, Surroundings& surroundings) {
  return Usage(std::string(problem.message()), surroundings);
}

ExitCode Fail(const absl::Status& status, const Globals& globals, Surroundings& surroundings) {
  if (globals.json) {
    surroundings.out << ErrorJson(status);
    return ExitCodeOf(status);
  }
  const ExitCode code = ExitCodeOf(status);
  if (code == kUnreachable && sdk::ReasonOf(status).empty()) {
    surroundings.err << "no answer from " << globals.options.endpoint << ": " << status.message()
                     << "\nIs kontord running, and is --endpoint right?\n";
  } else {
    surroundings.err << ErrorText(status, surroundings.terminal);
  }
  return code;
}

ExitCode Run(const std::vector<std::string>& arguments, Surroundings& surroundings) {
  auto options = sdk::OptionsFromEnvironment();
  if (!options.ok()) return Usage(options.status(), surroundings);
  auto globals = ReadArguments(arguments, *std::move(options));
  if (!globals.ok()) return Usage(globals.status(), surroundings);
  const auto& words = globals->words;
  if (words.empty() || words[0] == "help" || globals->help) {
    return ShowHelp(*globals, surroundings);
  }
  if (const OwnCommand* own = FindOwnCommand(words)) return own->run(*globals, surroundings);
  if (NounHelp(words[0]).empty()) return Usage("no such noun: " + words[0], surroundings);
  if (words.size() < 2) {
    return Usage(words[0] + " needs a verb:\n" + NounHelp(words[0]), surroundings);
  }
  const Command* command = FindCommand(words[0], words[1]);
  if (command == nullptr) {
    return Usage("no such command: " + words[0] + " " + words[1] + "\n" + NounHelp(words[0]),
                 surroundings);
  }
  return RunMethod(*command, *globals, surroundings);
}

}  // namespace kontor::cli
