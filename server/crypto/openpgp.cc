// SPDX-License-Identifier: Apache-2.0
#include "server/crypto/openpgp.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <limits>
#include <utility>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/crypto/internal/rnp.h"

namespace kontor::crypto {
namespace {

using base::Error;
using base::Reason;
using base::StrCat;
using internal::BoundedText;
using internal::InputOver;
using internal::MakeRings;
using internal::RnpEncrypt;
using internal::RnpFfi;
using internal::RnpInput;
using internal::RnpIterator;
using internal::RnpKey;
using internal::RnpOutput;
using internal::RnpSign;
using internal::RnpText;
using internal::RnpVerify;

constexpr char kOwn[] = "own";
constexpr char kTheirs[] = "theirs";
constexpr uint32_t kRsaBitsMin = 2048;
constexpr size_t kKeysMax = 10;  ///< Of theirs.
/// Room for packets, armor and signatures around the bytes themselves.
constexpr size_t kSealedOverhead = size_t{1} << 20U;
/// The other side's clock may be ahead of ours by so much.
constexpr absl::Duration kClockSlack = absl::Minutes(5);
constexpr char kHash[] = RNP_ALGNAME_SHA256;
constexpr char kCipher[] = RNP_ALGNAME_AES_256;
constexpr char kCompression[] = "ZIP";  // the one that every reader has
constexpr int kCompressionLevel = 6;

/// What keys are used for, as librnp names it.
constexpr char kSigning[] = "sign";
constexpr char kEncrypting[] = "encrypt";

absl::Status Unusable(const char* side, std::string_view what) {
  return Error(Reason::kOpenpgpKeyUnusable).Field(side).Says(what);
}

absl::Status Failed(std::string_view tried, rnp_result_t result) {
  return Error(Reason::kInternal)
      .Says(StrCat("librnp could not ", tried, ": ", rnp_result_to_string(result)));
}

bool IsStrong(rnp_key_handle_t key) {
  RnpText algorithm;
  if (rnp_key_get_alg(key, algorithm.out()) != RNP_SUCCESS) return false;
  const std::string_view name = algorithm.view();
  if (name == RNP_ALGNAME_ECDH || name == RNP_ALGNAME_ECDSA || name == RNP_ALGNAME_EDDSA) {
    return true;
  }
  uint32_t bits = 0;
  return name == RNP_ALGNAME_RSA && rnp_key_get_bits(key, &bits) == RNP_SUCCESS &&
         bits >= kRsaBitsMin;
}

bool IsRevoked(rnp_key_handle_t key) {
  bool revoked = true;
  return rnp_key_is_revoked(key, &revoked) != RNP_SUCCESS || revoked;
}

bool Allows(rnp_key_handle_t key, const char* usage) {
  bool allowed = false;
  return rnp_key_allows_usage(key, usage, &allowed) == RNP_SUCCESS && allowed;
}

bool HasSecret(rnp_key_handle_t key) {
  bool secret = false;
  return rnp_key_have_secret(key, &secret) == RNP_SUCCESS && secret;
}

absl::Time ValidUntil(rnp_key_handle_t key) {
  uint64_t till = 0;
  if (rnp_key_valid_till64(key, &till) != RNP_SUCCESS || till == 0) return absl::InfinitePast();
  if (till > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
    return absl::InfiniteFuture();
  }
  return absl::FromUnixSeconds(static_cast<int64_t>(till));
}

std::string FingerprintOf(rnp_key_handle_t key) {
  RnpText text;
  rnp_key_get_fprint(key, text.out());
  return std::string(text.view());
}

std::string PrimaryOf(rnp_key_handle_t key) {
  bool is_primary = false;
  if (rnp_key_is_primary(key, &is_primary) == RNP_SUCCESS && is_primary) return FingerprintOf(key);
  RnpText text;
  rnp_key_get_primary_fprint(key, text.out());
  return std::string(text.view());
}

/// The primary key and its subkeys.
void ForEachPart(rnp_key_handle_t primary, const std::function<void(RnpKey)>& visit,
                 rnp_ffi_t rings) {
  RnpKey self;
  const std::string fingerprint = FingerprintOf(primary);
  rnp_locate_key(rings, "fingerprint", fingerprint.c_str(), self.out());
  if (self) visit(std::move(self));
  size_t count = 0;
  rnp_key_get_subkey_count(primary, &count);
  for (size_t i = 0; i < count; ++i) {
    RnpKey subkey;
    if (rnp_key_get_subkey_at(primary, i, subkey.out()) == RNP_SUCCESS) visit(std::move(subkey));
  }
}

/// The part of a key that is fit for a use and stays so the longest; empty: none is.
struct Part {
  RnpKey key;
  absl::Time until = absl::InfinitePast();
};
Part PartFor(rnp_ffi_t rings, rnp_key_handle_t primary, const char* usage, bool with_secret) {
  Part best;
  ForEachPart(
      primary,
      [&](RnpKey key) {
        const bool fit = Allows(key.get(), usage) && IsStrong(key.get()) && !IsRevoked(key.get()) &&
                         (!with_secret || HasSecret(key.get()));
        const absl::Time until = ValidUntil(key.get());
        if (!fit || until == absl::InfinitePast() || until <= best.until) return;
        best.until = until;
        best.key = std::move(key);
      },
      rings);
  return best;
}

OpenPgpKeyFacts FactsOf(rnp_ffi_t rings, rnp_key_handle_t primary, bool with_secret) {
  OpenPgpKeyFacts facts;
  facts.fingerprint = FingerprintOf(primary);
  facts.signs_until = PartFor(rings, primary, kSigning, with_secret).until;
  facts.encrypts_until = PartFor(rings, primary, kEncrypting, with_secret).until;
  return facts;
}

RnpFfi RingsAt(absl::Time now) {
  RnpFfi rings = MakeRings();
  // Before keys are read: whether they are valid is judged then.
  if (rings) rnp_set_timestamp(rings.get(), static_cast<uint64_t>(absl::ToUnixSeconds(now)));
  return rings;
}

/// Reads keys into rings.
absl::Status Import(rnp_ffi_t rings, std::string_view bytes, const char* side) {
  if (bytes.size() > OpenPgp::kKeyBytesMax) return Unusable(side, "the key has too many bytes");
  const RnpInput input = InputOver(bytes);
  RnpText results;
  const rnp_result_t read = rnp_import_keys(
      rings, input.get(), RNP_LOAD_SAVE_PUBLIC_KEYS | RNP_LOAD_SAVE_SECRET_KEYS, results.out());
  if (read == RNP_SUCCESS) return absl::OkStatus();
  return Unusable(side, "it is no OpenPGP key, or one that cannot be read");
}

absl::StatusOr<std::vector<RnpKey>> PrimariesOf(rnp_ffi_t rings, const char* side) {
  std::vector<RnpKey> keys;
  RnpIterator all;
  rnp_identifier_iterator_create(rings, all.out(), "fingerprint");
  const char* fingerprint = nullptr;
  while (all && rnp_identifier_iterator_next(all.get(), &fingerprint) == RNP_SUCCESS &&
         fingerprint != nullptr) {
    RnpKey key;
    rnp_locate_key(rings, "fingerprint", fingerprint, key.out());
    bool is_primary = false;
    if (!key || rnp_key_is_primary(key.get(), &is_primary) != RNP_SUCCESS || !is_primary) continue;
    if (keys.size() >= kKeysMax) return Unusable(side, "there are too many keys");
    keys.push_back(std::move(key));
  }
  if (keys.empty()) return Unusable(side, "there is no key in it");
  return keys;
}

/// What time does not change.
absl::Status CheckPrimary(rnp_key_handle_t key, const OpenPgpKeyFacts& facts, const char* side) {
  const std::string name = StrCat("the key ", facts.fingerprint);
  if (IsRevoked(key)) return Unusable(side, StrCat(name, " is revoked"));
  if (!IsStrong(key)) {
    return Unusable(side, StrCat(name,
                                 " is weak: RSA of 2048 bits, or an elliptic curve, at "
                                 "least"));
  }
  const bool none =
      facts.signs_until == absl::InfinitePast() && facts.encrypts_until == absl::InfinitePast();
  if (!none) return absl::OkStatus();
  return Unusable(side, StrCat(name, " neither signs nor can be encrypted to"));
}

/// Answers the password of our key, and nothing else that is asked for.
bool GivePassword(rnp_ffi_t, void* password, rnp_key_handle_t key, const char*, char* into,
                  size_t room) {
  const auto& text = *static_cast<const std::string*>(password);
  if (key == nullptr || text.empty() || text.size() >= room) return false;
  std::memcpy(into, text.c_str(), text.size() + 1);
  return true;
}

/// Whether the password opens each part of our key.
absl::Status CheckPassword(rnp_ffi_t rings, rnp_key_handle_t primary,
                           const SecretString& password) {
  bool opens = true;
  ForEachPart(
      primary,
      [&](const RnpKey& key) {
        bool is_protected = false;
        rnp_key_is_protected(key.get(), &is_protected);
        if (!HasSecret(key.get()) || !is_protected) return;
        const std::string& text = password.Reveal();
        opens = opens && !text.empty() && rnp_key_unlock(key.get(), text.c_str()) == RNP_SUCCESS;
      },
      rings);
  if (opens) return absl::OkStatus();
  return Unusable(kOwn, password.Reveal().empty() ? "the key is protected by a password"
                                                  : "the password does not open the key");
}

absl::StatusOr<OpenPgpKeyFacts> LookAtOwn(const OpenPgp::Keys& keys, absl::Time now) {
  const RnpFfi rings = RingsAt(now);
  if (!rings) return Failed("make key rings", RNP_ERROR_OUT_OF_MEMORY);
  KONTOR_RETURN_IF_ERROR(Import(rings.get(), keys.own.Reveal(), kOwn));
  KONTOR_ASSIGN_OR_RETURN(const auto primaries, PrimariesOf(rings.get(), kOwn));
  if (primaries.size() != 1) return Unusable(kOwn, "there is more than one key in it");
  const rnp_key_handle_t key = primaries.front().get();
  size_t secrets = 0;
  rnp_get_secret_key_count(rings.get(), &secrets);
  if (secrets == 0) return Unusable(kOwn, "it is a public key; the secret one is needed");
  const OpenPgpKeyFacts facts = FactsOf(rings.get(), key, true);
  KONTOR_RETURN_IF_ERROR(CheckPrimary(key, facts, kOwn));
  KONTOR_RETURN_IF_ERROR(CheckPassword(rings.get(), key, keys.own_password));
  return facts;
}

absl::StatusOr<std::vector<OpenPgpKeyFacts>> LookAtTheirs(const OpenPgp::Keys& keys,
                                                          absl::Time now) {
  const RnpFfi rings = RingsAt(now);
  if (!rings) return Failed("make key rings", RNP_ERROR_OUT_OF_MEMORY);
  KONTOR_RETURN_IF_ERROR(Import(rings.get(), keys.theirs, kTheirs));
  size_t secrets = 0;
  rnp_get_secret_key_count(rings.get(), &secrets);
  if (secrets > 0) return Unusable(kTheirs, "it is a secret key; only the public one may be here");
  KONTOR_ASSIGN_OR_RETURN(const auto primaries, PrimariesOf(rings.get(), kTheirs));
  std::vector<OpenPgpKeyFacts> all;
  for (const RnpKey& key : primaries) {
    const OpenPgpKeyFacts facts = FactsOf(rings.get(), key.get(), false);
    KONTOR_RETURN_IF_ERROR(CheckPrimary(key.get(), facts, kTheirs));
    all.push_back(facts);
  }
  return all;
}

/// Both sides' keys as they are now.
class Rings {
 public:
  static absl::StatusOr<Rings> At(absl::Time now, const OpenPgp::Keys& keys) {
    Rings rings(RingsAt(now), now);
    if (!rings.rings_) return Failed("make key rings", RNP_ERROR_OUT_OF_MEMORY);
    if (!keys.own.Reveal().empty()) {
      KONTOR_RETURN_IF_ERROR(Import(rings.get(), keys.own.Reveal(), kOwn));
    }
    if (!keys.theirs.empty()) KONTOR_RETURN_IF_ERROR(Import(rings.get(), keys.theirs, kTheirs));
    // The callback only reads it, and lives as long as the keys do.
    auto* password = const_cast<std::string*>(&keys.own_password.Reveal());
    rnp_ffi_set_pass_provider(rings.get(), &GivePassword, password);
    return rings;
  }
  rnp_ffi_t get() const { return rings_.get(); }

