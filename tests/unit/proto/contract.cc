// SPDX-License-Identifier: Apache-2.0
// The rules of contract.h, by walking descriptors. No I/O.
#include "tests/unit/proto/contract.h"

#include <algorithm>
#include <array>
#include <functional>
#include <string_view>

#include <google/protobuf/descriptor.pb.h>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace kontor::proto_test {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::SourceLocation;

// Shorter than this, a comment repeats the name.
constexpr size_t kCommentLengthMin = 8;

void ForEachMessage(const Descriptor& message,
                    const std::function<void(const Descriptor&)>& visit) {
  if (message.options().map_entry()) return;
  visit(message);
  for (int i = 0; i < message.nested_type_count(); ++i) {
    ForEachMessage(*message.nested_type(i), visit);
  }
}

void ForEachMessage(const File& file, const std::function<void(const Descriptor&)>& visit) {
  for (int i = 0; i < file.message_type_count(); ++i) ForEachMessage(*file.message_type(i), visit);
}

void ForEachMethod(const File& file, const std::function<void(const MethodDescriptor&)>& visit) {
  for (int i = 0; i < file.service_count(); ++i) {
    for (int j = 0; j < file.service(i)->method_count(); ++j) visit(*file.service(i)->method(j));
  }
}

template <typename T>
std::string CommentOf(const T& thing) {
  SourceLocation location;
  if (!thing.GetSourceLocation(&location)) return "";
  return std::string(absl::StripAsciiWhitespace(location.leading_comments));
}

template <typename T>
void CheckComment(const T& thing, Complaints& out) {
  const std::string comment = CommentOf(thing);
  if (comment.size() < kCommentLengthMin || (comment.back() != '.' && comment.back() != ':')) {
    out.push_back(absl::StrCat(thing.full_name(), " has no whole sentence before it"));
  }
}

void CheckEnum(const EnumDescriptor& type, Complaints& out) {
  CheckComment(type, out);
  for (int i = 0; i < type.value_count(); ++i) CheckComment(*type.value(i), out);
}

bool HasField(const Descriptor& message, const std::string& name) {
  return message.FindFieldByName(name) != nullptr;
}

bool IsMutator(std::string_view name) {
  // What only reads, plus the one call that has no caller yet to own a request id.
  constexpr std::array kReaders = {"Get",    "List",   "Watch",   "Check",
                                   "Lint",   "Diff",   "Explain", "Trace",
                                   "WhoAmI", "Export", "VerifyAudit", "RedeemBootstrapToken"};
  return std::none_of(kReaders.begin(), kReaders.end(),
                      [&](std::string_view reader) { return name.starts_with(reader); });
}

bool CarriesRequestId(const Descriptor& request) {
  if (HasField(request, "request_id")) return true;
  for (int i = 0; i < request.field_count(); ++i) {
    const FieldDescriptor& field = *request.field(i);
    const bool is_item = field.name() == "requests" || field.name() == "item";
    if (is_item && field.message_type() != nullptr &&
        HasField(*field.message_type(), "request_id")) {
      return true;
    }
  }
  return false;
}

bool LooksLikeReason(std::string_view word) {
  return word.size() > 3 && word.find('_') != std::string_view::npos &&
         std::all_of(word.begin(), word.end(),
                     [](char c) { return absl::ascii_isupper(c) || c == '_'; });
}

// A reason is named in round brackets after a canonical code: NOT_FOUND (ENTITY_UNKNOWN, …).
void CheckReasons(const std::string& owner, const std::string& comment,
                  const std::set<std::string>& known, Complaints& out) {
  size_t open = comment.find('(');
  for (; open != std::string::npos; open = comment.find('(', open + 1)) {
    const size_t close = comment.find(')', open);
    if (close == std::string::npos) return;
    const std::string inner = comment.substr(open + 1, close - open - 1);
    for (const std::string& word : std::vector<std::string>(
             absl::StrSplit(inner, absl::ByAnyChar(" ,;\n")))) {
      if (LooksLikeReason(word) && !known.contains(word)) {
        out.push_back(absl::StrCat(owner, " names the reason ", word, ", not in the catalogue"));
      }
    }
  }
}

}  // namespace

Complaints Undocumented(const File& file) {
  Complaints out;
  for (int i = 0; i < file.service_count(); ++i) CheckComment(*file.service(i), out);
  ForEachMethod(file, [&](const MethodDescriptor& method) { CheckComment(method, out); });
  for (int i = 0; i < file.enum_type_count(); ++i) CheckEnum(*file.enum_type(i), out);
  ForEachMessage(file, [&](const Descriptor& message) {
    CheckComment(message, out);
    for (int i = 0; i < message.field_count(); ++i) CheckComment(*message.field(i), out);
    for (int i = 0; i < message.real_oneof_decl_count(); ++i) {
      CheckComment(*message.oneof_decl(i), out);
    }
    for (int i = 0; i < message.enum_type_count(); ++i) CheckEnum(*message.enum_type(i), out);
  });
  return out;
}

Complaints BinaryFloatingPoint(const File& file) {
  Complaints out;
  ForEachMessage(file, [&](const Descriptor& message) {
    for (int i = 0; i < message.field_count(); ++i) {
      const auto kind = message.field(i)->cpp_type();
      if (kind == FieldDescriptor::CPPTYPE_DOUBLE || kind == FieldDescriptor::CPPTYPE_FLOAT) {
        out.push_back(absl::StrCat(message.field(i)->full_name(), " is binary floating point"));
      }
    }
  });
  return out;
}

Complaints WithoutRequestId(const File& file) {
  Complaints out;
  ForEachMethod(file, [&](const MethodDescriptor& method) {
    if (IsMutator(method.name()) && !CarriesRequestId(*method.input_type())) {
      out.push_back(absl::StrCat(method.full_name(), " changes something without a request_id"));
    }
  });
  return out;
}

Complaints WithoutPages(const File& file) {
  Complaints out;
  ForEachMethod(file, [&](const MethodDescriptor& method) {
    if (!std::string_view(method.name()).starts_with("List")) return;
    if (!HasField(*method.input_type(), "page_size") ||
        !HasField(*method.input_type(), "page_token") ||
        !HasField(*method.output_type(), "next_page_token")) {
      out.push_back(absl::StrCat(method.full_name(), " does not answer in pages"));
    }
  });
  return out;
}

Complaints UnknownReasons(const File& file, const std::set<std::string>& known) {
  Complaints out;
  ForEachMethod(file, [&](const MethodDescriptor& method) {
    CheckReasons(method.full_name(), CommentOf(method), known, out);
  });
  ForEachMessage(file, [&](const Descriptor& message) {
    for (int i = 0; i < message.field_count(); ++i) {
      CheckReasons(message.field(i)->full_name(), CommentOf(*message.field(i)), known, out);
    }
  });
  return out;
}

}  // namespace kontor::proto_test
