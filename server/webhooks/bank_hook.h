// SPDX-License-Identifier: Apache-2.0
// What banks push by `POST /hooks/bank/<channel>`: statuses and statements, signed by the bank's
// own secret of the channel (Standard Webhooks), told from repetitions, and answered after their
// bytes are on disk. What they say is read later, as any other file of the channel.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "server/base/clock.h"
#include "server/model/bank.h"
#include "server/net/http_listener.h"
#include "server/ports/store.h"

namespace kontor::webhooks {

inline constexpr std::string_view kBankHookPrefix = "/hooks/bank/";
/// Messages that wait for the disk; further ones are answered 503.
inline constexpr std::size_t kBankQueueMax = 64;

/// Keeps the bytes as a file that came by the channel; answers the file's id once it is on disk.
/// The same bytes are the same file. May block.
using KeepBankFile = std::function<absl::StatusOr<std::string>(
    const std::string& channel, const std::string& name, const std::string& bytes)>;

struct BankHookDependencies {
  ports::Store& store;
  const base::Clock& clock;
  KeepBankFile keep;
  /// Event name and fields without payloads or secrets. May be empty.
  std::function<void(const std::string& event,
                     const std::vector<std::pair<std::string, std::string>>& fields)>
      log;
};

/// Thread-safe. Handle runs on network threads and never blocks: one thread of its own takes the
/// messages in turn.
class BankHook {
 public:
  explicit BankHook(BankHookDependencies dependencies);
  ~BankHook();
  BankHook(const BankHook&) = delete;
  BankHook& operator=(const BankHook&) = delete;

  /// Answers 200 when the message is on disk (again), 400 for an unusable one, 401 for a wrong
  /// signature or an old time, 404 where no channel takes messages, 405, 409 for other content
  /// under the id of an earlier message, and 503.
  void Handle(net::HttpServerRequest request, net::HttpRespond respond);
  /// Requests after this are answered 503; those that wait too. Blocks until the one under way
  /// ends.
  void Stop();

 private:
  struct Waiting {
    net::HttpServerRequest request;
    net::HttpRespond respond;
  };
  void Run();
  net::HttpServerResponse Take(const net::HttpServerRequest& request);
  absl::StatusOr<model::Channel> ChannelOf(const std::string& name);
  absl::StatusOr<std::pair<std::string, bool>> Keep(const model::Channel& channel,
                                                    const std::string& message_id,
                                                    const std::string& bytes);

  const BankHookDependencies deps_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Waiting> waiting_;
  bool stopped_ = false;
  std::thread thread_;  ///< Last: it ends before anything that it uses.
};

}  // namespace kontor::webhooks
