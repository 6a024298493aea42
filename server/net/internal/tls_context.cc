// SPDX-License-Identifier: Apache-2.0
// TLS contexts over OpenSSL. The private key goes through crypto::ReadSecretFile, so a key that
// other users may read never serves.
#include "server/net/internal/tls_context.h"

#include <sys/stat.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "server/base/strings.h"
#include "server/crypto/key_file.h"

namespace kontor::net::internal {
namespace {

using BioPtr = std::unique_ptr<BIO, decltype(&BIO_free)>;
using PkeyPtr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

absl::Status Refused(std::string_view what, const std::string& file) {
  const unsigned long code = ERR_get_error();  // NOLINT(google-runtime-int): OpenSSL's type
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return absl::FailedPreconditionError(base::StrCat(
      "TLS: cannot use ", what, " ", file, ": ", reason == nullptr ? "no reason given" : reason));
}

int NoPassphrase(char*, int, int, void*) { return 0; }

absl::Status UseKey(SSL_CTX* context, const std::string& file) {
  const absl::StatusOr<crypto::SecretString> pem = crypto::ReadSecretFile(file);
  if (!pem.ok()) {
    return absl::FailedPreconditionError(
        base::StrCat("TLS: ", base::Std(pem.status().message())));
  }
  const std::string& text = pem->Reveal();
  const BioPtr bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free);
  const PkeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassphrase, nullptr),
                    &EVP_PKEY_free);
  if (!key) return Refused("private key", file);
  // Fails as well when the key does not belong to the certificate that was loaded before.
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1) return Refused("private key", file);
  return absl::OkStatus();
}

absl::Status UseClientAuthority(SSL_CTX* context, const TlsServerOptions& options) {
  if (options.client_certificate == TlsServerOptions::ClientCertificate::kNone) {
    return absl::OkStatus();
  }
  const std::string& file = options.client_authority_file;
  if (file.empty()) {
    return absl::FailedPreconditionError("TLS: client certificates need a client authority file");
  }
  if (SSL_CTX_load_verify_file(context, file.c_str()) != 1) {
    return Refused("client authority", file);
  }
  SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(file.c_str()));
  int mode = SSL_VERIFY_PEER;
  if (options.client_certificate == TlsServerOptions::ClientCertificate::kRequired) {
    mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  }
  SSL_CTX_set_verify(context, mode, nullptr);
  return absl::OkStatus();
}

// Chooses http/1.1 where the client offers it; a client that offers only others goes on without.
int ChooseProtocol(SSL*, const unsigned char** out, unsigned char* out_size,
                   const unsigned char* offered, unsigned int offered_size, void*) {
  static constexpr unsigned char kHttp11[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, kHttp11, sizeof(kHttp11) - 1, offered,
                            offered_size) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

std::string FilesState(const TlsServerOptions& options) {
  std::string state;
  for (const std::string* file :
       {&options.certificate_file, &options.key_file, &options.client_authority_file}) {
    struct stat facts {};
    if (file->empty() || stat(file->c_str(), &facts) != 0) {
      base::StrAppend(&state, "-;");
      continue;
    }
    base::StrAppend(&state, facts.st_mtim.tv_sec, ".", facts.st_mtim.tv_nsec, "/", facts.st_size,
                    "/", facts.st_ino, ";");
  }
  return state;
}

}  // namespace

absl::StatusOr<SslContextPtr> MakeServerContext(const TlsServerOptions& options) {
  const SslContextPtr context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
  if (!context) return Refused("OpenSSL", "");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                         SSL_OP_CIPHER_SERVER_PREFERENCE |
                                         SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(context.get(), ChooseProtocol, nullptr);
  // Resumption needs a context id once clients are verified; one constant per listener is enough.
  static constexpr unsigned char kSessionContext[] = "kontor";
  SSL_CTX_set_session_id_context(context.get(), kSessionContext, sizeof(kSessionContext) - 1);
  if (SSL_CTX_use_certificate_chain_file(context.get(), options.certificate_file.c_str()) != 1) {
    return Refused("certificate", options.certificate_file);
  }
  if (absl::Status key = UseKey(context.get(), options.key_file); !key.ok()) return key;
  if (absl::Status ca = UseClientAuthority(context.get(), options); !ca.ok()) return ca;
  return context;
}

ReloadingContext::ReloadingContext(TlsServerOptions options, SslContextPtr context,
                                   std::string files_state)
    : options_(std::move(options)),
      context_(std::move(context)),
      files_state_(std::move(files_state)) {}

absl::StatusOr<std::unique_ptr<ReloadingContext>> ReloadingContext::Make(TlsServerOptions options) {
  std::string state = FilesState(options);
  absl::StatusOr<SslContextPtr> context = MakeServerContext(options);
  if (!context.ok()) return context.status();
  return std::unique_ptr<ReloadingContext>(
      new ReloadingContext(std::move(options), *std::move(context), std::move(state)));
}

SslContextPtr ReloadingContext::current() const {
  const std::lock_guard lock(mutex_);
  return context_;
}

absl::Status ReloadingContext::Reload() {
  std::string state = FilesState(options_);
  absl::StatusOr<SslContextPtr> context = MakeServerContext(options_);
  const std::lock_guard lock(mutex_);
  files_state_ = std::move(state);  // also after a failure: the next try waits for a change
  if (!context.ok()) return context.status();
  context_ = *std::move(context);
  return absl::OkStatus();
}

absl::Status ReloadingContext::ReloadIfChanged() {
  {
    const std::lock_guard lock(mutex_);
    if (FilesState(options_) == files_state_) return absl::OkStatus();
  }
  return Reload();
}

}  // namespace kontor::net::internal
