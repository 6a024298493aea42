// SPDX-License-Identifier: Apache-2.0
// The line to a server that all clients share. An interface, so that tests put a mock in its place
// (kontor/sdk_mocks). Knows messages and paths, not what they mean.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "kontor/sdk/options.h"
#include "kontor/sdk/policies.h"

namespace google::protobuf {
class Message;
}

namespace kontor::sdk {

/// One open stream. One thread reads and writes; Cancel may come from any.
class MessageStream {
 public:
  enum class ReadResult {
    kMessage,   ///< `message` holds the next one.
    kEnd,       ///< There are no more: ask Finish why.
    kTimedOut,  ///< Nothing came in time; the stream goes on.
  };
  /// Cancels what still runs.
  virtual ~MessageStream() = default;
  /// Sends one message, waiting while the server holds back. False: the stream is broken; read on
  /// to its end, then ask Finish.
  virtual bool Write(const google::protobuf::Message& message) = 0;
  /// Says that no more will be written.
  virtual void WritesDone() = 0;
  /// Waits for the next message until `deadline` at the latest; the past only looks.
  virtual ReadResult Read(google::protobuf::Message& message, absl::Time deadline) = 0;
  /// How the stream ended. Cancels it when it has not.
  virtual absl::Status Finish() = 0;
  /// Ends the stream: pending reads answer kEnd. Thread-safe, repeatable.
  virtual void Cancel() = 0;
};

/// The line to one server. Thread-safe.
class Connection {
 public:
  virtual ~Connection() = default;
  /// Calls a unary method, "/kontor.v1.Service/Method", and waits. `response` is what the method
  /// answers, and unspecified after a failure. Errors: as the method documents; UNAVAILABLE when
  /// the server cannot be reached; DEADLINE_EXCEEDED.
  virtual absl::Status Call(const std::string& method, const google::protobuf::Message& request,
                            google::protobuf::Message& response, const CallOptions& options) = 0;
  /// Opens a stream. `response` is an empty message of the type that is read. A zero time-out in
  /// the options means none. A server that cannot be reached shows at the first read.
  virtual absl::StatusOr<std::unique_ptr<MessageStream>> Open(
      const std::string& method, const google::protobuf::Message& response,
      const CallOptions& options) = 0;
  /// The policies of this line; watches and bulk calls use them too. No member is null.
  virtual const Policies& policies() const = 0;
};

/// Makes the line to a server over gRPC, with retries. Calls nobody yet. Errors: INVALID_ARGUMENT
/// for options that do not fit together, NOT_FOUND for a file that cannot be read.
absl::StatusOr<std::shared_ptr<Connection>> MakeConnection(Options options);

/// Puts retries, request ids and default time-outs in front of another connection.
std::shared_ptr<Connection> MakeRetryingConnection(std::shared_ptr<Connection> inner,
                                                   Policies policies, absl::Duration timeout);

/// A new request id: a random UUID (RFC 9562, version 4). Thread-safe.
std::string NewRequestId();

/// Gives the request, or each of its items, a request id where it has the field and it is empty.
/// Call it before a first attempt whose outcome must survive a crash of the caller, and keep them.
void FillRequestIds(google::protobuf::Message& request);

}  // namespace kontor::sdk
