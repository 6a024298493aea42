// SPDX-License-Identifier: Apache-2.0
// An upload until it is whole: in memory, then in a file that no name leads to.
#include "server/api/internal/spool.h"

#include <filesystem>

#include <boost/test/unit_test.hpp>

#include "server/base/status.h"

namespace kontor::api::internal {
namespace {

namespace fs = std::filesystem;
using base::Reason;

struct Folder {
  Folder() {
    std::string name = (fs::temp_directory_path() / "kontor-spool-XXXXXX").string();
    path = mkdtemp(name.data());
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  fs::path path;
};

std::string All(ports::ByteSource& source) {
  std::string out;
  std::string piece(100'000, '\0');
  while (true) {
    const auto got = source.Read(piece);
    BOOST_REQUIRE(got.ok());
    if (*got == 0) return out;
    out.append(piece, 0, *got);
  }
}

BOOST_FIXTURE_TEST_SUITE(spool, Folder)

BOOST_AUTO_TEST_CASE(small_and_large_uploads_come_back_as_they_were_as_often_as_asked) {
  for (const size_t pieces : {size_t{0}, size_t{1}, size_t{3}, size_t{50}}) {
    Spool held(path, 100'000'000);
    std::string whole;
    for (size_t i = 0; i < pieces; ++i) {
      const std::string piece(90'001, static_cast<char>('a' + i % 26));
      whole += piece;
      BOOST_REQUIRE(held.Append(piece).ok());
    }
    held.Close();
    BOOST_TEST(held.bytes() == static_cast<int64_t>(whole.size()));
    BOOST_TEST(held.sha256() == crypto::Sha256(whole).Hex());
    BOOST_TEST((All(*held.Open()) == whole));
    BOOST_TEST((All(*held.Open()) == whole));
  }
}

BOOST_AUTO_TEST_CASE(no_name_of_it_is_in_the_folder) {
  Spool held(path, 100'000'000);
  BOOST_REQUIRE(held.Append(std::string(3'000'000, 'x')).ok());
  BOOST_TEST(fs::is_empty(path));
}

BOOST_AUTO_TEST_CASE(more_than_is_allowed_is_refused) {
  Spool held(path, 10);
  BOOST_TEST(held.Append("1234567890").ok());
  BOOST_TEST(base::Is(held.Append("1"), Reason::kTooLarge));
  BOOST_TEST(held.bytes() == 10);
}

BOOST_AUTO_TEST_CASE(without_a_folder_what_fits_into_memory_still_does) {
  Spool held(path / "absent", 100'000'000);
  BOOST_TEST(held.Append("small").ok());
  BOOST_TEST(base::Is(held.Append(std::string(3'000'000, 'x')), Reason::kStoreUnavailable));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace kontor::api::internal
