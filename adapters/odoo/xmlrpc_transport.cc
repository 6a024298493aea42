// SPDX-License-Identifier: Apache-2.0
// XML-RPC of Odoo 17 to 19: /xmlrpc/2/common and /xmlrpc/2/object. xmlrpc-c marshals and parses,
// HTTP is ours. The only home of xmlrpc-c, whose exceptions (girerr::error) end here.
// Its doubles would corrupt amounts: <double> is renamed to <string> before it parses an answer,
// and no double is ever sent.
#include <array>
#include <mutex>
#include <utility>

#include <xmlrpc-c/base.hpp>
#include <xmlrpc-c/client.hpp>
#include <xmlrpc-c/client_transport.hpp>
#include <xmlrpc-c/girerr.hpp>

#include "adapters/odoo/classify.h"
#include "adapters/odoo/transport.h"
#include "adapters/odoo/xml_text.h"
#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::odoo {
namespace {

using base::Error;
using base::Outcome;
using base::Reason;

constexpr int kHttpOk = 200;

/// The library's limit on an answer is one for the whole process and 512 KiB by default.
void RaiseLibraryLimit(size_t bytes) {
  static std::mutex mutex;
  static size_t raised_to = 0;
  const std::lock_guard lock(mutex);
  if (bytes <= raised_to) return;
  xmlrpc_limit_set(XMLRPC_XML_SIZE_LIMIT_ID, bytes);
  raised_to = bytes;
}

absl::StatusOr<xmlrpc_c::value> ToXml(const Json& value) {
  switch (value.type()) {
    case Json::value_t::boolean: return xmlrpc_c::value_boolean(value.get<bool>());
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned: {
      const auto number = value.get<int64_t>();
      if (number > INT32_MAX || number < INT32_MIN) {
        return Error(Reason::kFieldInvalid)
            .Says("XML-RPC carries whole numbers of 32 bits only")
            .Happened(Outcome::kNotApplied);
      }
      return xmlrpc_c::value_int(static_cast<int>(number));
    }
    case Json::value_t::string:
      return xmlrpc_c::value_string(
          HideAstral(XmlSafe(value.get_ref<const std::string&>())));
    case Json::value_t::array: {
      std::vector<xmlrpc_c::value> items;
      for (const Json& item : value) {
        KONTOR_ASSIGN_OR_RETURN(xmlrpc_c::value converted, ToXml(item));
        items.push_back(converted);
      }
      return xmlrpc_c::value_array(items);
    }
    case Json::value_t::object: {
      std::map<std::string, xmlrpc_c::value> members;
      for (const auto& [key, member] : value.items()) {
        KONTOR_ASSIGN_OR_RETURN(xmlrpc_c::value converted, ToXml(member));
        members[key] = converted;
      }
      return xmlrpc_c::value_struct(members);
    }
    default: break;
  }
  return Error(Reason::kInternal)
      .Says("a value that XML-RPC must not carry: null or a fraction")
      .Happened(Outcome::kNotApplied);
}

Json FromXml(const xmlrpc_c::value& value) {
  switch (value.type()) {
    case xmlrpc_c::value::TYPE_INT:
      return static_cast<int64_t>(static_cast<int>(xmlrpc_c::value_int(value)));
    case xmlrpc_c::value::TYPE_I8:
      return static_cast<int64_t>(static_cast<xmlrpc_int64>(xmlrpc_c::value_i8(value)));
    case xmlrpc_c::value::TYPE_BOOLEAN:
      return static_cast<bool>(xmlrpc_c::value_boolean(value));
    case xmlrpc_c::value::TYPE_STRING:
      return ShowAstral(static_cast<std::string>(xmlrpc_c::value_string(value)));
    case xmlrpc_c::value::TYPE_ARRAY: {
      Json out = Json::array();
      for (const auto& item : xmlrpc_c::value_array(value).vectorValueValue()) {
        out.push_back(FromXml(item));
      }
      return out;
    }
    case xmlrpc_c::value::TYPE_STRUCT: {
      Json out = Json::object();
      const auto members = static_cast<std::map<std::string, xmlrpc_c::value>>(
          xmlrpc_c::value_struct(value));
      for (const auto& [key, member] : members) out[key] = FromXml(member);
      return out;
    }
    default: return Json();  // nil; Odoo sends dates as strings and kontor reads no bytes
  }
}

class Carriage final : public xmlrpc_c::carriageParm {};

/// Carries one call; keeps what became of it, since xmlrpc-c only knows texts.
class HttpXmlTransport final : public xmlrpc_c::clientXmlTransport {
 public:
  HttpXmlTransport(const Wire& wire, std::string_view path, ports::Deadline deadline)
      : wire_(wire), path_(path), deadline_(deadline) {}

