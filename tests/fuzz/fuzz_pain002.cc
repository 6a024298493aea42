// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "server/formats/pain002.h"
#include "server/formats/streams.h"

namespace {

class Counter final : public kontor::ports::PaymentStatusSink {
 public:
  absl::Status OnOrder(const kontor::model::OrderStatus&) override { return absl::OkStatus(); }
  absl::Status OnInstruction(const kontor::model::InstructionStatus&) override {
    return absl::OkStatus();
  }
  absl::Status OnTransfer(const kontor::model::TransferStatus&) override {
    ++transfers;
    return absl::OkStatus();
  }
  int64_t transfers = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  kontor::formats::TextSource source(text, bytes[0]);
  Counter counter;
  kontor::ports::ReadReport report;
  if (!kontor::formats::ReadPain002(source, counter, report).ok()) return 0;
  if (counter.transfers != report.line_count) std::abort();
  return 0;
}