  /// A part of the key that can be used now. OPENPGP_KEY_UNUSABLE.
  absl::StatusOr<RnpKey> Fit(const OpenPgpKeyFacts& facts, const char* usage,
                             const char* side) const {
    RnpKey primary;
    rnp_locate_key(get(), "fingerprint", facts.fingerprint.c_str(), primary.out());
    if (!primary) return Unusable(side, StrCat("the key ", facts.fingerprint, " is not there"));
    Part part = PartFor(get(), primary.get(), usage, side == std::string_view(kOwn));
    if (part.key && part.until > now_) return std::move(part.key);
    const char* what =
        usage == std::string_view(kSigning) ? " does not sign" : " cannot be encrypted to";
    const std::string since =
        part.key ? StrCat(" since ", absl::FormatTime("%Y-%m-%d", part.until, absl::UTCTimeZone()))
                 : std::string();
    return Unusable(side, StrCat("the key ", facts.fingerprint, what, since));
  }

 private:
  Rings(RnpFfi rings, absl::Time now) : rings_(std::move(rings)), now_(now) {}
  RnpFfi rings_;
  absl::Time now_;
};

absl::Status SignOnly(const Rings& rings, rnp_key_handle_t signer, std::string_view bytes,
                      bool armor, rnp_output_t output) {
  const RnpInput input = InputOver(bytes);
  RnpSign op;
  rnp_result_t done = rnp_op_sign_create(op.out(), rings.get(), input.get(), output);
  if (done == RNP_SUCCESS) done = rnp_op_sign_set_armor(op.get(), armor);
  if (done == RNP_SUCCESS) done = rnp_op_sign_set_hash(op.get(), kHash);
  if (done == RNP_SUCCESS) {
    done = rnp_op_sign_set_compression(op.get(), kCompression, kCompressionLevel);
  }
  if (done == RNP_SUCCESS) done = rnp_op_sign_add_signature(op.get(), signer, nullptr);
  if (done == RNP_SUCCESS) done = rnp_op_sign_execute(op.get());
  return done == RNP_SUCCESS ? absl::OkStatus() : Failed("sign", done);
}

/// `signer` null: it is not signed.
absl::Status EncryptTo(const Rings& rings, const std::vector<RnpKey>& readers,
                       rnp_key_handle_t signer, std::string_view bytes, bool armor,
                       rnp_output_t output) {
  const RnpInput input = InputOver(bytes);
  RnpEncrypt op;
  rnp_result_t done = rnp_op_encrypt_create(op.out(), rings.get(), input.get(), output);
  if (done == RNP_SUCCESS) done = rnp_op_encrypt_set_armor(op.get(), armor);
  if (done == RNP_SUCCESS) done = rnp_op_encrypt_set_hash(op.get(), kHash);
  if (done == RNP_SUCCESS) done = rnp_op_encrypt_set_cipher(op.get(), kCipher);
  if (done == RNP_SUCCESS) {
    done = rnp_op_encrypt_set_compression(op.get(), kCompression, kCompressionLevel);
  }
  for (const RnpKey& reader : readers) {
    if (done == RNP_SUCCESS) done = rnp_op_encrypt_add_recipient(op.get(), reader.get());
  }
  if (done == RNP_SUCCESS && signer != nullptr) {
    done = rnp_op_encrypt_add_signature(op.get(), signer, nullptr);
  }
  if (done == RNP_SUCCESS) done = rnp_op_encrypt_execute(op.get());
  return done == RNP_SUCCESS ? absl::OkStatus() : Failed("encrypt", done);
}

/// What was found of a message that was read to its end.
class Opened {
 public:
  static absl::StatusOr<Opened> Read(const Rings& rings, std::string_view sealed,
                                     rnp_output_t output) {
    Opened opened;
    const RnpInput input = InputOver(sealed);
    rnp_result_t done = rnp_op_verify_create(opened.op_.out(), rings.get(), input.get(), output);
    if (done != RNP_SUCCESS) return Failed("begin to read", done);
    opened.result_ = rnp_op_verify_execute(opened.op_.get());
    return opened;
  }

