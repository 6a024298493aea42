// SPDX-License-Identifier: Apache-2.0
// The contract names its fields alike everywhere (request_id; requests or item; wait), so that
// reflection serves all methods.
#include "sdk/cpp/src/request_ids.h"

#include <cstdint>
#include <random>
#include <string>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/duration.pb.h>

#include "kontor/sdk/connection.h"

namespace kontor::sdk {
namespace internal {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

const FieldDescriptor* IdField(const Descriptor& type) {
  // In the request for a list it is a filter: only operations of that request id.
  if (type.FindFieldByName("page_token") != nullptr) return nullptr;
  const FieldDescriptor* field = type.FindFieldByName("request_id");
  const bool fits = field != nullptr && !field->is_repeated() &&
                    field->cpp_type() == FieldDescriptor::CPPTYPE_STRING;
  return fits ? field : nullptr;
}

/// The field that holds items with request ids of their own; null when there is none.
const FieldDescriptor* ItemsField(const Descriptor& type) {
  for (const char* name : {"requests", "item"}) {
    const FieldDescriptor* field = type.FindFieldByName(name);
    if (field != nullptr && field->message_type() != nullptr &&
        IdField(*field->message_type()) != nullptr) {
      return field;
    }
  }
  return nullptr;
}

}  // namespace

bool HasRequestIds(const Message& request) {
  const Descriptor& type = *request.GetDescriptor();
  const auto& reflection = *request.GetReflection();
  if (const FieldDescriptor* field = IdField(type)) {
    return !reflection.GetString(request, field).empty();
  }
  const FieldDescriptor* items = ItemsField(type);
  if (items == nullptr) return false;
  if (!items->is_repeated()) return HasRequestIds(reflection.GetMessage(request, items));
  const int count = reflection.FieldSize(request, items);
  for (int i = 0; i < count; ++i) {
    if (!HasRequestIds(reflection.GetRepeatedMessage(request, items, i))) return false;
  }
  return true;
}

absl::Duration WaitOf(const Message& request) {
  const FieldDescriptor* field = request.GetDescriptor()->FindFieldByName("wait");
  const bool fits =
      field != nullptr && !field->is_repeated() && field->message_type() != nullptr &&
      field->message_type() == google::protobuf::Duration::descriptor() &&
      request.GetReflection()->HasField(request, field);
  if (!fits) return absl::ZeroDuration();
  const auto& wait = static_cast<const google::protobuf::Duration&>(
      request.GetReflection()->GetMessage(request, field));
  const auto duration = absl::Seconds(wait.seconds()) + absl::Nanoseconds(wait.nanos());
  return std::max(duration, absl::ZeroDuration());
}

}  // namespace internal

std::string NewRequestId() {
  // The system's source each time: ids must not repeat across processes that were forked.
  std::random_device device;
  uint8_t bytes[16];
  for (int i = 0; i < 4; ++i) {
    const uint32_t word = device();
    for (int j = 0; j < 4; ++j) bytes[4 * i + j] = static_cast<uint8_t>(word >> (8 * j));
  }
  bytes[6] = static_cast<uint8_t>((bytes[6] & 0x0FU) | 0x40U);
  bytes[8] = static_cast<uint8_t>((bytes[8] & 0x3FU) | 0x80U);
  constexpr char kHex[] = "0123456789abcdef";
  std::string id;
  for (int i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) id.push_back('-');
    id.push_back(kHex[bytes[i] >> 4]);
    id.push_back(kHex[bytes[i] & 15]);
  }
  return id;
}

void FillRequestIds(google::protobuf::Message& request) {
  const auto& type = *request.GetDescriptor();
  const auto& reflection = *request.GetReflection();
  if (const auto* field = internal::IdField(type)) {
    if (reflection.GetString(request, field).empty()) {
      reflection.SetString(&request, field, NewRequestId());
    }
    return;
  }
  const auto* items = internal::ItemsField(type);
  if (items == nullptr) return;
  if (!items->is_repeated()) {
    FillRequestIds(*reflection.MutableMessage(&request, items));
    return;
  }
  const int count = reflection.FieldSize(request, items);
  for (int i = 0; i < count; ++i) {
    FillRequestIds(*reflection.MutableRepeatedMessage(&request, items, i));
  }
}

}  // namespace kontor::sdk
