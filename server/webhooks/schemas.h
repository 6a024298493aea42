// SPDX-License-Identifier: Apache-2.0
// What is published for receivers without authentication: the JSON Schema of each event type and
// the keys that check `v1a`. Compiled in, so that an installation needs no files beside the
// program.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "server/crypto/ed25519.h"

namespace kontor::webhooks {

inline constexpr char kKeysPath[] = "/.well-known/jwks.json";
inline constexpr char kSchemaListPath[] = "/schemas/index.json";

/// Path of the schema of an event type: `/schemas/invoice.posted.v1.json`. Pure.
std::string SchemaPath(std::string_view event_type);

/// Bodies by path, constant: each schema, and `/schemas/index.json`, the list of their paths.
/// Media type `application/schema+json`, the index `application/json`.
const std::map<std::string, std::string>& PublishedSchemas();

}  // namespace kontor::webhooks