  void call(xmlrpc_c::carriageParm* const, std::string const& call_xml,
            std::string* const response_xml) override {
    ports::HttpRequest request;
    request.headers = {{"Content-Type", "text/xml; charset=utf-8"}};
    request.body = ShowAstral(call_xml);
    const ports::HttpResponse response = wire_.Send(std::move(request), path_, deadline_);
    if (!response.status.ok() || response.http_status != kHttpOk) {
      status_ = StatusOfHttp(response);
      throw girerr::error("no answer");
    }
    absl::StatusOr<std::string> prepared = PrepareXmlAnswer(response.body);
    if (!prepared.ok()) {
      status_ = prepared.status();
      throw girerr::error("unreadable answer");
    }
    *response_xml = *std::move(prepared);
  }

  const absl::Status& status() const { return status_; }

 private:
  const Wire& wire_;
  const std::string path_;
  const ports::Deadline deadline_;
  absl::Status status_;
};

absl::StatusOr<Json> CallMethod(const Wire& wire, std::string_view path, const std::string& method,
                                const Json& args, ports::Deadline deadline) {
  RaiseLibraryLimit(wire.settings.answer_bytes_max);
  xmlrpc_c::paramList params;
  HttpXmlTransport transport(wire, path, deadline);
  try {
    for (const Json& arg : args) {
      KONTOR_ASSIGN_OR_RETURN(xmlrpc_c::value value, ToXml(arg));
      params.add(value);
    }
    xmlrpc_c::client_xml client(&transport);
    Carriage carriage;
    xmlrpc_c::rpcOutcome outcome;
    client.call(&carriage, method, params, &outcome);
    if (outcome.succeeded()) return FromXml(outcome.getResult());
    const xmlrpc_c::fault fault = outcome.getFault();
    constexpr int kUnexpected = 1;
    if (static_cast<int>(fault.getCode()) == kUnexpected && IsNoneFault(fault.getDescription())) {
      return NoneAnswerStatus();
    }
    return StatusOfServerError(
        ServerErrorOfFault(static_cast<int>(fault.getCode()), ShowAstral(fault.getDescription())));
  } catch (const std::exception&) {
    if (!transport.status().ok()) return transport.status();
    return Error(Reason::kOdooAnswerUnreadable)
        .Says("the answer is not XML-RPC")
        .Happened(Outcome::kUnknown);
  }
}

class XmlRpcTransport final : public Transport {
 public:
  explicit XmlRpcTransport(Wire wire) : wire_(std::move(wire)) {}

  std::string_view name() const override { return "xmlrpc"; }

  absl::Status LogIn(ports::Deadline deadline) override {
    const OdooSettings& settings = wire_.settings;
    const auto uid = CallMethod(
        wire_, "/xmlrpc/2/common", "authenticate",
        Json::array({settings.database, settings.login, settings.api_key, Json::object()}),
        deadline);
    if (base::Is(uid.status(), Reason::kOdooFailed)) {
      return Error(Reason::kOdooLoginFailed)
          .Says("Odoo could not open the database")
          .Happened(Outcome::kNotApplied);
    }
    if (!uid.ok()) return WithOutcome(uid.status(), Outcome::kNotApplied);
    if (!uid->is_number_integer()) {
      return Error(Reason::kOdooLoginFailed)
          .Says("Odoo does not know this login and key")
          .Happened(Outcome::kNotApplied);
    }
    const std::lock_guard lock(mutex_);
    uid_ = uid->get<int64_t>();
    return absl::OkStatus();
  }

  absl::StatusOr<Json> Call(const RpcCall& call, ports::Deadline deadline) override {
    Json kwargs = call.params;
    kwargs["context"] = call.context;
    Json args = Json::array();
    if (call.ids.has_value()) args.push_back(*call.ids);
    const Json all = Json::array({wire_.settings.database, uid(), wire_.settings.api_key,
                                  call.model, call.method, std::move(args), std::move(kwargs)});
    return CallMethod(wire_, "/xmlrpc/2/object", "execute_kw", all, deadline);
  }

 private:
  int64_t uid() const {
    const std::lock_guard lock(mutex_);
    return uid_;
  }

  const Wire wire_;
  mutable std::mutex mutex_;
  int64_t uid_ = 0;
};

}  // namespace

std::shared_ptr<Transport> MakeXmlRpcTransport(Wire wire) {
  return std::make_shared<XmlRpcTransport>(std::move(wire));
}

absl::StatusOr<Json> XmlRpcVersion(const Wire& wire, ports::Deadline deadline) {
  return CallMethod(wire, "/xmlrpc/2/common", "version", Json::array(), deadline);
}

}  // namespace kontor::odoo
