// SPDX-License-Identifier: Apache-2.0
// What the caller may say beside a file that is to be judged.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "server/api/statement_api.h"
#include "server/base/status.h"
#include "server/formats/streams.h"

namespace bdata = boost::unit_test::data;

namespace kontor::api {
namespace {

namespace v1 = ::kontor::v1;

constexpr char kStatement[] =
    ":20:S1\n:25:DE89370400440532013000\n:28C:1\n:60F:C260301EUR1,00\n"
    ":61:2603020302C2,00NTRFNONREF\n:62F:C260302EUR3,00\n-\n";

struct Case {
  const char* name;
  std::string dialect;
  std::string mapping;
  const char* reason;  ///< "": it is judged.
  const char* field;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }
const Case kCases[] = {
    {"nothing beside it", "", "", "", ""},
    {"a dialect by name", "sepa-09", "", "", ""},
    {"a dialect that nobody has", "sepa-99", "", "DIALECT_INVALID", "dialect"},
    {"a dialect that is no pack", "{}", "", "DIALECT_INVALID", ""},
    {"a dialect that is no JSON", "{", "", "", ""},
    {"a dialect that is too long", "{" + std::string(300'000, ' ') + "}", "", "TOO_LARGE",
     "dialect"},
    {"a mapping that is too long", "", std::string(70'000, ' '), "TOO_LARGE", "csv_mapping"},
    {"a mapping that says nothing", "", "{}", "FIELD_MISSING", ""},
    {"a mapping with a key that nobody knows", "", R"({"colour": "red"})", "FIELD_INVALID", ""},
};

BOOST_DATA_TEST_CASE(what_stands_beside_a_file_is_judged_first, bdata::make(kCases), c) {
  v1::LintFileRequest head;
  head.set_dialect(c.dialect);
  head.set_csv_mapping(c.mapping);
  formats::TextSource bytes(kStatement);
  v1::LintFileResponse response;
  const absl::Status judged = LintUpload(head, bytes, &response);
  const base::ErrorInfo info = base::InfoOf(judged);
  if (c.name == std::string("a dialect that is no JSON")) {
    BOOST_TEST(!judged.ok());
    return;
  }
  BOOST_TEST(judged.ok() == std::string(c.reason).empty(), judged.ToString());
  if (judged.ok()) {
    BOOST_TEST(response.grade() == v1::LintFileResponse::GRADE_FINE);
    BOOST_TEST(response.statements(0).account_number() == "…3000");
    return;
  }
  BOOST_TEST(info.reason == c.reason);
  if (*c.field != '\0') BOOST_TEST(info.field == c.field);
  BOOST_TEST(response.format().empty());
}

}  // namespace
}  // namespace kontor::api
