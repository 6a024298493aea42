// SPDX-License-Identifier: Apache-2.0
#include "sdk/cli/commands.h"

#include <algorithm>
#include <set>

#include "kontor/v1/admin.pb.h"
#include "kontor/v1/audit.pb.h"
#include "kontor/v1/bank.pb.h"
#include "kontor/v1/beneficiary.pb.h"
#include "kontor/v1/connection.pb.h"
#include "kontor/v1/delegation.pb.h"
#include "kontor/v1/event.pb.h"
#include "kontor/v1/evidence.pb.h"
#include "kontor/v1/exception.pb.h"
#include "kontor/v1/expense.pb.h"
#include "kontor/v1/invoice.pb.h"
#include "kontor/v1/journal_entry.pb.h"
#include "kontor/v1/operation.pb.h"
#include "kontor/v1/partner.pb.h"
#include "kontor/v1/payment.pb.h"
#include "kontor/v1/payment_order.pb.h"
#include "kontor/v1/policy.pb.h"
#include "kontor/v1/screening.pb.h"
#include "kontor/v1/source.pb.h"
#include "kontor/v1/statement.pb.h"
#include "kontor/v1/webhook.pb.h"
#include "sdk/cli/fields.h"
#include "sdk/cli/own_commands.h"

namespace kontor::cli {
namespace {

using google::protobuf::FileDescriptor;

std::vector<const FileDescriptor*> Files() {
  return {v1::Invoice::descriptor()->file(),      v1::Payment::descriptor()->file(),
          v1::JournalEntry::descriptor()->file(), v1::Partner::descriptor()->file(),
          v1::Operation::descriptor()->file(),    v1::Exception::descriptor()->file(),
          v1::Event::descriptor()->file(),        v1::Endpoint::descriptor()->file(),
          v1::Connection::descriptor()->file(),   v1::AuditRecord::descriptor()->file(),
          v1::Principal::descriptor()->file(),    v1::Source::descriptor()->file(),
          v1::ExpenseReport::descriptor()->file(), v1::Statement::descriptor()->file(),
          v1::BankChannel::descriptor()->file(),  v1::PaymentOrder::descriptor()->file(),
          v1::Beneficiary::descriptor()->file(),  v1::Delegation::descriptor()->file(),
          v1::PaymentPolicy::descriptor()->file(),
          v1::ScreeningList::descriptor()->file(), v1::EvidencePiece::descriptor()->file()};
}

/// "BatchCreateInvoices" → "batch-create-invoices".
std::string Kebab(const std::string& camel) {
  std::string out;
  for (size_t i = 0; i < camel.size(); ++i) {
    const bool upper = camel[i] >= 'A' && camel[i] <= 'Z';
    if (upper && i > 0) out += '-';
    out += upper ? static_cast<char>(camel[i] - 'A' + 'a') : camel[i];
  }
  return out;
}

bool CutSuffix(std::string* text, const std::string& suffix) {
  if (text->size() <= suffix.size() || !text->ends_with(suffix)) return false;
  text->resize(text->size() - suffix.size());
  return true;
}

/// The noun is not said twice: `invoice create`, not `invoice create-invoice`.
std::string VerbOf(const std::string& method, const std::string& noun) {
  std::string verb = Kebab(method);
  std::string plural = noun + "s";
  if (noun.ends_with("y")) plural = noun.substr(0, noun.size() - 1) + "ies";
  if (noun == "expense" && (CutSuffix(&verb, "-expense-reports") ||
                            CutSuffix(&verb, "-expense-report"))) {
    return verb;
  }
  // `bank create-channel`, `screening clear-hit`: the noun stands in the middle.
  constexpr std::string_view kInTheMiddle[] = {"bank", "payment-order", "screening"};
  if (std::ranges::find(kInTheMiddle, noun) != std::end(kInTheMiddle)) {
    const size_t at = verb.find("-" + noun + "-");
    if (at != std::string::npos) verb.erase(at, noun.size() + 1);
    if (noun != "payment-order") return verb;
    CutSuffix(&verb, "-payment");
  }
  // A version is promoted from proposed to active.
  if (verb == "activate-policy") return "promote";
  if (!CutSuffix(&verb, "-" + plural)) CutSuffix(&verb, "-" + noun);
  return verb;
}

std::string PositionalOf(const google::protobuf::Descriptor& request) {
  for (const char* name : {"id", "name", "entity", "connection", "after"}) {
    const auto* field = request.FindFieldByName(name);
    if (field != nullptr && !field->is_repeated() &&
        field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_STRING) {
      return name;
    }
  }
  return "";
}

std::vector<Command> MakeCommands() {
  std::vector<Command> out;
  for (const FileDescriptor* file : Files()) {
    for (int s = 0; s < file->service_count(); ++s) {
      const auto* service = file->service(s);
      std::string noun = Kebab(service->name());
      CutSuffix(&noun, "-service");
      for (int m = 0; m < service->method_count(); ++m) {
        const auto* method = service->method(m);
        if (method->client_streaming() || method->server_streaming()) continue;
        out.push_back({noun, VerbOf(method->name(), noun), method,
                       PositionalOf(*method->input_type())});
      }
    }
  }
  return out;
}

}  // namespace

const std::vector<Command>& Commands() {
  static const auto* const kCommands = new std::vector<Command>(MakeCommands());
  return *kCommands;
}

const Command* FindCommand(const std::string& noun, const std::string& verb) {
  for (const Command& command : Commands()) {
    if (command.noun == noun && command.verb == verb) return &command;
  }
  return nullptr;
}

std::string HelpText() {
  std::string out =
      "kontorctl talks to kontord: every method of its API, as tables or as JSON.\n\n"
      "usage: kontorctl [flags] <noun> <verb> [id] [--field value …]\n";
  for (const OwnCommand& own : OwnCommands()) out += OwnLine(own);
  out += "       kontorctl <noun> [<verb>] --help\n\n";
  std::string noun;
  for (const Command& command : Commands()) {
    if (command.noun != noun) {
      noun = command.noun;
      std::string head = noun;
      head.resize(15, ' ');
      out += (out.ends_with("\n") ? "  " : "\n  ") + head;
    } else {
      out += ", ";
    }
    out += command.verb;
  }
  out +=
      "\n\nflags\n"
      "  --endpoint HOST:PORT      server, default 127.0.0.1:7600 (KONTOR_CLIENT_ENDPOINT)\n"
      "  --token-file FILE         bearer token (KONTOR_CLIENT_TOKEN_FILE, KONTOR_CLIENT_TOKEN)\n"
      "  --tls --ca-file FILE --certificate-file FILE --key-file FILE --server-name NAME\n"
      "  --timeout 30s             for one call with all its retries\n"
      "  --json                    answers as JSON\n"
      "  --request FILE            the whole request as JSON; '-' is standard input\n"
      "  --save-secret FILE        token or secret of the answer into a new file, mode 0600\n\n"
      "exit codes: 0 done, 1 refused (findings are printed), 2 usage, 3 unreachable, 70 defect\n";
  return out;
}

std::string NounHelp(const std::string& noun) {
  std::string out;
  for (const Command& command : Commands()) {
    if (command.noun != noun) continue;
    out += "  kontorctl " + noun + " " + command.verb;
    if (!command.positional.empty()) out += " [" + command.positional + "]";
    out += "\n";
  }
  return out;
}

std::string CommandHelp(const Command& command, std::string_view about) {
  std::string out = "usage: kontorctl " + command.noun + " " + command.verb;
  if (!command.positional.empty()) out += " [" + command.positional + "]";
  out += " [--field value …]\n\n";
  if (!about.empty()) out.append("  ").append(about).append("\n\n");
  for (const FlagField& field : FlagFieldsOf(*command.method->input_type())) {
    std::string flag = "  --" + field.flag;
    flag.resize(std::max<size_t>(flag.size() + 1, 40), ' ');
    out += flag + field.about + (field.repeated ? " (may be repeated)" : "") + "\n";
  }
  return out;
}

}  // namespace kontor::cli
