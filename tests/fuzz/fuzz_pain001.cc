// SPDX-License-Identifier: Apache-2.0
// A file that is read as an order and that a dialect takes is written and read again: the same.
#include <cstdlib>

#include "server/formats/pain001.h"
#include "server/formats/streams.h"

namespace {

using namespace kontor;  // a harness of its own, nothing includes it

class Collector final : public ports::PaymentOrderSink {
 public:
  absl::Status OnOrder(const model::PaymentOrderHeader& header) override {
    order.header = header;
    return absl::OkStatus();
  }
  absl::Status OnInstruction(const model::PaymentInstruction& instruction) override {
    order.batches.push_back({instruction, {}});
    return absl::OkStatus();
  }
  absl::Status OnTransfer(const model::CreditTransfer& transfer) override {
    order.batches.back().transfers.push_back(transfer);
    return absl::OkStatus();
  }
  model::PaymentOrder order;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  formats::TextSource source(text, bytes[0]);
  Collector first;
  formats::TextSink canonical;
  if (!formats::ReadPain001(source, first, &canonical).ok()) return 0;
  for (const formats::Dialect& dialect : formats::BuiltInDialects()) {
    formats::TextSink file;
    formats::TextSink written;
    if (!formats::WritePain001(dialect, first.order, file, &written).ok()) continue;
    if (written.text() != canonical.text()) std::abort();
    formats::TextSource again(file.text());
    Collector second;
    formats::TextSink read;
    if (!formats::ReadPain001(again, second, &read).ok()) std::abort();
    if (read.text() != canonical.text()) std::abort();
  }
  return 0;
}
