// SPDX-License-Identifier: Apache-2.0
// Channels to banks and our accounts there. The rules are the model's and the engine's.
#include "kontor/v1/bank.pb.h"
#include "server/api/accepting.h"
#include "server/api/bank_api.h"
#include "server/api/field_mask.h"
#include "server/api/request_key.h"
#include "server/api/snake_json.h"

namespace kontor::api {
namespace {

using banks::Banks;
using base::Error;
using base::Reason;

absl::StatusOr<model::Channel> ReadChannel(const v1::BankChannel& in) {
  KONTOR_ASSIGN_OR_RETURN(const std::string json, ToSnakeJson(in));
  std::vector<model::Finding> findings;
  model::Channel channel = model::ReadChannel(json, &findings);
  if (model::HasErrors(findings)) return model::StatusOf(findings);
  return channel;
}

absl::StatusOr<model::OwnAccount> ReadAccount(const v1::OwnAccount& in) {
  KONTOR_ASSIGN_OR_RETURN(const std::string json, ToSnakeJson(in));
  std::vector<model::Finding> findings;
  model::OwnAccount account = model::ReadOwnAccount(json, &findings);
  if (model::HasErrors(findings)) return model::StatusOf(findings);
  return account;
}

absl::Status Write(const model::Channel& channel, v1::BankChannel* out) {
  return FromSnakeJson(model::WriteChannel(channel), out);
}

template <typename Response>
absl::StatusOr<Response> Answered(const absl::StatusOr<model::Channel>& channel) {
  KONTOR_RETURN_IF_ERROR(channel.status());
  Response response;
  KONTOR_RETURN_IF_ERROR(Write(*channel, response.mutable_channel()));
  return response;
}

template <typename Response>
absl::StatusOr<Response> Answered(const Call& call,
                                  const absl::StatusOr<model::OwnAccount>& account) {
  KONTOR_RETURN_IF_ERROR(account.status());
  Response response;
  KONTOR_RETURN_IF_ERROR(
      ShowSnakeJson(call, model::WriteOwnAccount(*account), response.mutable_account()));
  return response;
}

/// One page of what is small in number and sorted by name; the token is the last name.
template <typename Thing>
std::vector<Thing> PageOf(std::vector<Thing> all, const ports::Page& page, std::string* next) {
  std::erase_if(all, [&](const Thing& thing) { return thing.name <= page.after; });
  if (page.after.empty()) next->clear();
  if (static_cast<int>(all.size()) > page.limit) {
    all.resize(static_cast<size_t>(page.limit));
    *next = all.back().name;
  }
  return all;
}

absl::Status MergeChannel(const v1::UpdateBankChannelRequest& request, model::Channel& channel) {
  v1::BankChannel merged;
  KONTOR_RETURN_IF_ERROR(Write(channel, &merged));
  KONTOR_RETURN_IF_ERROR(MergeMasked(request.update_mask(), request.channel(), &merged));
  KONTOR_ASSIGN_OR_RETURN(model::Channel changed, ReadChannel(merged));
  // What is never answered stays unless it is named.
  bool named = false;
  for (const std::string& path : request.update_mask().paths()) named = named || path == "secret";
  changed.secret = named ? request.channel().secret() : channel.secret;
  channel = std::move(changed);
  return absl::OkStatus();
}

absl::Status MergeAccount(const v1::UpdateBankAccountRequest& request,
                          model::OwnAccount& account) {
  v1::OwnAccount merged;
  KONTOR_RETURN_IF_ERROR(FromSnakeJson(model::WriteOwnAccount(account), &merged));
  KONTOR_RETURN_IF_ERROR(MergeMasked(request.update_mask(), request.account(), &merged));
  KONTOR_ASSIGN_OR_RETURN(account, ReadAccount(merged));
  return absl::OkStatus();
}

void AddChannels(Banks& banks, Registry* registry) {
  const std::string service = "kontor.v1.BankService/";
  registry->Add<v1::CreateBankChannelRequest, v1::CreateBankChannelResponse>(
      service + "CreateBankChannel",
      [&banks](const Call& call,
               const auto& request) -> absl::StatusOr<v1::CreateBankChannelResponse> {
        KONTOR_ASSIGN_OR_RETURN(model::Channel channel, ReadChannel(request.channel()));
        return Answered<v1::CreateBankChannelResponse>(
            banks.CreateChannel(call.actor, KeyOf<banks::RequestKey>("CreateBankChannel", request),
                                std::move(channel)));
      });
  registry->Add<v1::GetBankChannelRequest, v1::GetBankChannelResponse>(
      service + "GetBankChannel", [&banks](const Call&, const auto& request) {
        return Answered<v1::GetBankChannelResponse>(banks.GetChannel(request.name()));
      });
  registry->Add<v1::ListBankChannelsRequest, v1::ListBankChannelsResponse>(
      service + "ListBankChannels",
      [&banks](const Call&, const auto& request) -> absl::StatusOr<v1::ListBankChannelsResponse> {
        KONTOR_ASSIGN_OR_RETURN(const auto page,
                                ReadPage(request.page_size(), request.page_token()));
        KONTOR_ASSIGN_OR_RETURN(auto all, banks.ListChannels());
        v1::ListBankChannelsResponse response;
        for (const auto& channel :
             PageOf(std::move(all), page, response.mutable_next_page_token())) {
          KONTOR_RETURN_IF_ERROR(Write(channel, response.add_channels()));
        }
        return response;
      });
  registry->Add<v1::UpdateBankChannelRequest, v1::UpdateBankChannelResponse>(
      service + "UpdateBankChannel", [&banks](const Call& call, const auto& request) {
        return Answered<v1::UpdateBankChannelResponse>(banks.UpdateChannel(
            call.actor, request.channel().name(), request.channel().version(),
            [&](model::Channel& channel) { return MergeChannel(request, channel); }));
      });
  registry->Add<v1::CheckBankChannelRequest, v1::CheckBankChannelResponse>(
      service + "CheckBankChannel",
      [&banks](const Call&, const auto& request) -> absl::StatusOr<v1::CheckBankChannelResponse> {
        KONTOR_ASSIGN_OR_RETURN(const auto findings, banks.CheckChannel(request.name()));
        v1::CheckBankChannelResponse response;
        response.set_ready(!model::HasErrors(findings));
        for (const auto& finding : findings) WriteFinding(finding, response.add_findings());
        return response;
      });
}

template <typename Response>
absl::StatusOr<Response> Answered(const absl::StatusOr<banks::Onboarding>& onboarding) {
  KONTOR_RETURN_IF_ERROR(onboarding.status());
  Response response;
  KONTOR_RETURN_IF_ERROR(
      FromSnakeJson(banks::WriteOnboarding(*onboarding), response.mutable_onboarding()));
  return response;
}

void AddChannelStates(Banks& banks, Registry* registry) {
  const std::string service = "kontor.v1.BankService/";
  registry->Add<v1::StartBankOnboardingRequest, v1::StartBankOnboardingResponse>(
      service + "StartBankOnboarding", [&banks](const Call& call, const auto& request) {
        return Answered<v1::StartBankOnboardingResponse>(
            banks.StartOnboarding(call.actor, request.name(), request.reason()));
      });
  registry->Add<v1::GetBankOnboardingRequest, v1::GetBankOnboardingResponse>(
      service + "GetBankOnboarding", [&banks](const Call&, const auto& request) {
        return Answered<v1::GetBankOnboardingResponse>(banks.GetOnboarding(request.name()));
      });
  registry->Add<v1::SignBankChannelRequest, v1::SignBankChannelResponse>(
      service + "SignBankChannel", [&banks](const Call& call, const auto& request) {
        return Answered<v1::SignBankChannelResponse>(
            banks.SignChannel(call.actor, request.name(), request.reason()));
      });
  registry->Add<v1::PauseBankChannelRequest, v1::PauseBankChannelResponse>(
      service + "PauseBankChannel", [&banks](const Call& call, const auto& request) {
        return Answered<v1::PauseBankChannelResponse>(
            banks.PauseChannel(call.actor, request.name(), request.reason()));
      });
  registry->Add<v1::ResumeBankChannelRequest, v1::ResumeBankChannelResponse>(
      service + "ResumeBankChannel", [&banks](const Call& call, const auto& request) {
        return Answered<v1::ResumeBankChannelResponse>(
            banks.ResumeChannel(call.actor, request.name(), request.reason()));
      });
}

void AddAccounts(Banks& banks, Registry* registry) {
  const std::string service = "kontor.v1.BankService/";
  registry->Add<v1::CreateBankAccountRequest, v1::CreateBankAccountResponse>(
      service + "CreateBankAccount",
      [&banks](const Call& call,
               const auto& request) -> absl::StatusOr<v1::CreateBankAccountResponse> {
        KONTOR_ASSIGN_OR_RETURN(model::OwnAccount account, ReadAccount(request.account()));
        return Answered<v1::CreateBankAccountResponse>(
            call,
            banks.CreateAccount(call.actor, KeyOf<banks::RequestKey>("CreateBankAccount", request),
                                std::move(account)));
      });
  registry->Add<v1::GetBankAccountRequest, v1::GetBankAccountResponse>(
      service + "GetBankAccount",
      [&banks](const Call& call,
               const auto& request) -> absl::StatusOr<v1::GetBankAccountResponse> {
        KONTOR_ASSIGN_OR_RETURN(const auto account, banks.GetAccount(request.name()));
        if (!call.actor.MaySee(account.entity)) {
          return Error(Reason::kOwnAccountUnknown).Field("name").Says("there is no such account");
        }
        return Answered<v1::GetBankAccountResponse>(call, account);
      });
  registry->Add<v1::ListBankAccountsRequest, v1::ListBankAccountsResponse>(
      service + "ListBankAccounts",
      [&banks](const Call& call,
               const auto& request) -> absl::StatusOr<v1::ListBankAccountsResponse> {
        KONTOR_ASSIGN_OR_RETURN(const auto page,
                                ReadPage(request.page_size(), request.page_token()));
        KONTOR_ASSIGN_OR_RETURN(auto all, banks.ListAccounts());
        std::erase_if(all, [&](const model::OwnAccount& account) {
          return !call.actor.MaySee(account.entity) ||
                 (!request.entity().empty() && account.entity != request.entity());
        });
        v1::ListBankAccountsResponse response;
        for (const auto& account :
             PageOf(std::move(all), page, response.mutable_next_page_token())) {
          KONTOR_RETURN_IF_ERROR(
              ShowSnakeJson(call, model::WriteOwnAccount(account), response.add_accounts()));
        }
        return response;
      });
  registry->Add<v1::UpdateBankAccountRequest, v1::UpdateBankAccountResponse>(
      service + "UpdateBankAccount", [&banks](const Call& call, const auto& request) {
        return Answered<v1::UpdateBankAccountResponse>(
            call, banks.UpdateAccount(
                      call.actor, request.account().name(), request.account().version(),
                      [&](model::OwnAccount& account) { return MergeAccount(request, account); }));
      });
}

}  // namespace

void AddBankMethods(Banks& banks, Registry* registry) {
  AddChannels(banks, registry);
  AddChannelStates(banks, registry);
  AddAccounts(banks, registry);
}

}  // namespace kontor::api
