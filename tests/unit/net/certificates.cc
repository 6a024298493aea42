// SPDX-License-Identifier: Apache-2.0
// EC keys and X.509 certificates straight from OpenSSL; a failure throws and so fails the test.
#include "tests/unit/net/certificates.h"

#include <sys/stat.h>

#include <cstdio>
#include <memory>
#include <stdexcept>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace kontor::net {
namespace {

using PkeyPtr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using X509Ptr = std::unique_ptr<X509, decltype(&X509_free)>;
using FilePtr = std::unique_ptr<FILE, decltype(&fclose)>;

void Must(bool done) {
  if (!done) throw std::runtime_error("OpenSSL could not make a test certificate");
}

PkeyPtr NewKey() { return PkeyPtr(EVP_EC_gen("P-256"), &EVP_PKEY_free); }

void Extend(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  Must(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

// Unsigned. `issuer` null: by itself.
X509Ptr NewCertificate(EVP_PKEY* key, const std::string& common_name, X509* issuer, long serial) {
  X509Ptr certificate(X509_new(), &X509_free);
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 24L * 3600);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* name = X509_get_subject_name(certificate.get());
  Must(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                  reinterpret_cast<const unsigned char*>(common_name.c_str()), -1,
                                  -1, 0) == 1);
  X509_set_issuer_name(certificate.get(),
                       issuer == nullptr ? name : X509_get_subject_name(issuer));
  return certificate;
}

void WriteCertificate(const std::string& path, X509* certificate) {
  const FilePtr file(fopen(path.c_str(), "w"), &fclose);
  Must(file && PEM_write_X509(file.get(), certificate) == 1);
}

void WriteKey(const std::string& path, EVP_PKEY* key) {
  const FilePtr file(fopen(path.c_str(), "w"), &fclose);
  Must(file && PEM_write_PrivateKey(file.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
  chmod(path.c_str(), 0600);
}

}  // namespace

struct TestAuthority::Keys {
  PkeyPtr key = NewKey();
  X509Ptr certificate{nullptr, &X509_free};
  long serial = 1;
};

TestAuthority::TestAuthority() : keys_(new Keys) {
  std::string pattern = (std::filesystem::temp_directory_path() / "kontor-tls-XXXXXX").string();
  folder_ = mkdtemp(pattern.data());
  keys_->certificate = NewCertificate(keys_->key.get(), "kontor test authority", nullptr, 1);
  Extend(keys_->certificate.get(), keys_->certificate.get(), NID_basic_constraints,
         "critical,CA:TRUE");
  Must(X509_sign(keys_->certificate.get(), keys_->key.get(), EVP_sha256()) > 0);
  WriteCertificate(certificate_file(), keys_->certificate.get());
}

TestAuthority::~TestAuthority() {
  delete keys_;
  std::filesystem::remove_all(folder_);
}

void TestAuthority::Issue(const std::string& name, const std::string& common_name,
                          const std::string& ip) {
  const PkeyPtr key = NewKey();
  const X509Ptr certificate =
      NewCertificate(key.get(), common_name, keys_->certificate.get(), ++keys_->serial);
  Extend(certificate.get(), keys_->certificate.get(), NID_subject_alt_name, "IP:" + ip);
  Must(X509_sign(certificate.get(), keys_->key.get(), EVP_sha256()) > 0);
  WriteCertificate(File(name + ".pem"), certificate.get());
  WriteKey(File(name + ".key"), key.get());
}

}  // namespace kontor::net
