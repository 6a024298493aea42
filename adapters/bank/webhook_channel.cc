// SPDX-License-Identifier: Apache-2.0
// An order is one POST, named by its message id, which the bank takes once however often it comes.
// Only the bank's own words about these very bytes prove that it has them; a refusal of the request
// proves that it has not; everything else is unknown, and asked for.
#include "adapters/bank/webhook_channel.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/crypto/digest.h"
#include "server/crypto/standard_webhooks.h"

namespace kontor::bank {
namespace {

using base::Error;
using base::Outcome;
using base::Reason;
using base::StrCat;
using nlohmann::json;
using ports::FilePlace;
using ports::IncomingFile;
using ports::OutgoingFile;

constexpr size_t kNameMax = 120;
constexpr size_t kMessageIdMax = 64;
constexpr size_t kPiece = size_t{256} << 10U;
constexpr size_t kAnswerMax = size_t{64} << 10U;
constexpr size_t kBodyMax = size_t{64} << 20U;  // held in memory while it is sent
constexpr int kConflict = 409;
constexpr int kNotFound = 404;
constexpr int kTooMany = 429;
/// Answers by which a server says that it did not take the request, whatever it is.
const std::set<int>& Refusals() {
  static const auto* const kCodes =
      new std::set<int>{400, 401, 403, 404, 405, 406, 410, 411, 413, 415, 422, 429};
  return *kCodes;
}

bool IsId(std::string_view text, size_t most) {
  if (text.empty() || text.size() > most || text.front() == '.') return false;
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

absl::Status NotHandedOver(std::string what) {
  return Error(Reason::kChannelInvalid)
      .Happened(Outcome::kNotApplied)
      .Says(StrCat("the order was not handed over: ", what));
}

absl::Status Unknown(std::string what) {
  return Error(Reason::kChannelUnreachable)
      .Says(StrCat("whether the bank has the order is not known: ", what));
}

std::string TextAt(const json& in, const char* key) {
  const auto it = in.find(key);
  return it != in.end() && it->is_string() ? it->get<std::string>() : "";
}

/// What the bank says about one order.
struct Word {
  std::string message_id;
  std::string sha256;
  std::string state;
};
Word WordOf(std::string_view body) {
  const json in = json::parse(body, nullptr, false);
  if (!in.is_object()) return {};
  return {TextAt(in, "message_id"), base::ToLower(TextAt(in, "sha256")), TextAt(in, "state")};
}

class WebhookChannel final : public ports::BankChannel {
 public:
  WebhookChannel(WebhookTarget target, const WebhookOptions& options, const base::Clock& clock)
      : target_(std::move(target)), options_(options), clock_(clock) {
    capabilities_.kind = "webhook";
    capabilities_.sees_outbox = !target_.status_url.empty();
    capabilities_.acknowledges = true;
    capabilities_.stays_here = options_.stays_here;
    capabilities_.file_bytes_max =
        std::min(options_.file_bytes_max, static_cast<int64_t>(kBodyMax));
  }

  const ports::ChannelCapabilities& capabilities() const override { return capabilities_; }

  absl::Status Submit(const OutgoingFile& file, ports::ByteSource& bytes) override {
    KONTOR_RETURN_IF_ERROR(CheckOutgoing(file));
    auto body = ReadAll(bytes);
    if (!body.ok()) return NotHandedOver(std::string(base::Std(body.status().message())));
    if (crypto::Sha256(*body).Hex() != file.sha256) {
      return Error(Reason::kFileAltered)
          .Happened(Outcome::kNotApplied)
          .Says("what would be sent is not what was approved");
    }
    KONTOR_ASSIGN_OR_RETURN(ports::HttpRequest request,
                            Signed("POST", target_.url, file.message_id, *std::move(body)));
    request.headers.emplace_back("content-type", "application/xml");
    request.headers.emplace_back("kontor-file-name", file.name);
    request.headers.emplace_back("kontor-sha256", file.sha256);
    return OutcomeOf(file, options_.http->SendAndWait(std::move(request)));
  }

  absl::StatusOr<FilePlace> Find(const OutgoingFile& file) override {
    KONTOR_RETURN_IF_ERROR(CheckOutgoing(file));
    if (target_.status_url.empty()) return FilePlace::kUnknown;
    KONTOR_ASSIGN_OR_RETURN(const ports::HttpResponse answer, Ask(file.message_id));
    const Word word = WordOf(answer.body);
    if (word.message_id != file.message_id) return FilePlace::kUnknown;
    if (answer.http_status == 200 && word.state == "RECEIVED") {
      return word.sha256 == file.sha256 ? FilePlace::kTaken : FilePlace::kAltered;
    }
    const bool never = answer.http_status == kNotFound && word.state == "NOT_RECEIVED";
    return never ? FilePlace::kNowhere : FilePlace::kUnknown;
  }

  // The bank's messages are pushed to kontor, which keeps them: there is nothing to fetch.
  absl::StatusOr<std::vector<IncomingFile>> Poll(int /*max*/) override {
    return std::vector<IncomingFile>();
  }
  absl::StatusOr<std::unique_ptr<ports::ByteSource>> Open(const IncomingFile& /*file*/) override {
    return Error(Reason::kChannelInvalid).Says("this channel's files are pushed, not fetched");
  }
  absl::Status Done(const IncomingFile& /*file*/) override {
    return Error(Reason::kChannelInvalid).Says("this channel's files are pushed, not fetched");
  }

  absl::StatusOr<std::vector<model::Finding>> Check() override {
    if (target_.status_url.empty()) {
      model::Finding untried = Problem(
          "without settings.status_url nothing can be tried but to send: an order marked as a test "
          "shows whether the bank is reached and the secrets are right");
      untried.severity = model::Severity::kWarning;
      return std::vector<model::Finding>{std::move(untried)};
    }
    constexpr char kNobodysId[] = "kontor-check";
    const auto answer = Ask(kNobodysId);
    if (!answer.ok()) {
      return std::vector<model::Finding>{
          Problem(std::string(base::Std(answer.status().message())))};
    }
    const Word word = WordOf(answer->body);
    if (answer->http_status == kNotFound && word.state == "NOT_RECEIVED" &&
        word.message_id == kNobodysId) {
      return std::vector<model::Finding>();
    }
    return std::vector<model::Finding>{
        Problem(StrCat("asked for an order that it cannot have, the bank answers ",
                       answer->http_status, " and not 404 with NOT_RECEIVED"))};
  }

 private:
  static model::Finding Problem(std::string message) {
    return model::MakeFinding(Reason::kChannelInvalid, "settings.status_url", std::move(message));
  }

  absl::Status CheckOutgoing(const OutgoingFile& file) const {
    if (!IsId(file.name, kNameMax)) {
      return Error(Reason::kChannelInvalid)
          .Field("name")
          .Happened(Outcome::kNotApplied)
          .Says("a file's name is 1 to 120 of letters, digits, '.', '_' and '-'");
    }
    // A '.' would let two messages have one signed text.
    const bool good =
        IsId(file.message_id, kMessageIdMax) && file.message_id.find('.') == std::string::npos;
    if (good) return absl::OkStatus();
    return Error(Reason::kChannelInvalid)
        .Field("message_id")
        .Happened(Outcome::kNotApplied)
        .Says("a message id is 1 to 64 of letters, digits, '_' and '-'");
  }

  absl::StatusOr<std::string> ReadAll(ports::ByteSource& bytes) const {
    std::string out;
    std::string piece(kPiece, '\0');
    for (;;) {
      KONTOR_ASSIGN_OR_RETURN(const size_t got, bytes.Read(piece));
      if (got == 0) return out;
      out.append(piece, 0, got);
      if (static_cast<int64_t>(out.size()) > capabilities_.file_bytes_max) {
        return Error(Reason::kTooLarge)
            .Says(StrCat("an order by this channel has ", capabilities_.file_bytes_max,
                         " bytes at most"));
      }
    }
  }

  absl::StatusOr<ports::HttpRequest> Signed(std::string method, std::string url,
                                            const std::string& id, std::string body) const {
    const int64_t seconds = absl::ToUnixSeconds(clock_.Now());
    const auto signature =
        crypto::SignatureHeaderValue(id, seconds, body, {target_.our_secret}, {});
    if (!signature.ok()) return NotHandedOver("it cannot be signed");
    ports::HttpRequest request;
    request.method = std::move(method);
    request.url = std::move(url);
    request.headers = {{std::string(crypto::kIdHeader), id},
                       {std::string(crypto::kTimestampHeader), StrCat(seconds)},
                       {std::string(crypto::kSignatureHeader), *signature}};
    request.body = std::move(body);
    request.connect_timeout = std::min(request.connect_timeout, options_.timeout);
    request.total_timeout = options_.timeout;
    request.response_bytes_max = kAnswerMax;
    request.ca_file = options_.ca_file;
    return request;
  }

  absl::StatusOr<ports::HttpResponse> Ask(const std::string& message_id) const {
    constexpr std::string_view kPlace = "{message_id}";
    std::string url = target_.status_url;
    url.replace(url.find(kPlace), kPlace.size(), message_id);
    KONTOR_ASSIGN_OR_RETURN(ports::HttpRequest request,
                            Signed("GET", std::move(url), message_id, ""));
    ports::HttpResponse answer = options_.http->SendAndWait(std::move(request));
    if (answer.status.ok()) return answer;
    return Error(Reason::kChannelUnreachable)
        .Says(
            StrCat("the bank was asked and did not answer: ", base::Std(answer.status.message())));
  }

  static absl::Status OutcomeOf(const OutgoingFile& file, const ports::HttpResponse& answer) {
    if (!answer.status.ok()) {
      const std::string why(base::Std(answer.status.message()));
      return base::OutcomeOf(answer.status) == Outcome::kNotApplied ? NotHandedOver(why)
                                                                    : Unknown(why);
    }
    const int status = answer.http_status;
    const Word word = WordOf(answer.body);
    if (status >= 200 && status < 300) {
      const bool acknowledged = word.message_id == file.message_id && word.sha256 == file.sha256;
      if (acknowledged) return absl::OkStatus();
      return Unknown(StrCat("it answers ", status, " and does not acknowledge these bytes"));
    }
    if (status == kConflict && word.message_id == file.message_id) {
      return Error(Reason::kChannelFileConflict)
          .Happened(Outcome::kNotApplied)
          .Says(StrCat("the bank has another order under ", file.message_id));
    }
    if (Refusals().contains(status)) {
      return NotHandedOver(
          StrCat("the bank answers ", status, status == kTooMany ? ", too many requests" : ""));
    }
    return Unknown(StrCat("it answers ", status));
  }

  const WebhookTarget target_;
  const WebhookOptions options_;
  const base::Clock& clock_;
  ports::ChannelCapabilities capabilities_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<ports::BankChannel>> MakeWebhookChannel(
    WebhookTarget target, const WebhookOptions& options, const base::Clock& clock) {
  if (options.http == nullptr) {
    return Error(Reason::kChannelInvalid).Field("kind").Says("this program speaks no HTTP");
  }
  return std::static_pointer_cast<ports::BankChannel>(
      std::make_shared<WebhookChannel>(std::move(target), options, clock));
}

}  // namespace kontor::bank
