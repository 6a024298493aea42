// SPDX-License-Identifier: Apache-2.0
// Makes OpenPGP keys and odd messages for tests, by librnp itself.
#pragma once

#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace kontor::crypto::testing {

struct KeyWish {
  std::string algorithm = "EDDSA";
  unsigned bits = 0;
  std::string subkey = "ECDH";  ///< Empty: none.
  unsigned subkey_bits = 0;
  absl::Duration lives = absl::ZeroDuration();         ///< From when it was made; zero: for ever.
  absl::Duration subkey_lives = absl::ZeroDuration();  ///< The same.
  std::string password = {};
  bool revoked = false;
  bool subkey_revoked = false;
};

struct MadeKey {
  std::string fingerprint;
  std::string secret;  ///< Armored.
  std::string open;    ///< The public key, armored.
  std::string secret_binary;
  std::string open_binary;
};
MadeKey MakeKey(absl::Time now, const KeyWish& wish = {});

/// A message as others make it.
struct MessageWish {
  std::string signer = {};    ///< A secret key; empty: not signed.
  std::string reader = {};    ///< A public key; empty: not encrypted.
  std::string password = {};  ///< Not empty: encrypted by it.
  std::string cipher = "AES256";
  absl::Duration signature_lives = absl::ZeroDuration();
  bool cleartext = false;  ///< A signed text instead of a message.
  bool detached = false;   ///< The signature alone.
};
std::string MakeMessage(std::string_view bytes, absl::Time now, const MessageWish& wish);

}  // namespace kontor::crypto::testing