  /// Whether it could be read at all; signatures are judged by SignedBy.
  bool WasRead() const {
    constexpr std::array<rnp_result_t, 5> kFine = {
        RNP_SUCCESS, RNP_ERROR_SIGNATURE_INVALID, RNP_ERROR_SIGNATURE_EXPIRED,
        RNP_ERROR_SIGNATURE_UNKNOWN, RNP_ERROR_NO_SIGNATURES_FOUND};
    return std::ranges::find(kFine, result_) != kFine.end();
  }
  bool IsEncrypted() const { return Mode() != "none"; }
  /// Protected against changes, by a cipher whose blocks are long enough.
  bool IsProtected() const {
    RnpText mode;
    RnpText cipher;
    bool valid = false;
    rnp_op_verify_get_protection_info(op_.get(), mode.out(), cipher.out(), &valid);
    constexpr std::array<std::string_view, 7> kLong = {
        RNP_ALGNAME_AES_128,      RNP_ALGNAME_AES_192,      RNP_ALGNAME_AES_256,
        RNP_ALGNAME_CAMELLIA_128, RNP_ALGNAME_CAMELLIA_192, RNP_ALGNAME_CAMELLIA_256,
        RNP_ALGNAME_TWOFISH};
    return valid && std::ranges::find(kLong, cipher.view()) != kLong.end();
  }
  /// Empty: one signature at least is good and by one of `keys`; else what is wrong.
  std::string CannotTrust(const std::vector<OpenPgpKeyFacts>& keys) const {
    size_t count = 0;
    rnp_op_verify_get_signature_count(op_.get(), &count);
    std::string why = "it is not signed";
    for (size_t i = 0; i < count; ++i) {
      why = WrongWith(i, keys);
      if (why.empty()) break;
    }
    return why;
  }

