// SPDX-License-Identifier: Apache-2.0
#include "sdk/cli/fields.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <iostream>
#include <iterator>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/time_util.h>

#include "absl/time/time.h"

namespace kontor::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr int kDepthMax = 3;
constexpr size_t kFileBytesMax = 256UL * 1024 * 1024;

absl::Status Expected(std::string_view flag, const std::string& what) {
  return absl::InvalidArgumentError("--" + std::string(flag) + ": " + what);
}

std::string Joined(const EnumDescriptor& type) {
  std::string out;
  for (int i = 0; i < type.value_count(); ++i) {
    if (type.value(i)->number() == 0) continue;
    if (!out.empty()) out += "|";
    out += ShortName(*type.value(i));
  }
  return out;
}

bool IsWellKnown(const Descriptor& type, const char* name) { return type.full_name() == name; }

bool IsLeaf(const Descriptor& type) {
  return type.full_name().rfind("google.protobuf.", 0) == 0 ||
         type.full_name() == "kontor.v1.Money";
}

/// Secrets may come from a file, so that no command line and no shell history holds them.
bool IsSecret(const FieldDescriptor& field) {
  return field.name() == "api_key" || field.name() == "secret" ||
         field.name() == "bootstrap_token";
}

std::string AboutOf(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_ENUM: return Joined(*field.enum_type());
    case FieldDescriptor::CPPTYPE_BOOL: return "true|false";
    case FieldDescriptor::CPPTYPE_STRING:
      if (field.type() == FieldDescriptor::TYPE_BYTES) return "@file";
      return IsSecret(field) ? "@file" : "text";
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (IsWellKnown(*field.message_type(), "google.protobuf.Duration")) return "such as 90s";
      if (IsWellKnown(*field.message_type(), "google.protobuf.Timestamp")) {
        return "such as 2026-01-31T08:00:00Z";
      }
      if (IsWellKnown(*field.message_type(), "google.protobuf.FieldMask")) return "field,field";
      if (field.message_type()->full_name() == "kontor.v1.Money") return "such as \"345.58 EUR\"";
      return "JSON or @file";
    default: return "number";
  }
}

void Collect(const Descriptor& type, const std::string& prefix, int depth,
             std::vector<FlagField>* out) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    FlagField flag;
    flag.flag = prefix + ToKebab(field.name());
    flag.about = AboutOf(field);
    flag.repeated = field.is_repeated();
    flag.flag_only = field.cpp_type() == FieldDescriptor::CPPTYPE_BOOL && !field.is_repeated();
    out->push_back(flag);
    const bool nests = field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
                       !field.is_repeated() && !field.is_map() && !IsLeaf(*field.message_type());
    if (nests && depth < kDepthMax) {
      Collect(*field.message_type(), flag.flag + ".", depth + 1, out);
    }
  }
}

template <typename T>
bool ParseNumber(const std::string& text, T* out) {
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), *out);
  return problem == std::errc() && end == text.data() + text.size();
}

const google::protobuf::EnumValueDescriptor* FindValue(const EnumDescriptor& type,
                                                       const std::string& text) {
  for (int i = 0; i < type.value_count(); ++i) {
    if (type.value(i)->name() == text || ShortName(*type.value(i)) == text) return type.value(i);
  }
  return nullptr;
}

/// `345.58 EUR` → Money.
absl::Status SetMoney(std::string_view flag, const std::string& value, Message* money) {
  const size_t space = value.find(' ');
  if (space == std::string::npos) return Expected(flag, "an amount such as \"345.58 EUR\"");
  const Descriptor& type = *money->GetDescriptor();
  const auto* reflection = money->GetReflection();
  reflection->SetString(money, type.FindFieldByName("value"), value.substr(0, space));
  reflection->SetString(money, type.FindFieldByName("currency_code"), value.substr(space + 1));
  return absl::OkStatus();
}

absl::Status SetMessage(std::string_view flag, const std::string& value, Message* target) {
  if (auto* duration = dynamic_cast<google::protobuf::Duration*>(target)) {
    absl::Duration parsed;
    if (!absl::ParseDuration(value, &parsed)) return Expected(flag, "a duration such as 90s");
    *duration = google::protobuf::util::TimeUtil::NanosecondsToDuration(
        absl::ToInt64Nanoseconds(parsed));
    return absl::OkStatus();
  }
  if (auto* time = dynamic_cast<google::protobuf::Timestamp*>(target)) {
    if (!google::protobuf::util::TimeUtil::FromString(value, time)) {
      return Expected(flag, "a time such as 2026-01-31T08:00:00Z");
    }
    return absl::OkStatus();
  }
  if (target->GetDescriptor()->full_name() == "google.protobuf.FieldMask") {
    return ReadJsonInto("\"" + value + "\"", "--" + std::string(flag), target);
  }
  const bool is_json = value.rfind("{", 0) == 0 || value.rfind("@", 0) == 0;
  if (target->GetDescriptor()->full_name() == "kontor.v1.Money" && !is_json) {
    return SetMoney(flag, value, target);
  }
  std::string json = value;
  if (value.rfind("@", 0) == 0) {
    const absl::Status read = ReadWhole(value.substr(1), &json);
    if (!read.ok()) return read;
  }
  return ReadJsonInto(json, "--" + std::string(flag), target);
}

