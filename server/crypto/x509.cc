// SPDX-License-Identifier: Apache-2.0
// Names are taken as UTF-8 out of the ASN.1 strings and refused when they hold a NUL byte.
#include "server/crypto/x509.h"

#include <ctime>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "absl/status/status.h"
#include "server/crypto/digest.h"
#include "server/crypto/internal/openssl.h"

namespace kontor::crypto {
namespace {

using NamesPtr = std::unique_ptr<GENERAL_NAMES, internal::Deleter<GENERAL_NAMES_free>>;

absl::Status Refused() { return absl::InvalidArgumentError("not a usable X.509 certificate"); }

// The text of an ASN.1 string; false when it is not text or holds a NUL.
bool Text(const ASN1_STRING* value, std::string& text) {
  unsigned char* utf8 = nullptr;
  const int size = ASN1_STRING_to_UTF8(&utf8, value);
  if (size < 0) return false;
  text.assign(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size));
  OPENSSL_free(utf8);
  return text.find('\0') == std::string::npos;
}

std::string NameText(const X509_NAME* name) {
  const internal::BioPtr bio(BIO_new(BIO_s_mem()));
  // UTF-8 stays readable: RFC 2253 escapes, without escaping bytes beyond ASCII.
  X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
  char* start = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &start);  // NOLINT(google-runtime-int)
  return std::string(start, static_cast<std::size_t>(size));
}

bool Seconds(const ASN1_TIME* time, std::int64_t& seconds) {
  std::tm broken_down{};
  if (ASN1_TIME_to_tm(time, &broken_down) != 1) return false;
  seconds = timegm(&broken_down);
  return true;
}

bool AlternativeNames(const X509* certificate, CertificateFacts& facts) {
  const NamesPtr names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    std::vector<std::string>* list = name->type == GEN_DNS     ? &facts.dns_names
                                     : name->type == GEN_URI   ? &facts.uris
                                     : name->type == GEN_EMAIL ? &facts.emails
                                                               : nullptr;
    if (list == nullptr) continue;
    std::string text;
    if (!Text(name->d.ia5, text)) return false;
    list->push_back(std::move(text));
  }
  return true;
}

absl::StatusOr<CertificateFacts> Facts(const X509* certificate) {
  CertificateFacts facts;
  const X509_NAME* subject = X509_get_subject_name(certificate);
  facts.subject = NameText(subject);
  facts.issuer = NameText(X509_get_issuer_name(certificate));
  int last = -1;
  for (int next = last; (next = X509_NAME_get_index_by_NID(subject, NID_commonName, next)) >= 0;) {
    last = next;
  }
  if (last >= 0 &&
      !Text(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, last)), facts.common_name)) {
    return Refused();
  }
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate, &der);
  if (size < 0) return Refused();
  facts.fingerprint =
      Sha256({reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)}).Hex();
  OPENSSL_free(der);
  if (!AlternativeNames(certificate, facts) ||
      !Seconds(X509_get0_notBefore(certificate), facts.not_before_seconds) ||
      !Seconds(X509_get0_notAfter(certificate), facts.not_after_seconds)) {
    return Refused();
  }
  return facts;
}

}  // namespace

absl::StatusOr<CertificateFacts> ReadCertificateDer(std::string_view der) {
  const unsigned char* next = internal::Bytes(der);
  const internal::X509Ptr certificate(d2i_X509(nullptr, &next, static_cast<long>(der.size())));
  ERR_clear_error();
  if (!certificate) return Refused();
  return Facts(certificate.get());
}

absl::StatusOr<CertificateFacts> ReadCertificatePem(std::string_view pem) {
  const internal::BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const internal::X509Ptr certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  if (!certificate) return Refused();
  return Facts(certificate.get());
}

}  // namespace kontor::crypto
