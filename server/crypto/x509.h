// SPDX-License-Identifier: Apache-2.0
// Reads who a certificate is for. It does not decide whether to trust it: the TLS handshake does.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace kontor::crypto {

/// What kontor uses of an X.509 certificate.
struct CertificateFacts {
  std::string subject;                ///< RFC 2253, for example `CN=treasury,O=Example`
  std::string issuer;                 ///< RFC 2253
  std::string common_name;            ///< the subject's last CN, UTF-8, or empty
  std::vector<std::string> dns_names;  ///< subject alternative names of type DNS
  std::vector<std::string> uris;       ///< of type URI, SPIFFE ids among them
  std::vector<std::string> emails;     ///< of type e-mail
  std::string fingerprint;            ///< SHA-256 of the DER form, 64 hexadecimal digits
  std::int64_t not_before_seconds = 0;  ///< Unix time, UTC
  std::int64_t not_after_seconds = 0;   ///< Unix time, UTC
};

/// Facts of a DER certificate. Errors: INVALID_ARGUMENT when it is none, or when a name holds a NUL
/// (the old trick to show one name and mean another). Pure, thread safe.
absl::StatusOr<CertificateFacts> ReadCertificateDer(std::string_view der);
/// Facts of the first certificate of a PEM text. Errors: INVALID_ARGUMENT. Pure, thread safe.
absl::StatusOr<CertificateFacts> ReadCertificatePem(std::string_view pem);

}  // namespace kontor::crypto
