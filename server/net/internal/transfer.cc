// SPDX-License-Identifier: Apache-2.0
// libcurl's options and verdicts. "Nothing left" is decided by CURLOPT_PREREQFUNCTION: libcurl
// calls it when a connection (TLS included) stands ready and right before it writes the request.
#include "server/net/internal/transfer.h"

#include <algorithm>
#include <utility>

#include <sys/socket.h>
#include <unistd.h>

#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::net::internal {
namespace {

constexpr std::size_t kHeaderBytesMax = 256UL << 10;
constexpr std::size_t kShownBytesMax = 120;

absl::Status NotSent(base::Reason reason, std::string_view field, std::string_view what) {
  return base::Error(reason).Field(field).Happened(base::Outcome::kNotApplied).Says(what);
}

bool IsTokenCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool IsToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsTokenCharacter);
}

bool IsHeaderValue(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return c == '\t' || (static_cast<unsigned char>(c) >= ' ' && c != '\x7f');
  });
}

long Milliseconds(absl::Duration wait) {  // NOLINT(google-runtime-int): libcurl's type
  // Zero means "no limit" to libcurl; every wait here has one.
  return std::max<long>(1, static_cast<long>(absl::ToInt64Milliseconds(wait)));  // NOLINT
}

template <typename Value>
void Set(CURL* easy, CURLoption option, Value value) {
  curl_easy_setopt(easy, option, value);
}

}  // namespace

absl::Status CheckRequest(const ports::HttpRequest& request, const AddressGuard& guard) {
  if (!IsToken(request.method)) {
    return NotSent(base::Reason::kFieldInvalid, "method", "not an HTTP method");
  }
  for (const auto& [name, value] : request.headers) {
    if (!IsToken(name) || !IsHeaderValue(value)) {
      return NotSent(base::Reason::kFieldInvalid, "headers",
                     base::StrCat("header ", IsToken(name) ? name : "name",
                                  " holds characters that headers may not have"));
    }
  }
  if (request.total_timeout <= absl::ZeroDuration() || request.total_timeout > absl::Hours(24)) {
    return NotSent(base::Reason::kFieldInvalid, "total_timeout", "not above 0 and at most 24 h");
  }
  static const AddressGuard everything = *AddressGuard::Make({"0.0.0.0/0", "::/0"});
  return (request.guard_address ? guard : everything).CheckUrl(request.url);
}

Transfer::Transfer(ports::HttpRequest request, Done done)
    : request_(std::move(request)),
      done_(std::move(done)),
      begun_(std::chrono::steady_clock::now()),
      deadline_(begun_ + absl::ToChronoNanoseconds(
                             std::min(request_.total_timeout, absl::Hours(24)))) {}

bool Transfer::AnswerIfRefused() {
  if (fault_.ok()) return false;
  Answer(fault_);
  return true;
}

void Transfer::Prepare(EasyPtr easy, const AddressGuard& guard, const std::string& user_agent) {
  easy_ = std::move(easy);
  guard_ = request_.guard_address ? &guard : nullptr;
  CURL* const handle = easy_.get();
  Set(handle, CURLOPT_PRIVATE, this);
  Set(handle, CURLOPT_ERRORBUFFER, error_text_);
  Set(handle, CURLOPT_URL, request_.url.c_str());
  Set(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  Set(handle, CURLOPT_FOLLOWLOCATION, 0L);
  Set(handle, CURLOPT_PROXY, "");  // a proxy of the environment would dial for us, unguarded
  Set(handle, CURLOPT_NETRC, 0L);
  Set(handle, CURLOPT_NOSIGNAL, 1L);
  Set(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));  // NOLINT
  Set(handle, CURLOPT_CONNECTTIMEOUT_MS, Milliseconds(request_.connect_timeout));
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      deadline_ - std::chrono::steady_clock::now());
  Set(handle, CURLOPT_TIMEOUT_MS, std::max<long>(1, left.count()));  // NOLINT
  Set(handle, CURLOPT_OPENSOCKETFUNCTION, &Transfer::OpenSocket);
  Set(handle, CURLOPT_OPENSOCKETDATA, this);
  Set(handle, CURLOPT_PREREQFUNCTION, &Transfer::BeforeRequest);
  Set(handle, CURLOPT_PREREQDATA, this);
  Set(handle, CURLOPT_HEADERFUNCTION, &Transfer::OnHeader);
  Set(handle, CURLOPT_HEADERDATA, this);
  Set(handle, CURLOPT_WRITEFUNCTION, &Transfer::OnBody);
  Set(handle, CURLOPT_WRITEDATA, this);
  SetMethod();
  SetHeaders(user_agent);
  SetTls();
}

