// SPDX-License-Identifier: Apache-2.0
// Every method of the wire contract has its place in a client, and goes to the right path.
#include <set>

#include <boost/test/unit_test.hpp>
#include <google/protobuf/descriptor.h>

#include "absl/strings/str_cat.h"
#include "kontor/sdk/admin_client.h"
#include "kontor/sdk/audit_client.h"
#include "kontor/sdk/connection_client.h"
#include "kontor/sdk/event_client.h"
#include "kontor/sdk/exception_client.h"
#include "kontor/sdk/invoice_client.h"
#include "kontor/sdk/journal_entry_client.h"
#include "kontor/sdk/operation_client.h"
#include "kontor/sdk/partner_client.h"
#include "kontor/sdk/payment_client.h"
#include "kontor/sdk/webhook_client.h"
#include "kontor/sdk_mocks/mock_connection.h"

namespace kontor::sdk_test {
namespace {

using Mock = std::shared_ptr<sdk_mocks::MockConnection>;

std::set<std::string> ContractMethods() {
  std::set<std::string> out;
  const google::protobuf::FileDescriptor* files[] = {
      v1::Principal::descriptor()->file(), v1::AuditRecord::descriptor()->file(),
      v1::Connection::descriptor()->file(), v1::Event::descriptor()->file(),
      v1::Exception::descriptor()->file(), v1::Invoice::descriptor()->file(),
      v1::JournalEntry::descriptor()->file(), v1::Operation::descriptor()->file(),
      v1::Partner::descriptor()->file(), v1::Payment::descriptor()->file(),
      v1::Endpoint::descriptor()->file()};
  for (const auto* file : files) {
    for (int i = 0; i < file->service_count(); ++i) {
      const auto& service = *file->service(i);
      for (int j = 0; j < service.method_count(); ++j) {
        out.insert(absl::StrCat("/", service.full_name(), "/", service.method(j)->name()));
      }
    }
  }
  return out;
}

/// Fetches the first page of a list.
template <typename Item>
void Touch(sdk::Range<Item> range) {
  BOOST_TEST(!range.begin()->ok());
}

void CallAdmin(const sdk::AdminClient& c) {
  (void)c.RedeemBootstrapToken({});
  (void)c.GetServerInfo({});
  (void)c.WhoAmI({});
  (void)c.CreatePrincipal({});
  (void)c.GetPrincipal({});
  Touch(c.ListPrincipals({}));
  (void)c.DisablePrincipal({});
  (void)c.EnablePrincipal({});
  (void)c.IssueToken({});
  Touch(c.ListTokens({}));
  (void)c.RevokeToken({});
  (void)c.ProposeRoleGrant({});
  (void)c.ApproveRoleGrant({});
  (void)c.RevokeRole({});
  Touch(c.ListRoleGrants({}));
  (void)c.GetPostingPolicy({});
  (void)c.UpdatePostingPolicy({});
}

void CallConnections(const sdk::ConnectionClient& c) {
  (void)c.CreateConnection({});
  (void)c.GetConnection({});
  Touch(c.ListConnections({}));
  (void)c.UpdateConnection({});
  (void)c.CheckConnection({});
  (void)c.RebindConnection({});
  (void)c.ReleaseRestore({});
  (void)c.CreateEntity({});
  (void)c.GetEntity({});
  Touch(c.ListEntities({}));
  (void)c.UpdateEntity({});
  (void)c.GetCatalogue({});
  (void)c.ReconcileEntity({});
}

void CallDocuments(const Mock& mock) {
  const sdk::InvoiceClient invoices(mock);
  (void)invoices.CreateInvoice({});
  (void)invoices.BatchCreateInvoices({});
  bool given = false;
  (void)invoices.CreateInvoicesInBulk(
      [&]() -> std::optional<v1::CreateInvoiceRequest> {
        if (given) return std::nullopt;
        given = true;
        return v1::CreateInvoiceRequest();
      },
      {});
  (void)invoices.GetInvoice({});
  Touch(invoices.ListInvoices({}));
  (void)invoices.CancelInvoice({});
  (void)invoices.ReverseInvoice({});
  const sdk::PaymentClient payments(mock);
  (void)payments.CreatePayment({});
  (void)payments.BatchCreatePayments({});
  (void)payments.GetPayment({});
  Touch(payments.ListPayments({}));
  (void)payments.CancelPayment({});
  const sdk::JournalEntryClient entries(mock);
  (void)entries.CreateJournalEntry({});
  (void)entries.BatchCreateJournalEntries({});
  (void)entries.GetJournalEntry({});
  Touch(entries.ListJournalEntries({}));
  (void)entries.ReverseJournalEntry({});
  const sdk::PartnerClient partners(mock);
  (void)partners.UpsertPartner({});
  (void)partners.BatchUpsertPartners({});
  (void)partners.GetPartner({});
  Touch(partners.ListPartners({}));
}

void CallOperations(const Mock& mock) {
  const sdk::OperationClient operations(mock);
  (void)operations.GetOperation({});
  Touch(operations.ListOperations({}));
  (void)operations.WatchOperations({}).Next();
  (void)operations.ReleaseOperation({});
  (void)operations.RetryOperation({});
  (void)operations.CancelOperation({});
  const sdk::ExceptionClient exceptions(mock);
  Touch(exceptions.ListExceptions({}));
  (void)exceptions.GetException({});
  (void)exceptions.ResolveException({});
  (void)exceptions.ApproveResolution({});
  (void)exceptions.DeclineResolution({});
  const sdk::EventClient events(mock);
  Touch(events.ListEvents({}));
  (void)events.WatchEvents({}).Next();
  (void)events.ReplayEvents({});
  const sdk::AuditClient audit(mock);
  Touch(audit.ListAuditRecords({}));
  (void)audit.ExportAuditHead({});
  (void)audit.VerifyAudit({});
}

void CallWebhooks(const sdk::WebhookClient& c) {
  (void)c.CreateEndpoint({});
  (void)c.GetEndpoint({});
  Touch(c.ListEndpoints({}));
  (void)c.UpdateEndpoint({});
  (void)c.DeleteEndpoint({});
  (void)c.VerifyEndpoint({});
  (void)c.PingEndpoint({});
  (void)c.RotateSecret({});
  (void)c.PauseEndpoint({});
  (void)c.ResumeEndpoint({});
  Touch(c.ListDeliveries({}));
  (void)c.ReplayDeliveries({});
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_method_of_the_contract_is_reached_through_a_client) {
  const auto mock = std::make_shared<sdk_mocks::MockConnection>();
  CallAdmin(sdk::AdminClient(mock));
  CallConnections(sdk::ConnectionClient(mock));
  CallDocuments(mock);
  CallOperations(mock);
  CallWebhooks(sdk::WebhookClient(mock));
  const auto called = mock->Methods();
  const std::set<std::string> reached(called.begin(), called.end());
  const std::set<std::string> contract = ContractMethods();
  BOOST_TEST(contract.size() >= 70U);
  for (const std::string& method : contract) BOOST_TEST(reached.contains(method), method);
  for (const std::string& method : reached) BOOST_TEST(contract.contains(method), method);
}

BOOST_AUTO_TEST_CASE(clients_are_equal_when_they_share_a_connection) {
  const auto one = std::make_shared<sdk_mocks::MockConnection>();
  const auto other = std::make_shared<sdk_mocks::MockConnection>();
  const sdk::InvoiceClient client(one);
  const sdk::InvoiceClient copy = client;
  BOOST_TEST((client == copy));
  BOOST_TEST(!(client == sdk::InvoiceClient(other)));
}

}  // namespace kontor::sdk_test
