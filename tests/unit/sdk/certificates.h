// SPDX-License-Identifier: Apache-2.0
// Certificates that live as long as a test: one authority, and what it signs. For tests only.
#pragma once

#include <string>

namespace kontor::sdk_test {

struct Pem {
  std::string certificate;
  std::string key;
};

/// An authority and two it vouches for: a server at 127.0.0.1 and a client named "ledger".
struct Certificates {
  Pem authority;
  Pem server;
  Pem client;
};

/// Makes new ones, valid for an hour. Aborts when OpenSSL fails: a test cannot go on without.
Certificates MakeCertificates();

}  // namespace kontor::sdk_test
