// SPDX-License-Identifier: Apache-2.0
// Reads a whole status report.
#pragma once

#include <string_view>
#include <vector>

#include "server/formats/pain002.h"
#include "server/formats/streams.h"

namespace kontor::formats::testing {

struct Statuses {
  absl::Status status;
  ports::ReadReport report;
  model::OrderStatus order;
  std::vector<model::InstructionStatus> instructions;
  std::vector<model::TransferStatus> transfers;
};

inline Statuses ReadStatuses(std::string_view text) {
  struct Sink final : ports::PaymentStatusSink {
    explicit Sink(Statuses& to) : got(to) {}
    absl::Status OnOrder(const model::OrderStatus& order) override {
      got.order = order;
      return absl::OkStatus();
    }
    absl::Status OnInstruction(const model::InstructionStatus& instruction) override {
      got.instructions.push_back(instruction);
      return absl::OkStatus();
    }
    absl::Status OnTransfer(const model::TransferStatus& transfer) override {
      got.transfers.push_back(transfer);
      return absl::OkStatus();
    }
    Statuses& got;
  };
  Statuses got;
  Sink sink(got);
  TextSource source(text);
  got.status = ReadPain002(source, sink, got.report);
  return got;
}

}  // namespace kontor::formats::testing
