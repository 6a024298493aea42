// SPDX-License-Identifier: Apache-2.0
// Files sent in pieces: constant memory, progress on what takes long, one answer at the end.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <google/protobuf/message.h>

#include "absl/status/status.h"
#include "kontor/sdk/connection.h"
#include "sdk/cli/app.h"

namespace kontor::cli {

/// Gives the file's pieces; false: `piece` is the last one. Called until then.
using TakePiece = std::function<absl::Status(std::string piece, bool last)>;

/// Reads the file ('-' is standard input) and hands its pieces on, at least one, with progress on
/// `err` once it takes long. NOT_FOUND when it cannot be read, what `take` answers.
absl::Status ReadInPieces(const std::string& path, Surroundings& surroundings,
                          const TakePiece& take);

/// Fills what the flags left open in the first message of an upload: the file's own name, and a
/// request id.
template <typename Head>
void CompleteHead(const std::string& path, Head* head) {
  if (head->file_name().empty()) {
    head->set_file_name(path == "-" ? "standard input" : path.substr(path.rfind('/') + 1));
  }
  if (head->request_id().empty()) head->set_request_id(sdk::NewRequestId());
}

/// Sends the file to a method that takes a stream of `Request` with `chunk` and `last`; `head` is
/// the first message. The method's answer or its error.
template <typename Request, typename Response>
absl::Status SendFile(sdk::Connection& connection, const std::string& method, Request head,
                      const std::string& path, Surroundings& surroundings, Response* response) {
  sdk::CallOptions options;
  options.timeout = absl::ZeroDuration();  // as long as the file takes
  auto stream = connection.Open(method, Response(), options);
  if (!stream.ok()) return stream.status();
  bool broken = false;
  const absl::Status read =
      ReadInPieces(path, surroundings, [&](std::string piece, bool last) -> absl::Status {
        head.set_chunk(std::move(piece));
        head.set_last(last);
        broken = broken || !(*stream)->Write(head);
        head.Clear();
        // The stream's end says why.
        return broken ? absl::CancelledError("broken") : absl::OkStatus();
      });
  if (!read.ok() && !broken) {
    (*stream)->Cancel();
    return read;
  }
  (*stream)->WritesDone();
  const auto came = (*stream)->Read(*response, absl::InfiniteFuture());
  if (came == sdk::MessageStream::ReadResult::kMessage) {
    Response none;
    (void)(*stream)->Read(none, absl::InfiniteFuture());
  }
  return (*stream)->Finish();
}

}  // namespace kontor::cli
