// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/crypto/openpgp_maker.h"

#include <stdexcept>

#include "server/crypto/internal/rnp.h"

namespace kontor::crypto::testing {
namespace {

using internal::InputOver;
using internal::RnpEncrypt;
using internal::RnpFfi;
using internal::RnpHandle;
using internal::RnpInput;
using internal::RnpKey;
using internal::RnpOutput;
using internal::RnpSign;
using internal::RnpText;
using Generate = RnpHandle<rnp_op_generate_t, rnp_op_generate_destroy>;

void Must(rnp_result_t result) {
  if (result != RNP_SUCCESS) throw std::runtime_error(rnp_result_to_string(result));
}

RnpFfi RingsAt(absl::Time now) {
  RnpFfi rings = internal::MakeRings();
  Must(rnp_set_timestamp(rings.get(), static_cast<uint64_t>(absl::ToUnixSeconds(now))));
  return rings;
}

uint32_t Seconds(absl::Duration time) { return static_cast<uint32_t>(absl::ToInt64Seconds(time)); }

RnpOutput ToMemory() {
  RnpOutput output;
  Must(rnp_output_to_memory(output.out(), 0));
  return output;
}

std::string BytesOf(const RnpOutput& output) {
  uint8_t* bytes = nullptr;
  size_t count = 0;
  Must(rnp_output_memory_get_buf(output.get(), &bytes, &count, false));
  return {reinterpret_cast<const char*>(bytes), count};
}

std::string Export(const RnpKey& key, uint32_t what) {
  const RnpOutput output = ToMemory();
  Must(rnp_key_export(key.get(), output.get(), what | RNP_KEY_EXPORT_SUBKEYS));
  return BytesOf(output);
}

void AddSubkey(const RnpFfi& rings, const RnpKey& primary, const KeyWish& wish) {
  Generate op;
  Must(rnp_op_generate_subkey_create(op.out(), rings.get(), primary.get(), wish.subkey.c_str()));
  if (wish.subkey == "ECDH") Must(rnp_op_generate_set_curve(op.get(), "Curve25519"));
  if (wish.subkey_bits > 0) Must(rnp_op_generate_set_bits(op.get(), wish.subkey_bits));
  Must(rnp_op_generate_add_usage(op.get(), "encrypt"));
  Must(rnp_op_generate_set_expiration(op.get(), Seconds(wish.subkey_lives)));
  if (!wish.password.empty()) {
    Must(rnp_op_generate_set_protection_password(op.get(), wish.password.c_str()));
  }
  Must(rnp_op_generate_execute(op.get()));
  RnpKey key;
  Must(rnp_op_generate_get_key(op.get(), key.out()));
  if (wish.subkey_revoked) Must(rnp_key_revoke(key.get(), 0, nullptr, "compromised", nullptr));
}

/// Reads keys and answers the first primary one.
RnpKey Load(const RnpFfi& rings, const std::string& bytes) {
  const RnpInput input = InputOver(bytes);
  Must(rnp_import_keys(rings.get(), input.get(),
                       RNP_LOAD_SAVE_PUBLIC_KEYS | RNP_LOAD_SAVE_SECRET_KEYS, nullptr));
  internal::RnpIterator all;
  Must(rnp_identifier_iterator_create(rings.get(), all.out(), "fingerprint"));
  const char* id = nullptr;
  while (rnp_identifier_iterator_next(all.get(), &id) == RNP_SUCCESS && id != nullptr) {
    RnpKey key;
    Must(rnp_locate_key(rings.get(), "fingerprint", id, key.out()));
    bool primary = false;
    Must(rnp_key_is_primary(key.get(), &primary));
    if (primary) return key;
  }
  throw std::runtime_error("no key");
}

std::string Encrypt(const RnpFfi& rings, const RnpKey& signer, const RnpInput& input,
                    const MessageWish& wish) {
  const RnpOutput output = ToMemory();
  RnpEncrypt op;
  Must(rnp_op_encrypt_create(op.out(), rings.get(), input.get(), output.get()));
  Must(rnp_op_encrypt_set_cipher(op.get(), wish.cipher.c_str()));
  RnpFfi readers = internal::MakeRings();
  RnpKey reader;
  if (!wish.reader.empty()) {
    // Its own rings: the signer's key may be the reader's too.
    reader = Load(readers, wish.reader);
    Must(rnp_op_encrypt_add_recipient(op.get(), reader.get()));
  }
  if (!wish.password.empty()) {
    Must(rnp_op_encrypt_add_password(op.get(), wish.password.c_str(), nullptr, 0, nullptr));
  }
  if (signer) {
    Must(rnp_op_encrypt_add_signature(op.get(), signer.get(), nullptr));
    Must(rnp_op_encrypt_set_expiration_time(op.get(), Seconds(wish.signature_lives)));
  }
  Must(rnp_op_encrypt_execute(op.get()));
  return BytesOf(output);
}

std::string Sign(const RnpFfi& rings, const RnpKey& signer, const RnpInput& input,
                 const MessageWish& wish) {
  const RnpOutput output = ToMemory();
  RnpSign op;
  const auto create = wish.cleartext  ? &rnp_op_sign_cleartext_create
                      : wish.detached ? &rnp_op_sign_detached_create
                                      : &rnp_op_sign_create;
  Must(create(op.out(), rings.get(), input.get(), output.get()));
  Must(rnp_op_sign_add_signature(op.get(), signer.get(), nullptr));
  Must(rnp_op_sign_set_expiration_time(op.get(), Seconds(wish.signature_lives)));
  Must(rnp_op_sign_execute(op.get()));
  return BytesOf(output);
}

}  // namespace

MadeKey MakeKey(absl::Time now, const KeyWish& wish) {
  const RnpFfi rings = RingsAt(now);
  Generate op;
  Must(rnp_op_generate_create(op.out(), rings.get(), wish.algorithm.c_str()));
  if (wish.bits > 0) Must(rnp_op_generate_set_bits(op.get(), wish.bits));
  Must(rnp_op_generate_add_usage(op.get(), "sign"));
  Must(rnp_op_generate_set_userid(op.get(), "Treasury <treasury@example.test>"));
  Must(rnp_op_generate_set_expiration(op.get(), Seconds(wish.lives)));
  if (!wish.password.empty()) {
    Must(rnp_op_generate_set_protection_password(op.get(), wish.password.c_str()));
  }
  Must(rnp_op_generate_execute(op.get()));
  RnpKey key;
  Must(rnp_op_generate_get_key(op.get(), key.out()));
  if (!wish.password.empty()) Must(rnp_key_unlock(key.get(), wish.password.c_str()));
  if (!wish.subkey.empty()) AddSubkey(rings, key, wish);
  if (wish.revoked) Must(rnp_key_revoke(key.get(), 0, nullptr, "compromised", nullptr));
  MadeKey made;
  RnpText fingerprint;
  Must(rnp_key_get_fprint(key.get(), fingerprint.out()));
  made.fingerprint = fingerprint.view();
  made.secret = Export(key, RNP_KEY_EXPORT_SECRET | RNP_KEY_EXPORT_ARMORED);
  made.open = Export(key, RNP_KEY_EXPORT_PUBLIC | RNP_KEY_EXPORT_ARMORED);
  made.secret_binary = Export(key, RNP_KEY_EXPORT_SECRET);
  made.open_binary = Export(key, RNP_KEY_EXPORT_PUBLIC);
  return made;
}

std::string MakeMessage(std::string_view bytes, absl::Time now, const MessageWish& wish) {
  const RnpFfi rings = RingsAt(now);
  RnpKey signer;
  if (!wish.signer.empty()) signer = Load(rings, wish.signer);
  const RnpInput input = InputOver(bytes);
  const bool encrypted = !wish.reader.empty() || !wish.password.empty();
  return encrypted ? Encrypt(rings, signer, input, wish) : Sign(rings, signer, input, wish);
}

}  // namespace kontor::crypto::testing
