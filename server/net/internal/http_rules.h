// SPDX-License-Identifier: Apache-2.0
// What the listener accepts and how its answers look: functions between Beast's messages and ours.
// No I/O here. Included by http_listener.cc alone.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/ip/address.hpp>
#include <boost/beast/http.hpp>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "server/base/strings.h"
#include "server/crypto/x509.h"
#include "server/net/http_listener.h"

namespace kontor::net::internal {

namespace http_ns = boost::beast::http;

/// What is wrong with a request. status 0: nothing, or nobody is left to be told.
struct Verdict {
  int status = 0;
  std::string_view text;
  bool expects_continue = false;
};

inline std::string_view View(boost::beast::string_view text) { return {text.data(), text.size()}; }

/// Text of an address; an IPv4 address that came through an IPv6 socket is shown as IPv4.
inline std::string AddressText(const boost::asio::ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6())
        .to_string();
  }
  return address.to_string();
}

/// The rules that Beast's parser leaves to its user (RFC 9112 3.2, 6.1; RFC 9110 10.1.1).
template <typename Fields>
Verdict CheckHeader(const http_ns::header<true, Fields>& header) {
  namespace http = http_ns;
  const std::string_view target = View(header.target());
  if (!target.starts_with('/')) return {400, "the request target must begin with '/'"};
  const auto hosts = header.count(http::field::host);
  if (hosts > 1 || (hosts == 0 && header.version() == 11)) {
    return {400, "exactly one Host header is needed"};
  }
  const auto coding = header.find(http::field::transfer_encoding);
  if (coding != header.end()) {
    if (header.version() == 10 || header.count(http::field::transfer_encoding) > 1 ||
        header.count(http::field::content_length) > 0) {
      return {400, "Transfer-Encoding and Content-Length contradict each other"};
    }
    if (!boost::beast::iequals(coding->value(), "chunked")) {
      return {501, "the only transfer coding taken is chunked"};
    }
  }
  const auto expect = header.find(http::field::expect);
  if (expect == header.end()) return {};
  if (!boost::beast::iequals(expect->value(), "100-continue")) {
    return {417, "the only expectation known is 100-continue"};
  }
  return {0, {}, true};
}

/// What a read error means for the client. status 0: the connection itself broke.
inline Verdict VerdictOf(const boost::system::error_code& ec) {
  using Error = http_ns::error;
  if (ec == Error::header_limit || ec == Error::buffer_overflow) {
    return {431, "the request line and headers are too long"};
  }
  if (ec == Error::body_limit) return {413, "the body is too large"};
  if (ec == Error::end_of_stream || ec == Error::partial_message) return {};
  if (ec.category() == make_error_code(Error::bad_method).category()) {
    return {400, "the request is not well-formed HTTP/1.1"};
  }
  return {};
}

inline std::string_view CodeWord(int status) {
  switch (status) {
    case 408: return "deadline_exceeded";
    case 413:
    case 431: return "resource_exhausted";
    case 501: return "unimplemented";
    case 500: return "internal";
    case 503: return "unavailable";
    default: return "invalid_argument";
  }
}

/// An answer that the listener gives by itself, in the error form of the Connect protocol.
inline HttpServerResponse RefusalAnswer(int status, std::string_view text) {
  return {status,
          {{"content-type", "application/json"}},
          base::StrCat(R"({"code":")", CodeWord(status), R"(","message":")", text, R"("})")};
}

/// Our request out of Beast's; names in lower case.
inline HttpServerRequest ToRequest(http_ns::request<http_ns::string_body>&& message) {
  HttpServerRequest request;
  request.method = std::string(View(message.method_string()));
  const std::string_view target = View(message.target());
  const std::size_t mark = std::min(target.find('?'), target.size());
  request.path = std::string(target.substr(0, mark));
  if (mark < target.size()) request.query = std::string(target.substr(mark + 1));
  for (const auto& field : message) {
    request.headers.emplace_back(base::ToLower(View(field.name_string())),
                                 std::string(View(field.value())));
  }
  request.body = std::move(message.body());
  return request;
}

inline bool IsHeaderSafe(std::string_view name, std::string_view value) {
  const auto token = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  };
  const auto text = [](char c) { return c == '\t' || (c >= ' ' && c != '\x7f') || c < 0; };
  return !name.empty() && std::all_of(name.begin(), name.end(), token) &&
         std::all_of(value.begin(), value.end(), text);
}

/// Beast's answer out of ours. A header that could split the answer makes it a 500: the handler is
/// wrong, and the client must not see what it wrote.
inline http_ns::response<http_ns::string_body> ToAnswer(HttpServerResponse response,
                                                        bool keep_alive) {
  namespace http = http_ns;
  const bool safe = std::all_of(response.headers.begin(), response.headers.end(),
                                [](const auto& h) { return IsHeaderSafe(h.first, h.second); });
  if (!safe || response.status < 200 || response.status > 599) {
    response = RefusalAnswer(500, "the service made an invalid answer");
  } else if (response.body.empty() && response.headers.empty() && response.status >= 500) {
    response = RefusalAnswer(response.status, response.status == 503
                                                  ? "the service did not answer in time"
                                                  : "the service failed");
  }
  http::response<http::string_body> answer;
  answer.version(11);
  answer.result(static_cast<unsigned>(response.status));
  for (const auto& [name, value] : response.headers) {
    const std::string lower = base::ToLower(name);
    if (lower == "content-length" || lower == "connection" || lower == "transfer-encoding") {
      continue;
    }
    answer.insert(name, value);
  }
  answer.keep_alive(keep_alive);
  if (response.status != 204 && response.status != 304) {
    answer.body() = std::move(response.body);
    answer.prepare_payload();
  }
  return answer;
}

/// The certificate that the client proved to own and that the authority signed, if any.
inline std::optional<crypto::CertificateFacts> PeerCertificate(SSL* ssl) {
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(ssl),
                                                                &X509_free);
  if (!certificate || SSL_get_verify_result(ssl) != X509_V_OK) return std::nullopt;
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate.get(), &der);
  if (size < 0) return std::nullopt;
  absl::StatusOr<crypto::CertificateFacts> facts = crypto::ReadCertificateDer(
      {reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)});
  OPENSSL_free(der);
  if (!facts.ok()) return std::nullopt;
  return *std::move(facts);
}

}  // namespace kontor::net::internal
