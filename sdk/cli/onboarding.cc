// SPDX-License-Identifier: Apache-2.0
// `kontorctl bank onboard NAME [--reason TEXT] [--sign]`: brings a channel into test, tries what
// can be tried, and shows what it misses before it goes live, with the command that comes next.
// With
// --sign it signs first. Exit code 0 once the channel is live, 1 before.
#include <ostream>

#include "google/protobuf/util/time_util.h"
#include "kontor/v1/bank.pb.h"
#include "sdk/cli/fields.h"
#include "sdk/cli/output.h"
#include "sdk/cli/own_commands.h"
#include "sdk/cli/table.h"

namespace kontor::cli {
namespace {

using google::protobuf::util::TimeUtil;

constexpr size_t kWords = 3;
constexpr char kService[] = "/kontor.v1.BankService/";

struct Asked {
  std::string name;
  std::string reason = "onboarding";
  bool sign = false;
};

absl::StatusOr<Asked> ReadAsked(const Globals& globals) {
  if (globals.words.size() != kWords) {
    return absl::InvalidArgumentError("bank onboard needs the name of one channel");
  }
  Asked asked;
  asked.name = globals.words[2];
  bool said = false;
  for (const auto& [flag, value] : globals.fields) {
    if (flag == "reason") {
      asked.reason = value;
      said = true;
    } else if (flag == "sign" && value == "true") {
      asked.sign = true;
    } else {
      return absl::InvalidArgumentError("bank onboard takes --reason TEXT and --sign, not --" +
                                        flag);
    }
  }
  if (asked.sign && !said) {
    return absl::InvalidArgumentError("--sign needs --reason TEXT: what you have seen");
  }
  return asked;
}

/// Into test, unless it is live or paused already.
absl::Status Begin(sdk::Connection& connection, const Asked& asked, v1::BankOnboarding* out) {
  v1::GetBankOnboardingRequest get;
  get.set_name(asked.name);
  v1::GetBankOnboardingResponse got;
  const absl::Status read =
      connection.Call(std::string(kService) + "GetBankOnboarding", get, got, {});
  if (!read.ok()) return read;
  *out = got.onboarding();
  const bool open =
      out->state() == v1::BankChannel::STATE_SHADOW || out->state() == v1::BankChannel::STATE_TEST;
  if (!open || asked.sign) return absl::OkStatus();
  v1::StartBankOnboardingRequest start;
  start.set_name(asked.name);
  start.set_reason(asked.reason);
  sdk::FillRequestIds(start);
  v1::StartBankOnboardingResponse started;
  const absl::Status called =
      connection.Call(std::string(kService) + "StartBankOnboarding", start, started, {});
  if (called.ok()) *out = started.onboarding();
  return called;
}

absl::Status Sign(sdk::Connection& connection, const Asked& asked, v1::BankOnboarding* out) {
  v1::SignBankChannelRequest sign;
  sign.set_name(asked.name);
  sign.set_reason(asked.reason);
  sdk::FillRequestIds(sign);
  v1::SignBankChannelResponse signed_by;
  const absl::Status called =
      connection.Call(std::string(kService) + "SignBankChannel", sign, signed_by, {});
  if (!called.ok()) return called;
  return Begin(connection, asked, out);
}

void Print(const v1::BankOnboarding& onboarding, Surroundings& surroundings) {
  const bool live = onboarding.state() == v1::BankChannel::STATE_LIVE;
  const std::string state =
      ShortName(*v1::BankChannel::State_descriptor()->FindValueByNumber(onboarding.state()));
  surroundings.out << "channel " << onboarding.channel() << " is " << state << "\n\n";
  Table table;
  table.columns = {{"point"}, {"holds"}, {"since"}, {"proven by"}, {"what it is"}};
  std::string next;
  for (const v1::OnboardingPoint& point : onboarding.points()) {
    table.rows.push_back(
        {{point.name()},
         {point.done() ? "yes" : "missing", point.done() ? Colour::kGreen : Colour::kRed},
         {point.has_time() ? TimeUtil::ToString(point.time()) : ""},
         {point.reference()},
         {point.detail()}});
    if (!point.done() && next.empty()) next = point.next();
  }
  surroundings.out << Render(table, surroundings.terminal);
  if (live) return;
  if (!onboarding.waived_by().empty()) {
    surroundings.out << "\n"
                     << onboarding.waived_by()
                     << " answers for it: two signatures alone make it live\n";
  }
  if (!next.empty()) surroundings.out << "\nnext: " << next << "\n";
}

}  // namespace

ExitCode RunBankOnboard(const Globals& globals, Surroundings& surroundings) {
  const auto asked = ReadAsked(globals);
  if (!asked.ok()) return Usage(asked.status(), surroundings);
  auto connection = surroundings.connect(globals.options);
  if (!connection.ok()) return Usage(connection.status(), surroundings);
  v1::BankOnboarding onboarding;
  const absl::Status done = asked->sign ? Sign(**connection, *asked, &onboarding)
                                        : Begin(**connection, *asked, &onboarding);
  if (!done.ok()) return Fail(done, globals, surroundings);
  if (globals.json) {
    surroundings.out << ToJson(onboarding);
  } else {
    Print(onboarding, surroundings);
  }
  return onboarding.state() == v1::BankChannel::STATE_LIVE ? kDone : kRefused;
}

}  // namespace kontor::cli
