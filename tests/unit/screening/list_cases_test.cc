// SPDX-License-Identifier: Apache-2.0
// What publishers' files really hold: prefixes, marks of byte order, other encodings, empty and
// weak aliases, entities, ships, names in remarks. All parties are invented.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "server/base/status.h"
#include "server/base/strings.h"
#include "tests/unit/screening/reading.h"

namespace bdata = boost::unit_test::data;

namespace kontor::screening::testing {
namespace {

using base::Reason;
using base::StrCat;

std::string Sdn(const std::string& entries) {
  return "<sdnList><publshInformation><Publish_Date>01/05/2026</Publish_Date>"
         "</publshInformation>" +
         entries + "</sdnList>";
}

/// One party, whose names are given, and what stands behind the parties.
std::string Advanced(const std::string& names, const std::string& behind = "") {
  return R"(<Sanctions><DateOfIssue><Year>2026</Year><Month>1</Month><Day>5</Day></DateOfIssue>
    <ReferenceValueSets><PartySubTypeValues><PartySubType ID="2" PartyTypeID="4">Aircraft
      </PartySubType><PartySubType ID="3" PartyTypeID="2">Unknown</PartySubType>
      </PartySubTypeValues>
      <PartyTypeValues><PartyType ID="2">Entity</PartyType></PartyTypeValues></ReferenceValueSets>
    <DistinctParties><DistinctParty FixedRef="1"><Comment>invented</Comment>
      <Profile ID="71" PartySubTypeID="3"><Identity>)" +
         names + "</Identity></Profile></DistinctParty></DistinctParties>" + behind +
         "</Sanctions>";
}
std::string Alias(const std::string& attributes, const std::string& name) {
  return "<Alias " + attributes + "><DocumentedName><DocumentedNamePart><NamePartValue>" + name +
         "</NamePartValue></DocumentedNamePart></DocumentedName></Alias>";
}

std::string Eu(const std::string& inner) {
  return R"(<export generationDate="2026-01-05"><sanctionEntity logicalId="9">)" + inner +
         "</sanctionEntity></export>";
}
std::string Un(const std::string& inner) {
  return R"(<CONSOLIDATED_LIST dateGenerated="2026-01-05T00:00:00.000-05:00"><INDIVIDUALS>)"
         "<INDIVIDUAL><DATAID>7</DATAID>" +
         inner + "</INDIVIDUAL></INDIVIDUALS></CONSOLIDATED_LIST>";
}
/// A row of SDN.CSV.
std::string Row(const std::string& name, const std::string& type, const std::string& remarks) {
  return "7,\"" + name + "\"," + type + ",\"TST\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ," + remarks +
         "\r\n";
}
std::string InUtf16(const std::string& ascii) {
  std::string out = "\xFF\xFE";
  for (const char c : ascii) {
    out += c;
    out += '\0';
  }
  return out;
}
const std::string kBom = "\xEF\xBB\xBF";
const std::string kOne = "<sdnEntry><uid>1</uid><lastName>Muster</lastName></sdnEntry>";

struct Case {
  const char* name;
  std::string text;
  const char* told;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }
const Case kCases[] = {
    // What every vocabulary in XML has in common.
    {"a mark of byte order and a blank line", kBom + "\n" + Sdn(kOne), "1 UNKNOWN Muster\n"},
    {"a prefix",
     R"(<s:export xmlns:s="http://eu.europa.ec/fpi/fsd/export" generationDate="2026-01-05">)"
     R"(<s:sanctionEntity logicalId="9"><s:subjectType code="person"/>)"
     R"(<s:nameAlias wholeName="Erika"/></s:sanctionEntity></s:export>)",
     "9 PERSON Erika\n"},
    {"another name space",
     R"(<sdnList xmlns="https://example.com/XML")"
     R"( xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance")"
     R"( xsi:schemaLocation="a b"><publshInformation><Publish_Date>01/05/2026</Publish_Date>)"
     "</publshInformation>" +
         kOne + "</sdnList>",
     "1 UNKNOWN Muster\n"},
    {"sixteen bits a letter", InUtf16(Sdn(kOne)), "1 UNKNOWN Muster\n"},
    {"a Latin encoding",
     "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>" +
         Sdn("<sdnEntry><uid>1</uid><lastName>M\xFCller</lastName></sdnEntry>"),
     "1 UNKNOWN Müller\n"},
    {"entities, references and sections",
     Sdn("<sdnEntry><uid>1</uid><lastName>A&amp;B &#x416;&apos;&lt;X&gt;<![CDATA[ & "
         "<Y>]]></lastName>"
         "</sdnEntry>"),
     "1 UNKNOWN A&B Ж'<X> & <Y>\n"},
    {"the same in attributes",
     Eu("<nameAlias wholeName=\"A&amp;B &#x416;&apos;&lt;X&gt; &quot;Y&quot;\"/>"),
     "9 UNKNOWN A&B Ж'<X> \"Y\"\n"},
    {"comments and instructions within a name",
     Sdn("<sdnEntry><uid>1</uid><lastName>Mu<!-- no -->st<?no way?>er</lastName></sdnEntry>"),
     "1 UNKNOWN Muster\n"},
    // OFAC's list.
    {"empty aliases",
     Sdn("<sdnEntry><uid>1</uid><lastName>Muster</lastName><akaList><aka><uid>2</uid>"
         "<category>strong</category><lastName/></aka><aka><lastName> </lastName></aka>"
         "</akaList></sdnEntry>"),
     "1 UNKNOWN Muster\n"},
    {"a first name behind the last one",
     Sdn("<sdnEntry><uid>1</uid><lastName>BEISPIEL</lastName><firstName>Erika</firstName>"
         "<sdnType>Individual</sdnType></sdnEntry>"),
     "1 PERSON Erika BEISPIEL\n"},
    {"aliases in front of nothing but the name",
     Sdn("<sdnEntry><uid>1</uid><firstName>Erika</firstName><lastName>BEISPIEL</lastName>"
         "<akaList><aka><category>WEAK</category><lastName>RIKA</lastName></aka><aka>"
         "<category>strong</category><lastName>MUSTER</lastName></aka></akaList></sdnEntry>"),
     "1 UNKNOWN Erika BEISPIEL / weak:RIKA / MUSTER\n"},
    {"an alias that is weak here and strong there",
     Sdn("<sdnEntry><uid>1</uid><lastName>A</lastName><akaList><aka><category>weak</category>"
         "<lastName>B</lastName></aka><aka><category>strong</category><lastName>B</lastName></aka>"
         "</akaList></sdnEntry>"),
     "1 UNKNOWN A / B\n"},
    {"names of others within an entry",
     Sdn("<sdnEntry><uid>1</uid><lastName>SEA BEISPIEL</lastName><sdnType>Vessel</sdnType>"
         "<title>Captain</title><vesselInfo><vesselOwner>Muster Lines</vesselOwner></vesselInfo>"
         "<placeOfBirthList><placeOfBirthItem><uid>9</uid></placeOfBirthItem></placeOfBirthList>"
         "</sdnEntry>"),
     "1 VESSEL SEA BEISPIEL\n"},
    // The same in the vocabulary that OFAC calls advanced.
    {"a main name behind its aliases",
     Advanced(Alias("Primary=\"false\" LowQuality=\"true\"", "BSP") +
              Alias("Primary=\"true\" LowQuality=\"false\"", "Beispielwerke")),
     "1 ENTITY Beispielwerke / weak:BSP\n"},
    {"a main name in two scripts",
     Advanced("<Alias Primary=\"true\" LowQuality=\"0\"><DocumentedName><DocumentedNamePart>"
              "<NamePartValue>Beispiel</NamePartValue></DocumentedNamePart></DocumentedName>"
              "<DocumentedName><DocumentedNamePart><NamePartValue>Байшпиль</NamePartValue>"
              "</DocumentedNamePart></DocumentedName></Alias>" +
              Alias("Primary=\"false\" LowQuality=\"1\"", "BSP")),
     "1 ENTITY Beispiel / Байшпиль / weak:BSP\n"},
    {"an alias without a name",
     Advanced(Alias("Primary=\"true\"", "Beispiel") + Alias("Primary=\"false\"", "")),
     "1 ENTITY Beispiel\n"},
    {"comments that name no programme",
     Advanced(Alias("Primary=\"true\"", "Beispiel"),
              "<SanctionsEntries><SanctionsEntry ProfileID=\"71\"><EntryEvent><Comment>see there"
              "</Comment></EntryEvent><SanctionsMeasure><Comment/></SanctionsMeasure>"
              "<SanctionsMeasure><Comment>TST</Comment></SanctionsMeasure></SanctionsEntry>"
              "<SanctionsEntry ProfileID=\"72\"><SanctionsMeasure><Comment>OTHER</Comment>"
              "</SanctionsMeasure></SanctionsEntry></SanctionsEntries>"),
     "1 ENTITY Beispiel [TST]\n"},
    {"a party of two profiles",
     [] {
       std::string text =
           Advanced(Alias("Primary=\"true\"", "Beispiel"),
                    "<SanctionsEntries><SanctionsEntry ProfileID=\"71\"><SanctionsMeasure><Comment>"
                    "A</Comment></SanctionsMeasure></SanctionsEntry><SanctionsEntry "
                    "ProfileID=\"72\"><SanctionsMeasure><Comment>B</Comment></SanctionsMeasure>"
                    "</SanctionsEntry></SanctionsEntries>");
       const std::string end = "</Profile>";
       return text.insert(text.find(end) + end.size(), "<Profile ID=\"72\" PartySubTypeID=\"3\"/>");
     }(),
     "1 ENTITY Beispiel [A] [B]\n"},
    // The European Union's.
    {"a whole name of nothing but spaces",
     Eu(R"(<subjectType classificationCode="E"/><nameAlias wholeName=" " firstName="")"
        R"( middleName=" ")"
        R"( lastName="Beispiel AG"/>)"),
     "9 ENTITY Beispiel AG\n"},
    {"an empty alias among others",
     Eu(R"(<nameAlias wholeName="" firstName="" lastName=""/><nameAlias wholeName="Erika"/>)"),
     "9 UNKNOWN Erika\n"},
    {"names of authors of remarks and of places",
     Eu(R"(<nameAlias wholeName="Erika"><regulationSummary wholeName="No"/></nameAlias>)"
        R"(<address wholeName="No"/><birthdate><nameAlias wholeName="No"/></birthdate>)"),
     "9 UNKNOWN Erika\n"},
    // The Security Council's.
    {"aliases of nothing, and of low quality",
     Un("<FIRST_NAME> Erika </FIRST_NAME><SECOND_NAME/><THIRD_NAME>Beispiel</THIRD_NAME>"
        "<REFERENCE_NUMBER>TAi.1</REFERENCE_NUMBER><INDIVIDUAL_ALIAS><QUALITY/><ALIAS_NAME/>"
        "</INDIVIDUAL_ALIAS><INDIVIDUAL_ALIAS><QUALITY> LOW </QUALITY><ALIAS_NAME>Rika</ALIAS_NAME>"
        "</INDIVIDUAL_ALIAS><INDIVIDUAL_ALIAS><ALIAS_NAME>E. B.</ALIAS_NAME></INDIVIDUAL_ALIAS>"
        "<NATIONALITY><VALUE>No</VALUE></NATIONALITY>"),
     "TAi.1 PERSON Erika Beispiel / weak:Rika / E. B.\n"},
    {"an alias in front of its quality",
     Un("<FIRST_NAME>Erika</FIRST_NAME><INDIVIDUAL_ALIAS><ALIAS_NAME>Rika</ALIAS_NAME>"
        "<QUALITY>Low</QUALITY></INDIVIDUAL_ALIAS><INDIVIDUAL_ALIAS><ALIAS_NAME>Eri</ALIAS_NAME>"
        "<QUALITY>Good</QUALITY></INDIVIDUAL_ALIAS>"),
     "7 PERSON Erika / weak:Rika / Eri\n"},
    {"a name in its own script only", Un("<NAME_ORIGINAL_SCRIPT>إيريكا</NAME_ORIGINAL_SCRIPT>"),
     "7 PERSON إيريكا\n"},
    // Tables.
    {"a mark of byte order in front of a table", kBom + Row("Muster", "-0- ", "-0- "),
     "7 ENTITY Muster [TST]\n"},
    {"the same in front of quotes", kBom + "\"7\",1,\"aka\",\"Muster\",-0- \r\n",
     "7 UNKNOWN Muster\n"},
    {"letters of one byte", Row("M\xFCller, Erika", "\"individual\"", "-0- "),
     "7 PERSON Müller, Erika [TST]\n"},
    {"a type in capitals", Row("Muster", "\"INDIVIDUAL\"", "-0- "), "7 PERSON Muster [TST]\n"},
    {"a type that nobody knows", Row("Muster", "\"dirigible\"", "-0- "),
     "7 UNKNOWN Muster [TST]\n"},
    {"weak aliases among the remarks",
     Row("Muster", "-0- ", "\"DOB 1960; a.k.a. 'MST'; f.k.a. 'OLD M'; Passport 'X' (Beispiel).\""),
     "7 ENTITY Muster / weak:MST / weak:OLD M [TST]\n"},
    {"a weak alias with an apostrophe, at the end", Row("Muster", "-0- ", "\"a.k.a. 'O'MARA'.\""),
     "7 ENTITY Muster / weak:O'MARA [TST]\n"},
    {"a weak alias in doubled quotes", Row("Muster", "-0- ", "\"n.k.a. \"\"MST\"\"\""),
     "7 ENTITY Muster / weak:MST [TST]\n"},
    {"a weak alias where the remarks are cut", Row("Muster", "-0- ", "\"a.k.a. 'MST\""),
     "7 ENTITY Muster / weak:MST [TST]\n"},
    {"an alias in words, and one of nothing",
     Row("Muster", "-0- ", "\"a.k.a. of somebody; a.k.a. ''; a.k.a.\""), "7 ENTITY Muster [TST]\n"},
    {"a name like the sign for nothing", Row("-0-x", "-0- ", "-0-"), "7 ENTITY -0-x [TST]\n"},
    {"ships and aircraft",
     Row("SEA BEISPIEL", "\"vessel\"", "-0- ") + Row("AIR BEISPIEL", "\"aircraft\"", "-0- "),
     "7 VESSEL SEA BEISPIEL [TST]\n7 AIRCRAFT AIR BEISPIEL [TST]\n"},
};

