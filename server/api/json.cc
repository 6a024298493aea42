// SPDX-License-Identifier: Apache-2.0
#include "server/api/json.h"

#include <memory>
#include <memory>
#include <set>
#include <vector>

#include <google/protobuf/any.pb.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/type_resolver.h>
#include <google/protobuf/util/type_resolver_util.h>
#include <nlohmann/json.hpp>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/base/text.h"

namespace kontor::api {
namespace {

using base::Error;
using base::Reason;

/// Looks at keys and depth and keeps nothing else.
class Checker : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return Enter(); }
  bool end_object() override { return Leave(); }
  bool start_array(std::size_t) override { return Enter(); }
  bool end_array() override { return Leave(); }
  bool key(string_t& name) override {
    if (keys_.back().insert(name).second) return true;
    constexpr size_t kShownMax = 64;
    status_ = Error(Reason::kJsonDuplicateKey)
                  .Field(name.substr(0, kShownMax))
                  .Says("stands twice in one object");
    return false;
  }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    if (status_.ok()) {
      status_ = Error(Reason::kJsonInvalid)
                    .With("position", base::StrCat(position))
                    .Says(base::StrCat("not JSON at byte ", position));
    }
    return false;
  }
  const absl::Status& status() const { return status_; }

 private:
  bool Enter() {
    keys_.emplace_back();
    if (keys_.size() <= static_cast<size_t>(kJsonDepthMax)) return true;
    status_ = Error(Reason::kJsonTooDeep)
                  .Says(base::StrCat("more than ", kJsonDepthMax, " levels"));
    return false;
  }
  bool Leave() {
    keys_.pop_back();
    return true;
  }
  std::vector<std::set<std::string>> keys_;
  absl::Status status_;
};

constexpr std::string_view kTypeUrlPrefix = "type.googleapis.com/";

/// Knows our messages, and google.rpc.ErrorInfo by its twin of ours: details of refused items of a
/// batch carry that name, and it is no message of this program.
class DetailResolver : public google::protobuf::util::TypeResolver {
 public:
  DetailResolver()
      : ours_(google::protobuf::util::NewTypeResolverForDescriptorPool(
            "type.googleapis.com", google::protobuf::DescriptorPool::generated_pool())) {}
  google::protobuf::util::Status ResolveMessageType(const std::string& type_url,
                                                    google::protobuf::Type* type) override {
    const bool foreign = type_url.ends_with("/google.rpc.ErrorInfo");
    return ours_->ResolveMessageType(
        foreign ? base::StrCat(kTypeUrlPrefix, "kontor.v1.ErrorInfo") : type_url, type);
  }
  google::protobuf::util::Status ResolveEnumType(const std::string& type_url,
                                                 google::protobuf::Enum* type) override {
    return ours_->ResolveEnumType(type_url, type);
  }

 private:
  const std::unique_ptr<google::protobuf::util::TypeResolver> ours_;
};

/// google.rpc.ErrorInfo is not compiled in; ours has the same fields, so that protobuf's writer,
/// which must know every type that it meets, can write the errors of batch items.
void NameKnownTypes(google::protobuf::Message* message) {
  if (auto* any = dynamic_cast<google::protobuf::Any*>(message)) {
    if (any->type_url() == "type.googleapis.com/google.rpc.ErrorInfo") {
      any->set_type_url("type.googleapis.com/kontor.v1.ErrorInfo");
    }
    return;
  }
  const auto* reflection = message->GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  reflection->ListFields(*message, &fields);
  for (const auto* field : fields) {
    const bool holds_messages =
        field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE;
    if (!holds_messages || field->is_map()) continue;
    if (!field->is_repeated()) {
      NameKnownTypes(reflection->MutableMessage(message, field));
      continue;
    }
    for (int i = 0; i < reflection->FieldSize(*message, field); ++i) {
      NameKnownTypes(reflection->MutableRepeatedMessage(message, field, i));
    }
  }
}

}  // namespace

absl::Status CheckJson(std::string_view text) {
  if (base::CountCodePoints(text) < 0) {
    return Error(Reason::kTextInvalid).Says("the body is not valid UTF-8");
  }
  Checker checker;
  const bool fine = nlohmann::json::sax_parse(text.begin(), text.end(), &checker);
  if (!checker.status().ok()) return checker.status();
  if (!fine) return Error(Reason::kJsonInvalid).Says("not JSON");
  return absl::OkStatus();
}

absl::Status ReadJson(std::string_view text, google::protobuf::Message* out) {
  if (text.empty()) text = "{}";
  KONTOR_RETURN_IF_ERROR(CheckJson(text));
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = false;
  const auto status = google::protobuf::util::JsonStringToMessage(
      google::protobuf::StringPiece(text.data(), text.size()), out, options);
  if (status.ok()) return absl::OkStatus();
  constexpr size_t kShownMax = 200;
  const std::string problem(status.message().data(), status.message().size());
  return Error(Reason::kJsonInvalid).Says(problem.substr(0, kShownMax));
}

absl::StatusOr<std::string> WriteJson(const google::protobuf::Message& message) {
  static DetailResolver resolver;
  std::string out;
  const auto status = google::protobuf::util::BinaryToJsonString(
      &resolver, base::StrCat(kTypeUrlPrefix, message.GetDescriptor()->full_name()),
      message.SerializeAsString(), &out);
  if (!status.ok()) return absl::InternalError("an answer could not be written as JSON");
  return out;
}

}  // namespace kontor::api
