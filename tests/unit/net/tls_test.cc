// SPDX-License-Identifier: Apache-2.0
// TLS and mutual TLS between our own client and listener, with certificates made for the test.
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include <sys/stat.h>

#include <boost/test/unit_test.hpp>

#include "server/base/status.h"
#include "server/net/http_client.h"
#include "server/net/http_listener.h"
#include "tests/unit/net/certificates.h"
#include "tests/unit/net/sockets.h"

namespace kontor::net {
namespace {

using base::Outcome;
using base::Reason;
using ClientCertificate = TlsServerOptions::ClientCertificate;

struct Fixture {
  Fixture() {
    authority.Issue("server", "kontor server");
    authority.Issue("client", "treasury-bot");
    other.Issue("stranger", "stranger");
  }

  std::unique_ptr<HttpListener> Start(ClientCertificate mode, absl::Duration check_interval) {
    HttpListenerOptions options;
    options.tls = TlsServerOptions{authority.File("server.pem"), authority.File("server.key"),
                                   authority.certificate_file(), mode, check_interval};
    return HttpListener::Start(options, [](HttpServerRequest r, const HttpRespond& respond) {
             const bool known = r.client_certificate.has_value();
             respond({200, {}, std::string(r.encrypted ? "tls " : "plain ") +
                                   (known ? r.client_certificate->common_name : "nobody")});
           }).value();
  }
  std::unique_ptr<HttpListener> Start(ClientCertificate mode) {
    return Start(mode, absl::Hours(1));
  }

  ports::HttpResponse Ask(const HttpListener& listener, const std::string& client_name = "") {
    const auto client =
        MakeHttpClient(HttpClientOptions{.allowed_networks = {"127.0.0.0/8"}}).value();
    ports::HttpRequest request;
    request.method = "GET";
    request.url = "https://127.0.0.1:" + std::to_string(listener.port()) + "/";
    request.ca_file = authority.certificate_file();
    request.total_timeout = absl::Seconds(5);
    if (!client_name.empty()) {
      const TestAuthority& from = client_name == "stranger" ? other : authority;
      request.client_certificate_file = from.File(client_name + ".pem");
      request.client_key_file = from.File(client_name + ".key");
    }
    return client->SendAndWait(request);
  }

