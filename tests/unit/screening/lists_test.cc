// SPDX-License-Identifier: Apache-2.0
// Lists in their publishers' formats: what is read of each, and what is no list. All parties are
// invented.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "server/base/status.h"
#include "tests/unit/screening/reading.h"

namespace bdata = boost::unit_test::data;

namespace kontor::screening::testing {
namespace {

using base::Reason;
using ports::ListedType;

constexpr char kSdn[] = R"(<?xml version="1.0" standalone="yes"?>
<sdnList xmlns="http://tempuri.org/sdnList.xsd">
  <publshInformation><Publish_Date>01/05/2026</Publish_Date><Record_Count>3</Record_Count>
  </publshInformation>
  <sdnEntry><uid>4001</uid><lastName>ALPHA &amp; BETA LINES</lastName><sdnType>Entity</sdnType>
    <programList><program>TEST-1</program><program>TEST-2</program></programList>
    <akaList>
      <aka><uid>1</uid><type>a.k.a.</type><category>strong</category><lastName>A-B
        LINES</lastName></aka>
      <aka><uid>2</uid><type>f.k.a.</type><category>weak</category><lastName>ABL</lastName></aka>
    </akaList>
    <idList><id><uid>9</uid><idType>Registration</idType><idNumber>77</idNumber></id></idList>
  </sdnEntry>
  <sdnEntry><uid>4002</uid><firstName>Erika</firstName><lastName>BEISPIEL</lastName>
    <sdnType>Individual</sdnType><programList><program>TEST-1</program></programList>
    <akaList><aka><uid>3</uid><type>a.k.a.</type><category>strong</category>
      <lastName>MUSTER</lastName><firstName>Erika</firstName></aka></akaList>
    <dateOfBirthList><dateOfBirthItem><uid>5</uid><dateOfBirth>1960</dateOfBirth></dateOfBirthItem>
    </dateOfBirthList>
  </sdnEntry>
  <sdnEntry><uid>4003</uid><lastName>SEA BEISPIEL</lastName><sdnType>Vessel</sdnType></sdnEntry>
</sdnList>)";

constexpr char kAdvanced[] = R"(<?xml version="1.0" encoding="utf-8"?>
<Sanctions xmlns="http://www.un.org/sanctions/1.0" Version="1">
  <DateOfIssue CalendarTypeID="1"><Year>2026</Year><Month>1</Month><Day>5</Day></DateOfIssue>
  <ReferenceValueSets>
    <PartySubTypeValues><PartySubType ID="3" PartyTypeID="2">Unknown</PartySubType>
      <PartySubType ID="4" PartyTypeID="1">Unknown</PartySubType>
      <PartySubType ID="1" PartyTypeID="4">Vessel</PartySubType></PartySubTypeValues>
    <PartyTypeValues><PartyType ID="1">Individual</PartyType><PartyType ID="2">Entity</PartyType>
      <PartyType ID="4">Transport</PartyType></PartyTypeValues>
  </ReferenceValueSets>
  <DistinctParties>
    <DistinctParty FixedRef="4002"><Profile ID="7002" PartySubTypeID="4"><Identity ID="1"
      Primary="true">
      <Alias AliasTypeID="1403" Primary="true" LowQuality="false"><DocumentedName ID="1">
        <DocumentedNamePart><NamePartValue ScriptID="215">BEISPIEL</NamePartValue>
          </DocumentedNamePart>
        <DocumentedNamePart><NamePartValue ScriptID="215">Erika</NamePartValue></DocumentedNamePart>
      </DocumentedName></Alias>
      <Alias AliasTypeID="1400" Primary="false" LowQuality="true"><DocumentedName ID="2">
        <DocumentedNamePart><NamePartValue ScriptID="215">RIKA</NamePartValue></DocumentedNamePart>
      </DocumentedName></Alias></Identity></Profile></DistinctParty>
    <DistinctParty FixedRef="4003"><Profile ID="7003" PartySubTypeID="1"><Identity ID="2"
      Primary="true">
      <Alias AliasTypeID="1403" Primary="true" LowQuality="false"><DocumentedName ID="3">
        <DocumentedNamePart><NamePartValue>SEA BEISPIEL</NamePartValue></DocumentedNamePart>
      </DocumentedName></Alias></Identity></Profile></DistinctParty>
  </DistinctParties>
  <SanctionsEntries><SanctionsEntry ID="1" ProfileID="7002" ListID="1550">
    <EntryEvent ID="1"><Comment/></EntryEvent>
    <SanctionsMeasure ID="1" SanctionsTypeID="1"><Comment>TEST-1</Comment></SanctionsMeasure>
  </SanctionsEntry></SanctionsEntries>
</Sanctions>)";