absl::Status SetScalar(std::string_view flag, const std::string& value,
                       const FieldDescriptor& field, Message* message) {
  const auto* reflection = message->GetReflection();
  const bool many = field.is_repeated();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      std::string text = value;
      const bool from_file = field.type() == FieldDescriptor::TYPE_BYTES || IsSecret(field);
      if (from_file && value.rfind("@", 0) == 0) {
        const absl::Status read = ReadWhole(value.substr(1), &text);
        if (!read.ok()) return read;
        // The line feed that editors add is no part of a key.
        if (IsSecret(field)) text.erase(text.find_last_not_of(" \r\n") + 1);
      }
      many ? reflection->AddString(message, &field, text)
           : reflection->SetString(message, &field, text);
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_BOOL: {
      if (value != "true" && value != "false") return Expected(flag, "true or false");
      many ? reflection->AddBool(message, &field, value == "true")
           : reflection->SetBool(message, &field, value == "true");
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_INT32: {
      int32_t number = 0;
      if (!ParseNumber(value, &number)) return Expected(flag, "a whole number");
      many ? reflection->AddInt32(message, &field, number)
           : reflection->SetInt32(message, &field, number);
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_INT64: {
      int64_t number = 0;
      if (!ParseNumber(value, &number)) return Expected(flag, "a whole number");
      many ? reflection->AddInt64(message, &field, number)
           : reflection->SetInt64(message, &field, number);
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_ENUM: {
      const auto* found = FindValue(*field.enum_type(), value);
      if (found == nullptr) return Expected(flag, "one of " + Joined(*field.enum_type()));
      many ? reflection->AddEnum(message, &field, found)
           : reflection->SetEnum(message, &field, found);
      return absl::OkStatus();
    }
    default: return Expected(flag, "a type that flags cannot give; use --request");
  }
}

const FieldDescriptor* FindFlag(const Descriptor& type, std::string_view name) {
  for (int i = 0; i < type.field_count(); ++i) {
    if (ToKebab(type.field(i)->name()) == name) return type.field(i);
  }
  return nullptr;
}

}  // namespace

std::vector<FlagField> FlagFieldsOf(const Descriptor& type) {
  std::vector<FlagField> out;
  Collect(type, "", 1, &out);
  return out;
}

absl::Status SetField(std::string_view flag, const std::string& value, Message* message) {
  std::string_view rest = flag;
  for (;;) {
    const size_t dot = rest.find('.');
    const FieldDescriptor* field = FindFlag(*message->GetDescriptor(), rest.substr(0, dot));
    if (field == nullptr) return absl::InvalidArgumentError("no such flag: --" + std::string(flag));
    const auto* reflection = message->GetReflection();
    if (dot != std::string_view::npos) {
      const bool has_parts = field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
                             !field->is_repeated();
      if (!has_parts) return absl::InvalidArgumentError("no such flag: --" + std::string(flag));
      message = reflection->MutableMessage(message, field);
      rest = rest.substr(dot + 1);
      continue;
    }
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      return SetScalar(flag, value, *field, message);
    }
    Message* target = field->is_repeated() ? reflection->AddMessage(message, field)
                                           : reflection->MutableMessage(message, field);
    return SetMessage(flag, value, target);
  }
}

absl::Status ReadJsonInto(const std::string& json, const std::string& source, Message* message) {
  const auto read = google::protobuf::util::JsonStringToMessage(json, message);
  if (read.ok()) return absl::OkStatus();
  return absl::InvalidArgumentError(source + ": " + std::string(read.message().ToString()));
}

absl::Status ReadWhole(const std::string& path, std::string* out) {
  std::ifstream file;
  if (path != "-") {
    file.open(path, std::ios::binary);
    if (!file) return absl::InvalidArgumentError("cannot read " + path);
  }
  std::istream& in = path == "-" ? std::cin : file;
  out->assign(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  if (out->size() > kFileBytesMax) return absl::InvalidArgumentError(path + " is too large");
  return absl::OkStatus();
}

absl::Status WriteNewSecret(const std::string& path, const std::string& text) {
  constexpr mode_t kOwnerOnly = 0600;
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kOwnerOnly);
  if (file < 0) {
    return errno == EEXIST ? absl::AlreadyExistsError(path + " exists; choose another name")
                           : absl::PermissionDeniedError("cannot write " + path);
  }
  const bool whole = write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  return close(file) == 0 && whole ? absl::OkStatus()
                                   : absl::PermissionDeniedError("cannot write " + path);
}

std::string ShortName(const google::protobuf::EnumValueDescriptor& value) {
  const std::string& zero = value.type()->value(0)->name();
  constexpr std::string_view kSuffix = "UNSPECIFIED";
  const size_t prefix = zero.size() > kSuffix.size() ? zero.size() - kSuffix.size() : 0;
  return value.name().size() > prefix ? value.name().substr(prefix) : value.name();
}

std::string ToKebab(std::string_view name) {
  std::string out(name);
  std::replace(out.begin(), out.end(), '_', '-');
  return out;
}

}  // namespace kontor::cli