BOOST_AUTO_TEST_SUITE(list_cases)

BOOST_DATA_TEST_CASE(is_read_as_its_publisher_means_it, bdata::make(kCases), c) {
  for (const size_t chunk : {1U, 5U, 4096U}) {
    Kept kept;
    const auto report = Read(c.text, kept, chunk);
    BOOST_REQUIRE_MESSAGE(report.ok(), report.status().ToString());
    BOOST_TEST(Told(kept) == c.told);
  }
}

struct NoList {
  const char* name;
  std::string text;
  Reason reason;
};
std::ostream& operator<<(std::ostream& out, const NoList& c) { return out << c.name; }
const NoList kNoLists[] = {
    {"a mark of byte order and nothing", kBom, Reason::kFormatInvalid},
    {"a table whose only name is the sign for nothing", Row("-0- ", "-0- ", "-0- "),
     Reason::kFormatInvalid},
    {"remarks without a name", Row("", "-0- ", "-0- "), Reason::kFormatInvalid},
    {"an entry of empty aliases", Eu("<nameAlias wholeName=\"\"/>"), Reason::kFormatInvalid},
    {"an advanced party of empty aliases", Advanced(Alias("Primary=\"true\"", " ")),
     Reason::kFormatInvalid},
    {"a person of empty names",
     Un("<FIRST_NAME/><INDIVIDUAL_ALIAS><ALIAS_NAME/></INDIVIDUAL_ALIAS>"), Reason::kFormatInvalid},
    {"a list that ends within a letter", InUtf16(Sdn(kOne)).substr(0, 101),
     Reason::kFormatTruncated},
    {"bytes that are not of the encoding",
     Sdn("<sdnEntry><uid>1</uid><lastName>M\xFCller</lastName>"), Reason::kFormatInvalid},
    {"a document type behind a mark of byte order",
     kBom + "<!DOCTYPE sdnList SYSTEM \"http://127.0.0.1/x\">" + Sdn(kOne), Reason::kXmlForbidden},
};
BOOST_DATA_TEST_CASE(is_not_read_at_all, bdata::make(kNoLists), c) {
  Kept kept;
  const absl::Status status = Read(c.text, kept, 4096).status();
  BOOST_TEST(base::Is(status, c.reason), status.ToString());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::screening::testing
