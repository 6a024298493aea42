// SPDX-License-Identifier: Apache-2.0
// How repeats of a request are told from reuse of its id.
#pragma once

#include <string>

#include "server/crypto/digest.h"

namespace kontor::api {

/// SHA-256 of the method's name and of all that the request says beside its id, hex. Pure.
template <typename Request>
std::string DigestOf(const std::string& method, const Request& request) {
  Request bare = request;
  bare.clear_request_id();
  return crypto::Sha256(method + bare.SerializeAsString()).Hex();
}

/// The request's id with that digest, as `Key`, which has a request_id and a digest. Pure.
template <typename Key, typename Request>
Key KeyOf(const std::string& method, const Request& request) {
  return {request.request_id(), DigestOf(method, request)};
}

}  // namespace kontor::api
