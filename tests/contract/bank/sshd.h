// SPDX-License-Identifier: Apache-2.0
// A real SSH server on loopback with keys of its own, for as long as the object lives.
#pragma once

#include <filesystem>
#include <string>

#include <sys/types.h>

namespace kontor::bank::testing {

/// Path of sshd and ssh-keygen, or why there is none.
std::string MissingSshd();

class Sshd {
 public:
  /// Starts and waits until it takes connections; throws std::runtime_error.
  explicit Sshd(const std::filesystem::path& folder);
  ~Sshd();
  Sshd(const Sshd&) = delete;
  Sshd& operator=(const Sshd&) = delete;

  int port() const { return port_; }
  const std::string& fingerprint() const { return fingerprint_; }
  const std::string& private_key() const { return private_key_; }  ///< That may log in.
  const std::string& user() const { return user_; }

 private:
  pid_t process_ = -1;
  int port_ = 0;
  std::string fingerprint_;
  std::string private_key_;
  std::string user_;
};

}  // namespace kontor::bank::testing