void Transfer::SetMethod() {
  CURL* const handle = easy_.get();
  const bool has_body = !request_.body.empty();
  if (request_.method == "HEAD") {
    Set(handle, CURLOPT_NOBODY, 1L);
    return;
  }
  if (request_.method == "GET" && !has_body) {
    Set(handle, CURLOPT_HTTPGET, 1L);
    return;
  }
  if (request_.method == "POST" || has_body) {
    Set(handle, CURLOPT_POST, 1L);
    Set(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
    Set(handle, CURLOPT_POSTFIELDS, request_.body.c_str());
  }
  if (request_.method != "POST") Set(handle, CURLOPT_CUSTOMREQUEST, request_.method.c_str());
}

void Transfer::SetHeaders(const std::string& user_agent) {
  bool has_content_type = false;
  const auto append = [this](const std::string& line) {
    curl_slist* const longer = curl_slist_append(headers_.get(), line.c_str());
    if (longer == nullptr) return;
    headers_.release();
    headers_.reset(longer);
  };
  for (const auto& [name, value] : request_.headers) {
    if (base::ToLower(name) == "content-type") has_content_type = true;
    // libcurl drops `Name:`; with a semicolon it sends the header with an empty value.
    append(value.empty() ? base::StrCat(name, ";") : base::StrCat(name, ": ", value));
  }
  if (!has_content_type) append("Content-Type:");  // libcurl would claim a form
  append("Expect:");                               // libcurl would wait a second for 100
  Set(easy_.get(), CURLOPT_HTTPHEADER, headers_.get());
  Set(easy_.get(), CURLOPT_USERAGENT, user_agent.c_str());
}

void Transfer::SetTls() {
  CURL* const handle = easy_.get();
  Set(handle, CURLOPT_SSL_VERIFYPEER, 1L);
  Set(handle, CURLOPT_SSL_VERIFYHOST, 2L);
  Set(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));  // NOLINT
  if (!request_.ca_file.empty()) Set(handle, CURLOPT_CAINFO, request_.ca_file.c_str());
  if (request_.client_certificate_file.empty()) return;
  Set(handle, CURLOPT_SSLCERT, request_.client_certificate_file.c_str());
  Set(handle, CURLOPT_SSLKEY, request_.client_key_file.c_str());
}

