// SPDX-License-Identifier: Apache-2.0
// Certificates for tests, made anew in a folder of their own that goes with the object.
#pragma once

#include <filesystem>
#include <string>

namespace kontor::net {

/// An authority and what it signs. Files are PEM, keys of mode 0600.
class TestAuthority {
 public:
  TestAuthority();
  ~TestAuthority();
  TestAuthority(const TestAuthority&) = delete;
  TestAuthority& operator=(const TestAuthority&) = delete;

  /// The authority's certificate.
  std::string certificate_file() const { return File("authority.pem"); }
  /// Writes NAME.pem and NAME.key for `common_name`, valid for address `ip`. Overwrites.
  void Issue(const std::string& name, const std::string& common_name,
             const std::string& ip = "127.0.0.1");
  std::string File(const std::string& name) const { return (folder_ / name).string(); }

 private:
  struct Keys;
  std::filesystem::path folder_;
  Keys* keys_;
};

}  // namespace kontor::net
