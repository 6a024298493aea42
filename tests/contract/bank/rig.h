// SPDX-License-Identifier: Apache-2.0
// A channel of the kind under test over fresh folders, which the tests see from the bank's side.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>

#include <boost/test/unit_test.hpp>

#include "adapters/bank/channels.h"
#include "server/base/clock.h"
#include "server/ports/bank_channel.h"

namespace kontor::bank::testing {

class WebhookBank;

/// The bank behind webhooks, one for all tests of the run.
WebhookBank& BankOfRun();

/// Why the kind under test cannot run here; empty: it can.
std::string CannotRun();
std::string KindUnderTest();

class TextSource final : public ports::ByteSource {
 public:
  explicit TextSource(std::string text) : text_(std::move(text)) {}
  absl::StatusOr<size_t> Read(std::span<char> into) override;

 private:
  std::string text_;
  size_t at_ = 0;
};

struct Rig {
  Rig();
  ~Rig();
  /// With other settings over the usual ones: a JSON object.
  std::shared_ptr<ports::BankChannel> Make(const std::string& overrides = "{}");
  absl::Status Submit(const std::string& name, const std::string& text);
  absl::StatusOr<ports::FilePlace> Find(const std::string& name, const std::string& text);
  ports::OutgoingFile FileOf(const std::string& name, const std::string& text) const;
  /// A file of the bank's, `age` old.
  void Arrive(const std::string& name, const std::string& text,
              absl::Duration age = absl::Minutes(5));
  /// What the bank got and has not taken up yet: bytes by file name.
  std::map<std::string, std::string> HandedOver();
  /// The bank takes up all that was handed over.
  void TakeAll();
  /// Until it is told otherwise, no order can be handed over.
  void Refuse(bool refuses);
  std::string ReadFile(const std::filesystem::path& path) const;
  std::vector<std::string> Names(const std::string& folder) const;

  std::filesystem::path folder;
  base::SystemClock clock;
  std::shared_ptr<ports::BankChannel> channel;
  std::string secret;
  std::string settings;

 private:
  std::set<std::string> taken_;  ///< Message ids that a bank behind webhooks took up.
};

}  // namespace kontor::bank::testing