 private:
  std::string Mode() const {
    RnpText mode;
    rnp_op_verify_get_protection_info(op_.get(), mode.out(), nullptr, nullptr);
    return mode.view().empty() ? "none" : std::string(mode.view());
  }
  std::string WrongWith(size_t index, const std::vector<OpenPgpKeyFacts>& keys) const {
    rnp_op_verify_signature_t signature = nullptr;
    if (rnp_op_verify_get_signature_at(op_.get(), index, &signature) != RNP_SUCCESS) {
      return "its signature cannot be read";
    }
    const rnp_result_t status = rnp_op_verify_signature_get_status(signature);
    if (status == RNP_ERROR_SIGNATURE_EXPIRED) return "its signature ran out";
    RnpKey signer;
    const rnp_result_t known = rnp_op_verify_signature_get_key(signature, signer.out());
    if (known != RNP_SUCCESS || !signer) return "it is signed by a key that is not known";
    if (status != RNP_SUCCESS) return "its signature is wrong";
    // Rings hold our key too: what we signed ourselves is not the other side's word.
    const std::string primary = PrimaryOf(signer.get());
    const bool theirs = std::ranges::any_of(
        keys, [&](const OpenPgpKeyFacts& key) { return key.fingerprint == primary; });
    if (!theirs) return StrCat("it is signed by ", primary, ", which is none of the keys agreed");
    return IsStrong(signer.get()) ? "" : "it is signed by a weak key";
  }

