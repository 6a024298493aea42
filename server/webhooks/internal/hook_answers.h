// SPDX-License-Identifier: Apache-2.0
// The answers that both kinds of hooks give, sources' and banks': JSON, never stored by anyone
// between, and without a word on what is inside.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/net/http_listener.h"

namespace kontor::webhooks::internal {

/// A JSON text as it is.
net::HttpServerResponse JsonAnswer(int status, std::string body);
/// 200: the message is kept under the id; `again`: it was before. Ids are ours and need no escape.
net::HttpServerResponse Taken(const std::string& id, bool again);
/// Reason and message of an error under its HTTP status; 429 and 503 say when to come again, at
/// `retry_after` where the error itself names no time.
net::HttpServerResponse Refused(const absl::Status& status,
                                absl::Duration retry_after = absl::Seconds(1));
/// 405.
net::HttpServerResponse OnlyPost();

}  // namespace kontor::webhooks::internal
