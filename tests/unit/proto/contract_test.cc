// SPDX-License-Identifier: Apache-2.0
// Holds proto/kontor/v1 against the rules of contract.h, and each rule against a contract that
// breaks it, so that a rule which no longer bites is found.
#include "tests/unit/proto/contract.h"

#include <google/protobuf/compiler/parser.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "server/engine/engine.h"
#include "server/model/validate.h"
#include "server/webhooks/service.h"

namespace kontor::proto_test {
namespace {

namespace data = boost::unit_test::data;
using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptorProto;
using google::protobuf::FileDescriptorSet;

const std::set<std::string>& Catalogue() {
  static const std::set<std::string> reasons = {
#define KONTOR_ERROR(name, reason, code, who, todo) #reason,
#include "server/base/errors.def"
#undef KONTOR_ERROR
  };
  return reasons;
}

/// The contract as built, with its comments.
struct Contract {
  Contract() {
    std::ifstream in(KONTOR_PROTO_SET, std::ios::binary);
    FileDescriptorSet set;
    if (!in || !set.ParseFromIstream(&in)) return;
    for (const auto& file : set.file()) {
      const File* built = pool.BuildFile(file);
      if (built != nullptr && built->package() == "kontor.v1") files.push_back(built);
    }
  }
  Complaints All(const std::function<Complaints(const File&)>& rule) const {
    Complaints out;
    for (const File* file : files) {
      for (auto& complaint : rule(*file)) out.push_back(std::move(complaint));
    }
    return out;
  }
  DescriptorPool pool;
  std::vector<const File*> files;
};

void ExpectNone(const Complaints& complaints) {
  BOOST_CHECK_MESSAGE(complaints.empty(), absl::StrJoin(complaints, "\n"));
}

/// Parses a small contract, with its comments.
const File* Parse(DescriptorPool& pool, const std::string& body) {
  const std::string text = "syntax = \"proto3\";\npackage t;\n" + body;
  google::protobuf::io::ArrayInputStream input(text.data(), static_cast<int>(text.size()));
  google::protobuf::io::Tokenizer tokenizer(&input, nullptr);
  google::protobuf::compiler::Parser parser;
  FileDescriptorProto file;
  file.set_name("t.proto");
  return parser.Parse(&tokenizer, &file) ? pool.BuildFile(file) : nullptr;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(wire_contract, Contract)

BOOST_AUTO_TEST_CASE(all_services_are_there) {
  std::set<std::string> names;
  for (const File* file : files) {
    for (int i = 0; i < file->service_count(); ++i) names.insert(file->service(i)->name());
  }
  const std::set<std::string> want = {
      "AdminService",      "AuditService",      "BankService",         "BeneficiaryService",
      "ConnectionService", "DelegationService", "EventService",        "EvidenceService",
      "ExceptionService",  "ExpenseService",    "InvoiceService",      "JournalEntryService",
      "OperationService",  "PartnerService",    "PaymentOrderService", "PaymentService",
      "PolicyService",     "ScreeningService",  "SourceService",       "StatementService",
      "WebhookService"};
  BOOST_TEST(names == want);
}

BOOST_AUTO_TEST_CASE(everything_is_documented) { ExpectNone(All(Undocumented)); }

BOOST_AUTO_TEST_CASE(no_field_is_binary_floating_point) { ExpectNone(All(BinaryFloatingPoint)); }

BOOST_AUTO_TEST_CASE(every_mutator_carries_a_request_id) { ExpectNone(All(WithoutRequestId)); }

BOOST_AUTO_TEST_CASE(every_list_answers_in_pages) { ExpectNone(All(WithoutPages)); }

BOOST_AUTO_TEST_CASE(every_reason_named_is_in_the_catalogue) {
  ExpectNone(All([](const File& file) { return UnknownReasons(file, Catalogue()); }));
}

// What the model enforces is what the contract says.
BOOST_AUTO_TEST_CASE(limits_are_told_as_they_are_enforced) {
  const auto up_to = [](auto limit) { return absl::StrCat("at most ", limit); };
  const auto from_1_to = [](auto limit) { return absl::StrCat("1 to ", limit); };
  const std::string characters = " characters";
  const std::pair<const char*, std::string> fields[] = {
      {"InvoiceLine.description", from_1_to(model::kDescriptionMax) + characters},
      {"JournalEntryLine.description", up_to(model::kDescriptionMax) + characters},
      {"Invoice.narration", up_to(model::kNarrationMax) + characters},
      {"JournalEntry.narration", up_to(model::kNarrationMax) + characters},
      {"Invoice.reference", up_to(model::kReferenceMax) + characters},
      {"JournalEntry.reference", up_to(model::kReferenceMax) + characters},
      {"PartnerRef.reference", from_1_to(model::kReferenceMax) + characters},
      {"Partner.reference", from_1_to(model::kReferenceMax) + characters},
      {"Partner.name", from_1_to(model::kPartnerNameMax) + characters},
      {"Partner.bank_accounts", up_to(model::kBankAccountsMax)},
      {"BankAccount.account_number", from_1_to(model::kAccountNumberMax) + characters},
      {"BankAccount.holder_name", up_to(model::kPartnerNameMax) + characters},
      {"Invoice.payment_reference", up_to(model::kPaymentReferenceMax) + characters},
      {"Payment.memo", up_to(model::kPaymentReferenceMax) + characters},
      {"Payment.allocations", up_to(model::kAllocationsMax)},
      {"Invoice.lines", from_1_to(model::kLinesMax)},
      {"JournalEntry.lines", absl::StrCat("2 to ", model::kLinesMax)},
      {"Invoice.attachments", up_to(model::kAttachmentsMax)},
      {"Invoice.attachments", absl::StrCat(model::kAttachmentBytesMax >> 20U, " MiB in all")},
      {"Attachment.name", from_1_to(model::kNameMax) + characters},
      {"CancelInvoiceRequest.reason", from_1_to(engine::kReasonMax) + characters},
      {"ResolveExceptionRequest.reason", from_1_to(engine::kReasonMax) + characters},
      {"ReleaseRestoreRequest.reason", from_1_to(engine::kReasonMax) + characters},
      {"PauseEndpointRequest.reason", up_to(webhooks::kReasonMax) + characters},
  };
  for (const auto& [name, words] : fields) {
    const auto* field = pool.FindFieldByName(absl::StrCat("kontor.v1.", name));
    BOOST_REQUIRE_MESSAGE(field != nullptr, name);
    google::protobuf::SourceLocation location;
    BOOST_REQUIRE(field->GetSourceLocation(&location));
    std::string comment = absl::AsciiStrToLower(location.leading_comments);
    absl::StrReplaceAll({{"\n", ""}}, &comment);  // a sentence may go on in the next line
    BOOST_CHECK_MESSAGE(absl::StrContains(comment, absl::AsciiStrToLower(words)),
                        name << " does not say \"" << words << "\": " << comment);
  }
}

BOOST_AUTO_TEST_SUITE_END()

namespace {

using Rule = Complaints (*)(const File&);

struct Broken {
  const char* name;
  Rule rule;
  const char* body;
};
std::ostream& operator<<(std::ostream& out, const Broken& broken) { return out << broken.name; }

Complaints Reasons(const File& file) { return UnknownReasons(file, {"KNOWN_REASON"}); }

const Broken kBroken[] = {
    {"a message without a comment", Undocumented, "message M {}"},
    {"a field without a comment", Undocumented,
     "// A thing that is.\nmessage M {\n int32 a = 1;\n}"},
    {"a comment that is no sentence", Undocumented, "// thing\nmessage M {}"},
    {"an enum value without a comment", Undocumented, "// A thing that is.\nenum E {\n Z = 0;\n}"},
    {"a oneof without a comment", Undocumented,
     "// A thing that is.\nmessage M {\n oneof o {\n  // A field of it.\n  int32 a = 1;\n }\n}"},
    {"a nested message without a comment", Undocumented,
     "// A thing that is.\nmessage M {\n message N {}\n}"},
    {"a double", BinaryFloatingPoint, "message M {\n double a = 1;\n}"},
    {"a nested repeated float", BinaryFloatingPoint,
     "message M {\n message N {\n repeated float a = 1;\n }\n}"},
    {"a mutator without request_id", WithoutRequestId,
     "message M {}\nservice S {\n rpc PutIt(M) returns (M);\n}"},
    {"a list without a page token", WithoutPages,
     "message M {\n int32 page_size = 1;\n}\nservice S {\n rpc ListIt(M) returns (M);\n}"},
    {"a reason that nobody knows", Reasons,
     "// Errors: NOT_FOUND (NO_SUCH_REASON).\nmessage M {}\nservice S {\n"
     "// Errors: NOT_FOUND (KNOWN_REASON, NO_SUCH_REASON).\n rpc GetIt(M) returns (M);\n}"},
};

}  // namespace

BOOST_DATA_TEST_CASE(a_broken_contract_is_found_out, data::make(kBroken), broken) {
  DescriptorPool pool;
  const File* file = Parse(pool, broken.body);
  BOOST_REQUIRE(file != nullptr);
  BOOST_TEST(broken.rule(*file).size() == 1U);
}

}  // namespace kontor::proto_test