constexpr char kEu[] = R"(<?xml version="1.0" encoding="UTF-8"?>
<export xmlns="http://eu.europa.ec/fpi/fsd/export" generationDate="2026-01-05T10:00:00.000+01:00"
  globalFileId="1">
  <sanctionEntity designationDetails="" unitedNationId="" euReferenceNumber="EU.9001.11"
    logicalId="91">
    <remark>invented</remark>
    <regulation regulationType="amendment" publicationDate="2025-01-01" programme="TST"
      logicalId="1">
      <publicationUrl>https://example.com/x</publicationUrl></regulation>
    <subjectType code="person" classificationCode="P"/>
    <nameAlias firstName="Erika" middleName="" lastName="Beispiel" wholeName="Erika Beispiel"
      strong="true" logicalId="1">
      <regulationSummary regulationType="amendment"/></nameAlias>
    <nameAlias firstName="" middleName="" lastName="" wholeName="E. &amp; B. &lt;Rika&gt;"
      strong="false" logicalId="2"/>
    <nameAlias firstName="Erika" middleName="M." lastName="Muster" wholeName="" strong="true"
      logicalId="3"/>
  </sanctionEntity>
  <sanctionEntity euReferenceNumber="" logicalId="92">
    <subjectType code="enterprise" classificationCode="E"/>
    <nameAlias wholeName="Beispielwerke" strong="true"/>
  </sanctionEntity>
</export>)";

constexpr char kSdnTable[] =
    "4001,\"ALPHA & BETA LINES\",-0- ,\"TEST-1] [TEST-2\",-0- ,-0- ,-0- ,"
    "-0- ,-0- ,-0- ,-0- ,\"a \"\"b\"\"\"\r\n"
    "4002,\"BEISPIEL, Erika\",\"individual\",\"TEST-1\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\n"
    "4003,\"SEA BEISPIEL\",\"vessel\",\"TEST-1\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\n\x1a";
constexpr char kAltTable[] =
    "4002,1,\"aka\",\"MUSTER, Erika\",-0- \r\n4001,2,\"fka\",\"ABL\",-0- \r\n\x1a\r\n";

struct Good {
  const char* format;
  const char* text;
  const char* told;
  bool dated;
};
std::ostream& operator<<(std::ostream& out, const Good& c) { return out << c.format; }
const Good kGood[] = {
    {"OFAC_SDN_XML", kSdn,
     "4001 ENTITY ALPHA & BETA LINES / A-B LINES / weak:ABL [TEST-1] [TEST-2]\n"
     "4002 PERSON Erika BEISPIEL / Erika MUSTER [TEST-1]\n4003 VESSEL SEA BEISPIEL\n",
     true},
    {"OFAC_SDN_ADVANCED_XML", kAdvanced,
     "4002 PERSON BEISPIEL Erika / weak:RIKA [TEST-1]\n4003 VESSEL SEA BEISPIEL\n", true},
    {"EU_XML", kEu,
     "EU.9001.11 PERSON Erika Beispiel / weak:E. & B. <Rika> / Erika M. Muster [TST]\n"
     "92 ENTITY Beispielwerke\n",
     true},
    {"OFAC_SDN_CSV", kSdnTable,
     "4001 ENTITY ALPHA & BETA LINES [TEST-1] [TEST-2]\n4002 PERSON BEISPIEL, Erika [TEST-1]\n"
     "4003 VESSEL SEA BEISPIEL [TEST-1]\n",
     false},
    {"OFAC_ALT_CSV", kAltTable, "4002 UNKNOWN MUSTER, Erika\n4001 UNKNOWN ABL\n", false},
};

BOOST_AUTO_TEST_SUITE(list_files)

BOOST_DATA_TEST_CASE(a_list_is_read_in_its_publishers_format, bdata::make(kGood), c) {
  for (const size_t chunk : {1U, 3U, 4096U}) {
    Kept kept;
    const auto report = Read(c.text, kept, chunk);
    BOOST_REQUIRE_MESSAGE(report.ok(), report.status().ToString());
    BOOST_TEST(report->format == c.format);
    BOOST_TEST(report->party_count == static_cast<int64_t>(kept.parties.size()));
    BOOST_TEST(report->published.has_value() == c.dated);
    if (report->published) BOOST_TEST(report->published->ToString() == "2026-01-05");
    BOOST_TEST(Told(kept) == c.told);
  }
}

