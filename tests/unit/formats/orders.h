// SPDX-License-Identifier: Apache-2.0
// Payment orders to write and what is read back of them.
#pragma once

#include <string>
#include <string_view>

#include "server/formats/dialect.h"
#include "server/formats/pain001.h"
#include "server/formats/streams.h"

namespace kontor::formats::testing {

/// The base order of a built-in dialect with all its accepted examples' kinds of content: one
/// transfer for each of them, ids made unique. Counts and sums are right.
model::PaymentOrder RichOrder(const Dialect& dialect);

/// Collects what a reader tells.
class OrderCollector final : public ports::PaymentOrderSink {
 public:
  absl::Status OnOrder(const model::PaymentOrderHeader& header) override;
  absl::Status OnInstruction(const model::PaymentInstruction& instruction) override;
  absl::Status OnTransfer(const model::CreditTransfer& transfer) override;
  const model::PaymentOrder& order() const { return order_; }

 private:
  model::PaymentOrder order_;
};

struct Written {
  absl::Status status;
  std::string file;
  std::string canonical;
};
Written Write(const Dialect& dialect, const model::PaymentOrder& order);

struct ReadBack {
  absl::Status status;
  model::PaymentOrder order;
  std::string canonical;
};
ReadBack Read(std::string_view file, size_t chunk_bytes_max = 0);

}  // namespace kontor::formats::testing
