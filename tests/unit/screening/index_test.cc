// SPDX-License-Identifier: Apache-2.0
// The index leaves out what cannot be alike and nothing else: on invented lists it answers what
// comparing with every name answers, hit by hit, at every threshold.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <set>
#include <string>

#include "server/screening/internal/vocabulary.h"
#include "tests/unit/screening/invented.h"

namespace bdata = boost::unit_test::data;

namespace kontor::screening::testing {
namespace {

using internal::Index;

constexpr uint32_t kSeeds[] = {1, 2, 3, 4, 5, 6};
constexpr int kThresholds[] = {1, 50, 70, 85, 92, 100};  // a policy has 50 to 100

/// "12 87 % words; …"
std::string Told(const std::vector<Index::Match>& matches) {
  std::string out;
  for (const Index::Match& match : matches) {
    out += std::to_string(match.party) + "/" + std::to_string(match.name) + " " +
           std::to_string(match.verdict.percent) + " % " + match.verdict.words + "; ";
  }
  return out;
}

BOOST_AUTO_TEST_SUITE(index_of_names)

BOOST_DATA_TEST_CASE(it_answers_what_comparing_with_every_name_answers, bdata::make(kSeeds), seed) {
  Invented invented(seed);
  const auto list = InventedList(invented, 350);
  Index index;
  Fill(index, list);
  const Exhaustive exhaustive(list);
  BOOST_REQUIRE(index.size() == exhaustive.size());
  std::set<int> percents;
  size_t hits = 0;
  for (int i = 0; i < 250; ++i) {
    const Entry& entry = list[invented.Draw(list.size())];
    const std::string& listed = entry.names[invented.Draw(entry.names.size())].text;
    const std::string payee = i % 10 == 0 ? invented.Listed() : invented.Disguised(listed);
    auto want = exhaustive.Find(payee, 1);
    for (const int threshold : kThresholds) {
      std::erase_if(want, [&](const auto& match) { return match.verdict.percent < threshold; });
      const auto got = index.Find(payee, threshold);
      BOOST_TEST_INFO("seed " << seed << ", payee '" << payee << "', threshold " << threshold);
      BOOST_TEST(Told(got) == Told(want));
      for (const auto& match : want) percents.insert(match.verdict.percent);
      hits += want.size();
    }
  }
  // What proves nothing fails: there are hits, and of every likeness from the least on.
  BOOST_TEST(hits > 10'000U);
  for (int percent = 40; percent <= 100; ++percent) BOOST_TEST(percents.contains(percent), percent);
}

/// Words that are alike by each of the ways, and by as little as is let pass; then one step more.
struct Near {
  const char* name;
  const char* payee;
  const char* listed;
  int percent;  ///< 0: not alike.
};
std::ostream& operator<<(std::ostream& out, const Near& c) { return out << c.name; }
const Near kNear[] = {
    {"the same", "karadi", "karadi", 100},
    {"the same, of two letters", "li", "li", 100},
    {"the same number", "4711", "4711", 100},
    {"another number", "4711", "4712", 0},
    {"a number in a word", "unit5", "unit6", 0},
    {"an initial of the payee's", "k", "karadi", 75},
    {"an initial of the list's", "karadi", "k", 75},
    {"another initial", "q", "karadi", 0},
    {"by ear", "mohammed", "muhamad", 92},
    {"by ear, however long", "mouhaammouid", "mhmd", 92},
    {"by ear, of two consonants", "rosa", "rizo", 0},
    {"by ear, of two consonants that are the same", "tito", "toutou", 80},
    {"by ear, of one consonant", "ba", "bou", 0},
    {"one slip in four letters", "karl", "kark", 75},
    {"one slip in three letters", "kar", "kat", 0},
    {"two slips in six letters", "karlos", "barlot", 0},
    {"two slips in seven letters", "karadim", "taradin", 72},
    {"three slips in nine letters", "karadimos", "taradinot", 0},
    {"three slips in ten letters", "karadimosk", "taradinotk", 70},
    {"four slips in thirteen letters", "karadimoskufl", "taradinotkufb", 70},
    {"neighbours that changed places", "karadi", "kardai", 92},
    {"neighbours that changed places twice", "karadimk", "akradikm", 75},
    {"a letter twice", "karadi", "karraddi", 92},
    {"letters left out at both ends", "karadimoska", "aradimosk", 82},
    {"half as long", "karadikara", "karadi", 0},
};
BOOST_DATA_TEST_CASE(a_word_is_found_by_a_word, bdata::make(kNear), c) {
  const auto word = [](const std::string& text) {
    return internal::NameWord{text, internal::SkeletonOf(text), 5, false};
  };
  BOOST_TEST(internal::LikenessOf(word(c.payee), word(c.listed)) == c.percent);
  internal::Vocabulary vocabulary;
  vocabulary.Add(word("unrelated"), 1);
  vocabulary.Add(word(c.listed), 7);
  const auto found = vocabulary.Find(word(c.payee), internal::kWordLeast);
  BOOST_REQUIRE(found.size() == (c.percent > 0 ? 1U : 0U));
  if (found.empty()) return;
  BOOST_TEST(found[0].percent == c.percent);
  BOOST_TEST(vocabulary.UsesOf(found[0].word)[0].name == 7U);
  BOOST_TEST(vocabulary.Find(word(c.payee), c.percent).size() == 1U);
  if (c.percent < 100) BOOST_TEST(vocabulary.Find(word(c.payee), c.percent + 1).empty());
}

BOOST_AUTO_TEST_CASE(slips_are_let_pass_as_far_as_the_likeness_of_words_lets_them) {
  for (int longer = 1; longer <= static_cast<int>(internal::kWordBytesMax); ++longer) {
    for (const int least : {internal::kWordLeast, 80, internal::kBySound, 100}) {
      const int slips = internal::SlipsMost(longer, least);
      const auto percent = [&](int count) { return 100 - 100 * count / longer; };
      BOOST_TEST(percent(slips) >= least);
      BOOST_TEST(percent(slips + 1) < least);
    }
  }
}

BOOST_AUTO_TEST_CASE(words_of_any_length_find_themselves_and_their_neighbours) {
  Invented invented(9);
  for (size_t length = 1; length <= 120; ++length) {
    std::string text;
    while (text.size() < length) text += static_cast<char>('a' + invented.Draw(26));
    internal::Vocabulary vocabulary;
    vocabulary.Add({text, internal::SkeletonOf(text), 5, false}, 0);
    std::string near = text;
    near.back() = near.back() == 'x' ? 'z' : 'x';
    const internal::NameWord other{near, internal::SkeletonOf(near), 5, false};
    const int percent = internal::LikenessOf(other, {text, internal::SkeletonOf(text), 5, false});
    BOOST_TEST(vocabulary.Find(other, internal::kWordLeast).size() == (percent > 0 ? 1U : 0U));
    BOOST_TEST(vocabulary.Find({text, internal::SkeletonOf(text), 5, false}, 100).size() == 1U);
  }
}

BOOST_AUTO_TEST_CASE(a_payee_who_is_like_many_entries_is_told_of_each) {
  Index index;
  const std::vector<Entry> list(300, {ports::ListedType::kPerson, {{"Ossama Karadi", false}}});
  Fill(index, list);
  BOOST_TEST(index.Find("Usama Karadi", 85).size() == 300U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::screening::testing