BOOST_DATA_TEST_CASE(a_list_that_ends_too_early_is_none, bdata::make(kGood), c) {
  const std::string_view text = c.text;
  const bool table = !c.dated;
  for (size_t size = 0; size + 1 < text.size(); ++size) {
    Kept kept;
    const auto report = Read(text.substr(0, size), kept, 4096);
    if (!table) {
      BOOST_TEST(!report.ok(), c.format << " cut at " << size);
    } else if (report.ok()) {
      // A table that is cut between two rows, or within the last field, is one like any other.
      BOOST_TEST(report->party_count <= 3);
    }
  }
}

struct Bad {
  const char* name;
  const char* text;
  Reason reason;
};
std::ostream& operator<<(std::ostream& out, const Bad& c) { return out << c.name; }
const Bad kBad[] = {
    {"nothing", "", Reason::kFormatInvalid},
    {"another document", "<Document/>", Reason::kFormatUnknown},
    {"a document type",
     "<!DOCTYPE sdnList [<!ENTITY a \"b\">]><sdnList><sdnEntry><uid>1</uid><lastName>&a;</lastName>"
     "</sdnEntry></sdnList>",
     Reason::kXmlForbidden},
    {"a document type from elsewhere",
     "<!DOCTYPE export SYSTEM \"file:///etc/passwd\"><export generationDate=\"2026-01-05\"/>",
     Reason::kXmlForbidden},
    {"an entity that nobody declared",
     "<CONSOLIDATED_LIST dateGenerated=\"2026-01-05T00:00:00\"><ENTITIES><ENTITY><DATAID>1</DATAID>"
     "<FIRST_NAME>&xxe;</FIRST_NAME></ENTITY></ENTITIES></CONSOLIDATED_LIST>",
     Reason::kFormatInvalid},
    {"no date", "<sdnList><sdnEntry><uid>1</uid><lastName>A</lastName></sdnEntry></sdnList>",
     Reason::kFormatInvalid},
    {"a date that is none", "<export generationDate=\"yesterday\"/>", Reason::kDateInvalid},
    {"no entries", "<export generationDate=\"2026-01-05T00:00:00\"/>", Reason::kFormatInvalid},
    {"an entry without a name",
     "<sdnList><publshInformation><Publish_Date>01/05/2026</Publish_Date></publshInformation>"
     "<sdnEntry><uid>1</uid><lastName> </lastName></sdnEntry></sdnList>",
     Reason::kFormatInvalid},
    {"an entry without an id",
     "<sdnList><publshInformation><Publish_Date>01/05/2026</Publish_Date></publshInformation>"
     "<sdnEntry><lastName>A</lastName></sdnEntry></sdnList>",
     Reason::kFormatInvalid},
    {"a table of other columns", "1,2,3\n", Reason::kFormatUnknown},
    {"a row that is shorter than the others",
     "1,1,aka,A,-0-\n2,2,aka,B\n", Reason::kFormatInvalid},
    {"a head in a table", "ent_num,alt_num,alt_type,alt_name,alt_remarks\n1,1,aka,A,-0-\n",
     Reason::kFormatInvalid},
    {"an open quote", "1,1,aka,\"A,-0-\n", Reason::kFormatTruncated},
    {"prose", "This is no list.", Reason::kFormatUnknown},
};
BOOST_DATA_TEST_CASE(is_no_list, bdata::make(kBad), c) {
  Kept kept;
  const absl::Status status = Read(c.text, kept).status();
  BOOST_TEST(base::Is(status, c.reason), status.ToString());
}

BOOST_AUTO_TEST_CASE(what_is_too_deep_or_too_long_is_refused) {
  std::string deep = "<export generationDate=\"2026-01-05\">";
  for (int i = 0; i < 100; ++i) deep += "<a>";
  Kept kept;
  BOOST_TEST(base::Is(Read(deep, kept).status(), Reason::kFormatLimit));
  const std::string wide = "<export generationDate=\"2026-01-05\"><sanctionEntity logicalId=\"1\">"
                           "<nameAlias wholeName=\"" + std::string(1'001, 'a') + "\"/>";
  BOOST_TEST(base::Is(Read(wide, kept, 4096).status(), Reason::kFormatLimit));
  const std::string long_text =
      "<sdnList><x>" + std::string(70'000, 'a') + "</x></sdnList>";
  BOOST_TEST(base::Is(Read(long_text, kept, 4096).status(), Reason::kFormatLimit));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::screening::testing
