// SPDX-License-Identifier: Apache-2.0
// Who is alike and who is not: the ways in which a listed name is written so that it is not found,
// and the ways in which an honest one comes close.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <rapidcheck.h>

#include <algorithm>

#include "tests/unit/screening/people.h"

namespace bdata = boost::unit_test::data;

namespace kontor::screening::testing {
namespace {

struct Case {
  const char* payee;
  const char* want;  ///< Ids of the entries, the most alike first.
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.payee; }

Bench& Shared() {
  static Bench* const kBench = new Bench;
  return *kBench;
}

BOOST_AUTO_TEST_SUITE(matching)

const Case kFound[] = {
    {"Ossama Muhammad al-Karadi", "TAi.001"},
    // Case, spaces, order, commas.
    {"OSSAMA MUHAMMAD AL-KARADI", "TAi.001"},
    {"  Ossama   Muhammad \t al-Karadi ", "TAi.001"},
    {"al-Karadi, Ossama Muhammad", "TAi.001"},
    {"Muhammad Karadi Ossama", "TAi.001"},
    // Hyphens, apostrophes, words drawn together or apart.
    {"Ossama Muhammad alKaradi", "TAi.001"},
    {"Ossama Muhammad Al Karadi", "TAi.001"},
    {"Ossama Muhammad al–Karadi", "TAi.001"},
    {"Ossama Muhammad 'al Ka'radi", "TAi.001"},
    {"OssamaMuhammad al-Karadi", "TAi.001"},
    // By ear.
    {"Usama Mohammed Al Qaradi", "TAi.001"},
    {"Osama Mohamed el-Karady", "TAi.001"},
    {"Oussama Mohd. Karadi", "TAi.001"},
    // A slip of the pen.
    {"Ossama Muhammad al-Kardai", "TAi.001"},
    {"Ossama Muhamad al-Karadii", "TAi.001"},
    // Marks, ligatures, full width, marks that nobody sees.
    {"Ôssãmá Muhammâd al-Kārādī", "TAi.001"},
    {"Ｏｓｓａｍａ Ｍｕｈａｍｍａｄ ａｌ－Ｋａｒａｄｉ", "TAi.001"},
    {"Os\u200Bsama Muham\u00ADmad al-Kar\u2060adi", "TAi.001"},
    // Other scripts.
    {"Усама Мохаммед аль-Каради", "TAi.001"},
    {"أسامة محمد الكرادي", "TAi.001"},
    {"حسين عبدالله قاسموف", "TAi.003"},
    {"Хусейн Абдалла Касимов", "TAi.003"},
    {"Евгений Щербинский", "TBi.002"},
    // Letters and digits that look like others.
    {"Оssаmа Muhаmmаd al-Kаrаdi", "TAi.001"},
    {"Yevgen1y Shcherb1nskiy", "TBi.002"},
    {"0ssama Muhammad al-Karadi", "TAi.001"},
    // Parts left out, initials, titles.
    {"Ossama al-Karadi", "TAi.001"},
    {"O. al-Karadi", "TAi.001"},
    {"O. M. al-Karadi", "TAi.001"},
    {"Sheikh Ossama bin Muhammad al-Karadi", "TAi.001"},
    {"Dr. Yevgeniy Shcherbinskiy", "TBi.002"},
    {"Y. Shcherbinskiy", "TBi.002"},
    {"Evgeny Scherbinski", "TBi.002"},
    {"Jewgenij Schtscherbinskij", "TBi.002"},
    {"Hussain Abdullah Kasimov", "TAi.003"},
    {"Hussein Qasimov", "TAi.003"},
    // Known aliases, and what is built around a person.
    {"Abu Tariq Wasiti", "TAi.001"},
    {"Tarik al-Wasity", "TAi.001"},
    {"Ossama Muhammad al-Karadi Trading GmbH", "TAi.001"},
    {"Shcherbinskiy Yevgeniy und Söhne KG", "TBi.002"},
    // A weak alias is found when it is all there is.
    {"Hassan", "TAi.001"},
    // Companies: legal forms, abbreviations, spaces.
    {"Zarubex Trading Company Limited", "TCe.011"},
    {"ZARUBEX TRADING CO. LTD.", "TCe.011"},
    {"Zarubex Trading Co", "TCe.011"},
    {"Zarubex Trade Company G.m.b.H.", "TCe.011"},
    {"Z a r u b e x Trading", "TCe.011"},
    {"Zarubeks Trading Ltd", "TCe.011"},
    {"ООО «Зарубекс Трейдинг»", "TCe.011"},
    {"ZTC-Zarubex S.A.R.L.", "TCe.011"},
    {"Zarubex Trading Company Hamburg Branch", "TCe.011"},
    {"Korvanis Aeromaritime Bureau", "TCe.012"},
    {"KORVANIS AERO MARITIME BUREAU OAO", "TCe.012"},
    {"Unit 4711 Procurement", "TCe.013"},
    {"Harakat", "TCe.014"},
    {"Harakat e.V.", "TCe.014"},
    {"Verein Harakat Hamburg", "TCe.014"},
};
BOOST_DATA_TEST_CASE(is_found_on_the_list, bdata::make(kFound), c) {
  const auto hits = Shared().Hits(c.payee);
  std::string why;
  for (const auto& hit : hits) {
    why += hit.entry_id + " " + std::to_string(hit.likeness_percent) + " % " + hit.words + "; ";
  }
  BOOST_TEST(Shared().Ids(c.payee) == c.want, c.payee << ": " << why);
}

const Case kNotFound[] = {
    {"Muster Lieferant GmbH", ""},
    {"Ossama", ""},
    {"Muhammad", ""},
    {"Mohammed Ali", ""},
    {"Muhammad Karim", ""},
    {"Ossama Rahman", ""},
    {"Muhammad al-Kindi", ""},
    {"Osman Mahmoud Karaduman", ""},
    {"Hassan Schmidt", ""},
    {"Tariq Hassan", ""},
    {"Abu Tariq", ""},
    {"Yevgeniy Ivanov", ""},
    {"Yevgeniya Petrova", ""},
    {"Evgenia Schubert", ""},
    {"Schering Yevgeniy", ""},
    {"Hussein Abdallah", "TAi.003"},
    {"Hussein Rashid", ""},
    {"Abdallah Cement Company", ""},
    {"Zara Trading Company Limited", ""},
    {"Trading Company Limited", ""},
    {"Zarathustra Verlag", ""},
    {"Ztc Handels GmbH", ""},
    {"Maritime Bureau Rostock", ""},
    {"Aero Club Bremen", ""},
    {"Unit 4712 Procurement", ""},
    {"Procurement Services AG", ""},
    {"Harald Katz", ""},
    {"Karadi Ossmuhamma", ""},
    {"Korvani Bureau", ""},
    {"Harakiri Sushi", ""},
    {"Limited", ""},
    {"GmbH & Co. KG", ""},
    {"4711", ""},
    {"!?&", ""},
    {"", ""},
};
BOOST_DATA_TEST_CASE(is_let_pass, bdata::make(kNotFound), c) {
  const auto hits = Shared().Hits(c.payee);
  std::string why;
  for (const auto& hit : hits) {
    why += hit.entry_id + " " + std::to_string(hit.likeness_percent) + " % " + hit.words + "; ";
  }
  BOOST_TEST(Shared().Ids(c.payee) == c.want, c.payee << ": " << why);
}

BOOST_AUTO_TEST_CASE(a_hit_says_which_entry_which_spelling_and_which_words) {
  const auto hits = Shared().Hits("Usama Mohammed Karadi");
  BOOST_REQUIRE(hits.size() == 1U);
  BOOST_TEST(hits[0].list == "un");
  BOOST_TEST(hits[0].entry_id == "TAi.001");
  BOOST_TEST(hits[0].name == "Ossama Muhammad al-Karadi");
  BOOST_TEST(hits[0].programmes == "Test-A");
  BOOST_TEST((hits[0].type == ports::ListedType::kPerson));
  BOOST_TEST(!hits[0].weak);
  BOOST_TEST(hits[0].words.find("karadi = karadi") != std::string::npos, hits[0].words);
  BOOST_TEST(hits[0].words.find("usama ~ ossama") != std::string::npos, hits[0].words);
  const auto alias = Shared().Hits("Tariq Wasiti");
  BOOST_REQUIRE(alias.size() == 1U);
  BOOST_TEST(alias[0].name == "Abu Tariq Wasiti");
  BOOST_TEST(alias[0].entry_name == "Ossama Muhammad al-Karadi");
  BOOST_TEST(Shared().Hits("Hassan")[0].weak);
}

BOOST_AUTO_TEST_CASE(an_entrys_digest_changes_with_the_entry_and_with_nothing_else) {
  Bench other{[] {
    std::string text = kList;
    const std::string from = "ZTC Zarubex";
    return text.replace(text.find(from), from.size(), "ZTC Zarubexx");
  }()};
  const auto digest = [](Bench& bench, const char* payee) {
    return bench.Hits(payee).at(0).entry_digest;
  };
  BOOST_TEST(digest(Shared(), "Harakat") == digest(other, "Harakat"));
  BOOST_TEST(digest(Shared(), "Zarubex Trading Company") !=
             digest(other, "Zarubex Trading Company"));
}

BOOST_AUTO_TEST_CASE(a_higher_threshold_finds_less) {
  Bench strict{kList, "UN_XML", 100};
  BOOST_TEST(strict.Ids("Ossama Muhammad al-Karadi") == "TAi.001");
  BOOST_TEST(strict.Ids("Usama Mohammed Karadi") == "");
}

BOOST_AUTO_TEST_CASE(a_ship_or_an_aircraft_is_found_by_its_whole_name_only) {
  for (const char* type : {"Vessel", "Aircraft", "Entity"}) {
    Bench bench{std::string("<sdnList><publshInformation><Publish_Date>01/05/2026</Publish_Date>"
                            "</publshInformation><sdnEntry><uid>9</uid><lastName>ORION KORVANIS"
                            "</lastName><sdnType>") +
                    type + "</sdnType></sdnEntry></sdnList>",
                "OFAC_SDN_XML"};
    BOOST_TEST(bench.Ids("Orion Korvanis") == "9", type);
    BOOST_TEST(bench.Ids("Oryon Korvanis Ltd.") == "9", type);
    const std::string others = type == std::string("Entity") ? "9" : "";
    BOOST_TEST(bench.Ids("Orion Korvanis Catering Bremen") == others, type);
  }
}

BOOST_AUTO_TEST_CASE(the_last_hit_that_is_told_says_that_there_are_more) {
  const auto list_of = [](int count) {
    std::string text = "<export generationDate=\"2026-01-05\">";
    for (int i = 1; i <= count; ++i) {
      text += "<sanctionEntity logicalId=\"" + std::to_string(i) +
              "\"><nameAlias wholeName=\"Ossama Karadi\"/></sanctionEntity>";
    }
    return text + "</export>";
  };
  for (const int count : {99, 100, 101, 500}) {
    Bench bench{list_of(count), "EU_XML"};
    const auto hits = bench.Hits("Usama Karadi");
    BOOST_REQUIRE(hits.size() == static_cast<size_t>(std::min(count, 100)));
    for (const auto& hit : hits) BOOST_TEST(hit.more == (count > 100 && &hit == &hits.back()));
  }
}

BOOST_AUTO_TEST_CASE(a_list_whose_bytes_are_others_is_not_believed) {
  Bench bench;
  model::ScreeningRules rules;
  rules.lists.push_back({"un", "UN_XML", "list.xml", std::string(64, '0')});
  const auto factory = MakeScreeningFactory(
      *bench.reader, [&](const std::string&) -> absl::StatusOr<OpenedList> {
        return OpenedList{std::make_unique<formats::TextSource>(bench.content), std::nullopt};
      });
  BOOST_TEST(base::Is(factory(rules).status(), base::Reason::kListStale));
  rules.lists[0].sha256 = bench.Sha();
  rules.lists[0].format = "EU_XML";
  BOOST_TEST(base::Is(factory(rules).status(), base::Reason::kListStale));
}

const std::vector<std::string> kListed = {"Ossama Muhammad al-Karadi", "Yevgeniy Shcherbinskiy",
                                          "Hussein Abdallah Qasimov",
                                          "Zarubex Trading Company Limited",
                                          "Korvanis Aero-Maritime Bureau"};

/// A listed name, disguised at random in ways that change nothing that one hears.
std::string Disguised(std::string name) {
  if (*rc::gen::arbitrary<bool>()) {
    std::vector<std::string> words;
    std::string word;
    for (const char c : name + " ") {
      if (c != ' ') {
        word += c;
      } else {
        words.push_back(std::exchange(word, {}));
      }
    }
    std::rotate(words.begin(), words.begin() + *rc::gen::inRange<int>(0, 3) % words.size(),
                words.end());
    name.clear();
    for (const auto& one : words) name += (name.empty() ? "" : " ") + one;
  }
  std::string out;
  for (const char c : name) {
    switch (*rc::gen::inRange(0, 12)) {
      case 0: out += std::toupper(static_cast<unsigned char>(c)) == c
                         ? static_cast<char>(std::tolower(static_cast<unsigned char>(c)))
                         : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
              break;
      case 1: out += c == 'a' ? "а" : c == 'o' ? "о" : c == 'i' ? "і" : std::string(1, c); break;
      case 2: out += std::string("\u200D") + c; break;
      case 3: out += c == ' ' ? "  -" : std::string(1, c); break;
      case 4: out += c == 'a' ? "ā" : c == 'i' ? "í" : c == 'u' ? "ū" : std::string(1, c); break;
      default: out += c;
    }
  }
  return out;
}

BOOST_AUTO_TEST_CASE(no_disguise_that_sounds_the_same_hides_a_listed_name) {
  const bool held = rc::check("disguises", [] {
    const std::string payee = Disguised(*rc::gen::elementOf(kListed));
    RC_ASSERT(!Shared().Hits(payee).empty());
  });
  BOOST_TEST(held);
}

BOOST_AUTO_TEST_CASE(any_bytes_at_all_are_screened_without_harm) {
  const bool held = rc::check("bytes", [](const std::string& bytes) {
    for (const auto& hit : Shared().Hits(bytes)) {
      RC_ASSERT(hit.likeness_percent >= 85 && hit.likeness_percent <= 100);
    }
  });
  BOOST_TEST(held);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::screening::testing