  TestAuthority authority, other;
};

BOOST_FIXTURE_TEST_CASE(an_encrypted_request_is_answered_and_known_as_such, Fixture) {
  const auto listener = Start(ClientCertificate::kNone);
  BOOST_TEST(Ask(*listener).body == "tls nobody");
  BOOST_TEST(Ask(*listener, "client").body == "tls nobody");
}

BOOST_FIXTURE_TEST_CASE(an_optional_client_certificate_is_known_when_it_is_good, Fixture) {
  const auto listener = Start(ClientCertificate::kOptional);
  BOOST_TEST(Ask(*listener).body == "tls nobody");
  BOOST_TEST(Ask(*listener, "client").body == "tls treasury-bot");
  BOOST_TEST(!Ask(*listener, "stranger").status.ok());
}

BOOST_FIXTURE_TEST_CASE(a_required_client_certificate_keeps_everyone_else_out, Fixture) {
  const auto listener = Start(ClientCertificate::kRequired);
  BOOST_TEST(Ask(*listener, "client").body == "tls treasury-bot");
  BOOST_TEST(!Ask(*listener).status.ok());
  BOOST_TEST(!Ask(*listener, "stranger").status.ok());
  BOOST_TEST(listener->counts().requests == 1U);
  // In TLS 1.3 the client may hear of its failure before the server has counted it.
  for (int i = 0; i < 100000 && listener->counts().tls_failures < 2; ++i) {
    std::this_thread::yield();
  }
  BOOST_TEST(listener->counts().tls_failures == 2U);
}

BOOST_FIXTURE_TEST_CASE(a_server_that_cannot_prove_its_name_gets_nothing, Fixture) {
  const auto listener = Start(ClientCertificate::kNone);
  const auto refused = [&](const std::string& host, const std::string& ca_file) {
    const auto client =
        MakeHttpClient(HttpClientOptions{.allowed_networks = {"127.0.0.0/8", "::1"}}).value();
    ports::HttpRequest request;
    request.url = "https://" + host + ":" + std::to_string(listener->port()) + "/";
    request.ca_file = ca_file;
    request.total_timeout = absl::Seconds(5);
    const ports::HttpResponse response = client->SendAndWait(request);
    BOOST_TEST(base::Is(response.status, Reason::kPeerUnreachable));
    BOOST_TEST((base::OutcomeOf(response.status) == Outcome::kNotApplied));
  };
  refused("127.0.0.1", "");                          // unknown authority
  refused("127.0.0.1", other.certificate_file());    // another authority
  refused("localhost", authority.certificate_file());  // another name
  refused("127.0.0.1", authority.File("absent.pem"));
  BOOST_TEST(listener->counts().requests == 0U);
}

BOOST_FIXTURE_TEST_CASE(plain_text_on_a_tls_port_gets_no_answer_from_the_handler, Fixture) {
  const auto listener = Start(ClientCertificate::kNone);
  Socket client = Socket::Connect(listener->port());
  client.Send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  client.ReadAll();
  BOOST_TEST(listener->counts().requests == 0U);
  BOOST_TEST(listener->counts().tls_failures == 1U);
}

BOOST_FIXTURE_TEST_CASE(a_silent_client_cannot_hold_a_handshake_open, Fixture) {
  HttpListenerOptions options;
  options.header_timeout = absl::Milliseconds(150);
  options.tls = TlsServerOptions{authority.File("server.pem"), authority.File("server.key"), "",
                                 ClientCertificate::kNone, absl::Hours(1)};
  const auto listener = HttpListener::Start(options, [](HttpServerRequest, HttpRespond) {}).value();
  Socket client = Socket::Connect(listener->port());
  BOOST_TEST(client.AtEnd());
}

BOOST_FIXTURE_TEST_CASE(tls_may_listen_beyond_loopback, Fixture) {
  HttpListenerOptions options;
  options.address = "0.0.0.0";
  options.tls = TlsServerOptions{authority.File("server.pem"), authority.File("server.key"), "",
                                 ClientCertificate::kNone, absl::Hours(1)};
  BOOST_TEST(HttpListener::Start(options, [](HttpServerRequest, HttpRespond) {}).ok());
}

BOOST_FIXTURE_TEST_CASE(certificate_files_with_a_fault_are_refused_with_their_name, Fixture) {
  const auto start = [&](const std::string& certificate, const std::string& key,
                         const std::string& ca) {
    HttpListenerOptions options;
    options.tls = TlsServerOptions{certificate, key, ca,
                                   ca.empty() ? ClientCertificate::kNone
                                              : ClientCertificate::kRequired,
                                   absl::Hours(1)};
    const absl::Status status =
        HttpListener::Start(options, [](HttpServerRequest, HttpRespond) {}).status();
    BOOST_TEST(absl::IsFailedPrecondition(status));
    return std::string(status.message());
  };
  const std::string pem = authority.File("server.pem");
  const std::string key = authority.File("server.key");
  BOOST_TEST(start("/no/such/file", key, "").find("/no/such/file") != std::string::npos);
  BOOST_TEST(start(pem, "/no/such/file", "").find("/no/such/file") != std::string::npos);
  BOOST_TEST(start(pem, key, "/no/such/file").find("/no/such/file") != std::string::npos);
  start(pem, authority.File("client.key"), "");  // the key of another certificate
  start(key, key, "");
  start(pem, pem, "");
  chmod(key.c_str(), 0644);
  BOOST_TEST(start(pem, key, "").find("chmod 0600") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_new_certificate_serves_without_a_restart, Fixture) {
  const auto listener = Start(ClientCertificate::kNone, absl::Milliseconds(20));
  BOOST_TEST(Ask(*listener).status.ok());
  authority.Issue("server", "for another address", "192.0.2.1");
  BOOST_TEST(listener->ReloadCertificates().ok());
  BOOST_TEST(base::Is(Ask(*listener).status, Reason::kPeerUnreachable));
  authority.Issue("server", "for this address again");
  // Found by the listener itself: asked until it answers, bounded.
  bool served = false;
  for (int i = 0; i < 500 && !served; ++i) served = Ask(*listener).status.ok();
  BOOST_TEST(served);
}

BOOST_FIXTURE_TEST_CASE(a_broken_new_certificate_leaves_the_former_in_use, Fixture) {
  const auto listener = Start(ClientCertificate::kNone);
  std::ofstream(authority.File("server.pem")) << "broken";
  BOOST_TEST(absl::IsFailedPrecondition(listener->ReloadCertificates()));
  BOOST_TEST(Ask(*listener).status.ok());
}

}  // namespace
}  // namespace kontor::net
