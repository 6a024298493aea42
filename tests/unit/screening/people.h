// SPDX-License-Identifier: Apache-2.0
// A list of invented parties, in the shape of the Security Council's: nobody real stands in it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "server/crypto/digest.h"
#include "server/formats/screening_lists.h"
#include "server/formats/streams.h"
#include "server/screening/screening.h"

namespace kontor::screening::testing {

inline constexpr char kList[] = R"(<?xml version="1.0" encoding="UTF-8"?>
<CONSOLIDATED_LIST dateGenerated="2026-01-05T22:00:00.123Z">
 <INDIVIDUALS>
  <INDIVIDUAL><DATAID>1</DATAID><FIRST_NAME>Ossama</FIRST_NAME>
   <SECOND_NAME>Muhammad</SECOND_NAME><THIRD_NAME>al-Karadi</THIRD_NAME>
   <UN_LIST_TYPE>Test-A</UN_LIST_TYPE><REFERENCE_NUMBER>TAi.001</REFERENCE_NUMBER>
   <INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>Abu Tariq Wasiti</ALIAS_NAME>
   </INDIVIDUAL_ALIAS>
   <INDIVIDUAL_ALIAS><QUALITY>Low</QUALITY><ALIAS_NAME>Hassan</ALIAS_NAME></INDIVIDUAL_ALIAS>
  </INDIVIDUAL>
  <INDIVIDUAL><DATAID>2</DATAID><FIRST_NAME>Yevgeniy</FIRST_NAME>
   <SECOND_NAME>Shcherbinskiy</SECOND_NAME><UN_LIST_TYPE>Test-B</UN_LIST_TYPE>
   <REFERENCE_NUMBER>TBi.002</REFERENCE_NUMBER></INDIVIDUAL>
  <INDIVIDUAL><DATAID>3</DATAID><FIRST_NAME>Hussein</FIRST_NAME>
   <SECOND_NAME>Abdallah</SECOND_NAME><THIRD_NAME>Qasimov</THIRD_NAME>
   <UN_LIST_TYPE>Test-A</UN_LIST_TYPE><REFERENCE_NUMBER>TAi.003</REFERENCE_NUMBER>
   <NAME_ORIGINAL_SCRIPT>حسين عبدالله قاسموف</NAME_ORIGINAL_SCRIPT></INDIVIDUAL>
 </INDIVIDUALS>
 <ENTITIES>
  <ENTITY><DATAID>11</DATAID><FIRST_NAME>Zarubex Trading Company Limited</FIRST_NAME>
   <UN_LIST_TYPE>Test-C</UN_LIST_TYPE><REFERENCE_NUMBER>TCe.011</REFERENCE_NUMBER>
   <ENTITY_ALIAS><QUALITY>a.k.a.</QUALITY><ALIAS_NAME>ZTC Zarubex</ALIAS_NAME></ENTITY_ALIAS>
  </ENTITY>
  <ENTITY><DATAID>12</DATAID><FIRST_NAME>Korvanis Aero-Maritime Bureau</FIRST_NAME>
   <UN_LIST_TYPE>Test-C</UN_LIST_TYPE><REFERENCE_NUMBER>TCe.012</REFERENCE_NUMBER></ENTITY>
  <ENTITY><DATAID>13</DATAID><FIRST_NAME>Unit 4711 Procurement</FIRST_NAME>
   <UN_LIST_TYPE>Test-C</UN_LIST_TYPE><REFERENCE_NUMBER>TCe.013</REFERENCE_NUMBER></ENTITY>
  <ENTITY><DATAID>14</DATAID><FIRST_NAME>Harakat</FIRST_NAME>
   <UN_LIST_TYPE>Test-C</UN_LIST_TYPE><REFERENCE_NUMBER>TCe.014</REFERENCE_NUMBER></ENTITY>
 </ENTITIES>
</CONSOLIDATED_LIST>
)";

/// Screens against one list in memory.
struct Bench {
  explicit Bench(std::string text = kList, std::string format = "UN_XML", int threshold = 85)
      : content(std::move(text)) {
    model::ScreeningRules rules;
    rules.threshold_percent = threshold;
    rules.lists.push_back({"un", std::move(format), "list.xml", Sha()});
    const auto factory = MakeScreeningFactory(
        *reader, [this](const std::string&) -> absl::StatusOr<OpenedList> {
          return OpenedList{std::make_unique<formats::TextSource>(content, 100), published};
        });
    made = factory(rules);
  }
  std::string Sha() const { return crypto::Sha256(content).Hex(); }
  std::vector<ports::ScreeningHit> Hits(const std::string& payee) {
    BOOST_REQUIRE_MESSAGE(made.ok(), made.status().ToString());
    const ports::ScreenedParty party{payee, ""};
    return *(*made)->Screen({&party, 1});
  }
  /// Ids of the entries that are alike.
  std::string Ids(const std::string& payee) {
    std::string out;
    for (const auto& hit : Hits(payee)) out += (out.empty() ? "" : " ") + hit.entry_id;
    return out;
  }

  std::string content;
  std::optional<model::Date> published;
  std::unique_ptr<ports::ScreeningListReader> reader = formats::MakeScreeningListReader();
  absl::StatusOr<std::shared_ptr<ports::Screening>> made = absl::UnknownError("not made");
};

}  // namespace kontor::screening::testing