  RnpVerify op_;
  rnp_result_t result_ = RNP_SUCCESS;
};

absl::Status Unreadable(std::string_view what) {
  return Error(Reason::kOpenpgpUnreadable).Says(what);
}

absl::Status NotSealed(std::string_view what) { return Error(Reason::kOpenpgpRequired).Says(what); }

/// The packet with which binary messages begin: encrypted session keys, signatures, compressed.
bool IsMessageTag(unsigned char first) {
  constexpr unsigned char kPacket = 0x80;
  constexpr unsigned char kNewFormat = 0x40;
  if ((first & kPacket) == 0) return false;
  const int tag = (first & kNewFormat) != 0 ? first & 0x3F : (first & 0x3C) >> 2;
  constexpr std::array kTags = {1, 3, 4, 8, 9, 18};
  return std::ranges::find(kTags, tag) != kTags.end();
}

}  // namespace

absl::StatusOr<OpenPgp> OpenPgp::Make(Keys keys, absl::Time now) {
  OpenPgp made(std::move(keys));
  if (!made.keys_.own.Reveal().empty()) {
    KONTOR_ASSIGN_OR_RETURN(made.own_facts_, LookAtOwn(made.keys_, now));
  }
  if (!made.keys_.theirs.empty()) {
    KONTOR_ASSIGN_OR_RETURN(made.their_facts_, LookAtTheirs(made.keys_, now));
  }
  for (const OpenPgpKeyFacts& facts : made.their_facts_) {
    // Else what we send could come back as the other side's word.
    if (made.own_facts_ && facts.fingerprint == made.own_facts_->fingerprint) {
      return Unusable(kTheirs, "it is our own key");
    }
  }
  return made;
}

absl::StatusOr<std::string> OpenPgp::Seal(std::string_view bytes,
                                          const SealOptions& options) const {
  KONTOR_ASSIGN_OR_RETURN(const Rings rings, Rings::At(options.now, keys_));
  RnpKey signer;
  if (options.sign) {
    if (!own_facts_) return Unusable(kOwn, "there is no key to sign with");
    KONTOR_ASSIGN_OR_RETURN(signer, rings.Fit(*own_facts_, kSigning, kOwn));
  }
  std::vector<RnpKey> readers;
  absl::Status none = Unusable(kTheirs, "there is no key to encrypt to");
  for (const OpenPgpKeyFacts& facts : their_facts_) {
    if (!options.encrypt) break;
    auto reader = rings.Fit(facts, kEncrypting, kTheirs);
    // The old one of a pair may have run out already; one of them is enough.
    if (reader.ok()) {
      readers.push_back(*std::move(reader));
    } else {
      none = reader.status();
    }
  }
  if (options.encrypt && readers.empty()) return none;
  BoundedText out(2 * bytes.size() + kSealedOverhead);
  const RnpOutput output = out.Output();
  absl::Status done = Error(Reason::kInternal).Says("neither signing nor encrypting is no sealing");
  if (options.encrypt) {
    done = EncryptTo(rings, readers, signer.get(), bytes, options.armor, output.get());
  } else if (options.sign) {
    done = SignOnly(rings, signer.get(), bytes, options.armor, output.get());
  }
  KONTOR_RETURN_IF_ERROR(done);
  rnp_output_finish(output.get());
  return out.Take();
}

absl::StatusOr<std::string> OpenPgp::Open(std::string_view sealed,
                                          const OpenOptions& options) const {
  if (!LooksLikeMessage(sealed)) return NotSealed("it is no OpenPGP message");
  KONTOR_ASSIGN_OR_RETURN(const Rings rings, Rings::At(options.now + kClockSlack, keys_));
  BoundedText out(options.bytes_max);
  const RnpOutput output = out.Output();
  KONTOR_ASSIGN_OR_RETURN(const Opened opened, Opened::Read(rings, sealed, output.get()));
  rnp_output_finish(output.get());
  if (out.overflowed()) {
    return Error(Reason::kTooLarge)
        .Says(StrCat("what is in it has more than ", options.bytes_max, " bytes"));
  }
  if (!opened.WasRead()) {
    return Unreadable(opened.IsEncrypted()
                          ? "it is not encrypted to our key, or it was changed on its way"
                          : "it is no whole OpenPGP message, or it was changed on its way");
  }
  if (opened.IsEncrypted() && !opened.IsProtected()) {
    return Unreadable("it is encrypted without protection against changes, or by an old cipher");
  }
  if (options.must_be_encrypted && !opened.IsEncrypted()) return NotSealed("it is not encrypted");
  if (options.must_be_signed) {
    const std::string why = opened.CannotTrust(their_facts_);
    if (!why.empty()) return Error(Reason::kOpenpgpSignatureInvalid).Says(why);
  }
  return out.Take();
}

absl::Status OpenPgp::TryOwnKey(absl::Time now) const {
  if (!own_facts_) return Unusable(kOwn, "there is no key to decrypt with");
  constexpr std::string_view kProbe = "kontor looks whether its key opens what it locks";
  KONTOR_ASSIGN_OR_RETURN(const Rings rings, Rings::At(now, keys_));
  std::vector<RnpKey> readers(1);
  KONTOR_ASSIGN_OR_RETURN(readers.front(), rings.Fit(*own_facts_, kEncrypting, kOwn));
  BoundedText out(kSealedOverhead);
  {
    const RnpOutput output = out.Output();
    KONTOR_RETURN_IF_ERROR(EncryptTo(rings, readers, nullptr, kProbe, false, output.get()));
    rnp_output_finish(output.get());
  }
  OpenOptions options;
  options.must_be_signed = false;
  options.bytes_max = kProbe.size();
  options.now = now;
  const auto opened = Open(out.Take(), options);
  if (opened.ok() && *opened == kProbe) return absl::OkStatus();
  return Unusable(kOwn, "the key does not open what was encrypted to it");
}

bool OpenPgp::LooksLikeMessage(std::string_view bytes) {
  constexpr std::string_view kArmor = "-----BEGIN PGP MESSAGE-----";
  const size_t start = std::min(bytes.find_first_not_of(" \t\r\n"), bytes.size());
  if (bytes.substr(start).starts_with(kArmor)) return true;
  return !bytes.empty() && IsMessageTag(static_cast<unsigned char>(bytes.front()));
}

}  // namespace kontor::crypto