curl_socket_t Transfer::OpenSocket(void* self, curlsocktype, curl_sockaddr* address) {
  auto* const transfer = static_cast<Transfer*>(self);
  if (transfer->guard_ != nullptr && !transfer->guard_->Allows(&address->addr)) {
    transfer->refused_address_ = AddressText(&address->addr);
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

int Transfer::BeforeRequest(void* self, char* peer, char*, int, int) {
  auto* const transfer = static_cast<Transfer*>(self);
  // A connection kept alive may have been opened by a request that was not guarded.
  if (transfer->guard_ != nullptr && !transfer->guard_->AllowsText(peer)) {
    transfer->refused_address_ = peer;
    return CURL_PREREQFUNC_ABORT;
  }
  // libcurl repeats a request by itself when a reused connection breaks before the first byte of an
  // answer, although the peer may have acted on it.
  if (transfer->attempts_ > 0 && !transfer->MayRepeat()) return CURL_PREREQFUNC_ABORT;
  ++transfer->attempts_;
  return CURL_PREREQFUNC_OK;
}

size_t Transfer::OnHeader(char* bytes, size_t size, size_t count, void* self) {
  auto* const transfer = static_cast<Transfer*>(self);
  std::string_view line(bytes, size * count);
  transfer->header_bytes_ += line.size();
  if (transfer->header_bytes_ > kHeaderBytesMax) {
    transfer->too_large_ = true;
    return 0;
  }
  if (line.starts_with("HTTP/")) {
    transfer->response_.headers.clear();  // an interim answer came before
    transfer->headers_ended_ = false;
  } else if (base::Trim(line).empty()) {
    transfer->headers_ended_ = true;
  } else if (const std::size_t colon = line.find(':'); colon != std::string_view::npos) {
    transfer->response_.headers.emplace_back(base::ToLower(line.substr(0, colon)),
                                             std::string(base::Trim(line.substr(colon + 1))));
  }
  return size * count;
}

size_t Transfer::OnBody(char* bytes, size_t size, size_t count, void* self) {
  auto* const transfer = static_cast<Transfer*>(self);
  std::string& body = transfer->response_.body;
  if (body.size() + size * count > transfer->request_.response_bytes_max) {
    transfer->too_large_ = true;
    return 0;
  }
  body.append(bytes, size * count);
  return size * count;
}

absl::Status Transfer::StatusOf(CURLcode code) const {
  const base::Outcome outcome =
      attempts_ == 0 ? base::Outcome::kNotApplied : base::Outcome::kUnknown;
  const std::string_view detail =
      error_text_[0] != '\0' ? std::string_view(error_text_) : curl_easy_strerror(code);
  const std::string shown(detail.substr(0, kShownBytesMax));
  if (attempts_ == 0 && !refused_address_.empty() &&
      (code == CURLE_COULDNT_CONNECT || code == CURLE_ABORTED_BY_CALLBACK)) {
    return NotSent(base::Reason::kTargetRefused, "url",
                   base::StrCat(refused_address_, " is not a public address"));
  }
  if (too_large_) {
    return base::Error(base::Reason::kTooLarge).Happened(outcome).Says("the answer is too large");
  }
  if (code == CURLE_OPERATION_TIMEDOUT) {
    return base::Error(base::Reason::kDeadlineExceeded).Happened(outcome).Says(shown);
  }
  const base::Reason reason =
      attempts_ == 0 ? base::Reason::kPeerUnreachable : base::Reason::kPeerAnswerLost;
  return base::Error(reason).Happened(outcome).Says(shown);
}

void Transfer::Finish(CURLcode code) {
  if (code != CURLE_OK) return Answer(StatusOf(code));
  // libcurl is content with an answer that ends within its headers.
  if (!headers_ended_) {
    return Abandon(base::Reason::kPeerAnswerLost, "the answer's headers are cut");
  }
  long http_status = 0;  // NOLINT(google-runtime-int): libcurl's type
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &http_status);
  response_.http_status = static_cast<int>(http_status);
  Answer(absl::OkStatus());
}

void Transfer::Abandon(base::Reason reason, std::string_view what) {
  Answer(base::Error(reason)
             .Happened(attempts_ == 0 ? base::Outcome::kNotApplied : base::Outcome::kUnknown)
             .Says(what));
}

void Transfer::Answer(absl::Status status) {
  if (!status.ok()) {
    response_.headers.clear();
    response_.body.clear();  // half an answer is no answer
  }
  response_.status = std::move(status);
  response_.elapsed = absl::FromChrono(std::chrono::steady_clock::now() - begun_);
  try {
    done_(std::move(response_));
  } catch (...) {
    // The callback's own failure; the client's thread must serve the others.
  }
}

}  // namespace kontor::net::internal
