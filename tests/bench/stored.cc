// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/stored.h"

#include "server/app/settings.h"
#include "server/base/status.h"
#include "server/crypto/key_file.h"

namespace kontor::bench {

absl::StatusOr<std::unique_ptr<Stored>> Stored::Open(const ServerOptions& options) {
  auto stored = std::make_unique<Stored>();
  KONTOR_ASSIGN_OR_RETURN(const app::Config config,
                          app::Config::Load("", {}, SettingsOf(options)));
  KONTOR_ASSIGN_OR_RETURN(const auto text, crypto::ReadSecretFile(app::SealKeyFile(config)));
  KONTOR_ASSIGN_OR_RETURN(auto ring, crypto::KeyRing::Parse(text.Reveal()));
  stored->crypto_ = std::make_unique<app::CryptoPort>(std::move(ring));
  stored->ids_ = std::make_unique<base::IdSource>(
      stored->clock_, [crypto = stored->crypto_.get()](uint8_t* bytes, size_t count) {
        crypto->Random(bytes, count);
      });
  KONTOR_ASSIGN_OR_RETURN(stored->store_,
                          store::OpenStore(app::StoreSettingsOf(config), *stored->crypto_,
                                           stored->clock_));
  return stored;
}

}  // namespace kontor::bench
