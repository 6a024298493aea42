// SPDX-License-Identifier: Apache-2.0
// P-256 keys and X.509 certificates through OpenSSL's EVP interface.
#include "tests/unit/sdk/certificates.h"

#include <cstdlib>
#include <memory>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace kontor::sdk_test {
namespace {

constexpr long kLifetimeS = 3600;

template <auto Free>
struct Freer {
  template <typename T>
  void operator()(T* thing) const {
    Free(thing);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freer<X509_free>>;
using Memory = std::unique_ptr<BIO, Freer<BIO_free>>;

void Must(bool worked) {
  if (!worked) std::abort();
}

std::string TextOf(BIO* memory) {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(memory, &bytes);
  return {bytes, static_cast<size_t>(size)};
}

void Extend(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
  Must(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

/// A certificate for `key`, signed by `signer` in the name of `issuer` (itself when null).
Certificate Issue(EVP_PKEY* key, const char* name, X509* issuer, EVP_PKEY* signer, long serial,
                  const char* alternative) {
  Certificate certificate(X509_new());
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kLifetimeS);
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
  X509* named = issuer != nullptr ? issuer : certificate.get();
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(named));
  X509_set_pubkey(certificate.get(), key);
  Extend(certificate.get(), named, NID_basic_constraints,
         issuer == nullptr ? "critical,CA:TRUE" : "CA:FALSE");
  if (alternative != nullptr) {
    Extend(certificate.get(), named, NID_subject_alt_name, alternative);
  }
  Must(X509_sign(certificate.get(), signer, EVP_sha256()) > 0);
  return certificate;
}

Pem ToPem(X509* certificate, EVP_PKEY* key) {
  const Memory first(BIO_new(BIO_s_mem()));
  const Memory second(BIO_new(BIO_s_mem()));
  Must(PEM_write_bio_X509(first.get(), certificate) == 1);
  Must(PEM_write_bio_PrivateKey(second.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return {TextOf(first.get()), TextOf(second.get())};
}

}  // namespace

Certificates MakeCertificates() {
  const Key authority_key(EVP_EC_gen("P-256"));
  const Key server_key(EVP_EC_gen("P-256"));
  const Key client_key(EVP_EC_gen("P-256"));
  Must(authority_key && server_key && client_key);
  const Certificate authority =
      Issue(authority_key.get(), "Test authority", nullptr, authority_key.get(), 1, nullptr);
  const Certificate server = Issue(server_key.get(), "server", authority.get(),
                                   authority_key.get(), 2, "IP:127.0.0.1");
  const Certificate client = Issue(client_key.get(), "ledger", authority.get(),
                                   authority_key.get(), 3, "DNS:ledger");
  return {ToPem(authority.get(), authority_key.get()), ToPem(server.get(), server_key.get()),
          ToPem(client.get(), client_key.get())};
}

}  // namespace kontor::sdk_test
