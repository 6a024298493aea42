// SPDX-License-Identifier: Apache-2.0
// Secret files: made closed, refused when open to others, never overwritten.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <sys/stat.h>

#include <boost/test/unit_test.hpp>

#include "server/crypto/key_file.h"

namespace kontor::crypto {
namespace {

class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "kontor-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string File(const std::string& name) const { return (path_ / name).string(); }
  std::string Write(const std::string& name, const std::string& text, mode_t mode) const {
    std::ofstream(File(name)) << text;
    chmod(File(name).c_str(), mode);
    return File(name);
  }

 private:
  std::filesystem::path path_;
};

BOOST_AUTO_TEST_CASE(a_closed_file_is_read_whole) {
  const Folder folder;
  BOOST_TEST(ReadSecretFile(folder.Write("a", "secret\n", 0600)).value().Reveal() == "secret\n");
  BOOST_TEST(ReadSecretFile(folder.Write("b", "secret", 0400)).value().Reveal() == "secret");
}

BOOST_AUTO_TEST_CASE(a_file_open_to_others_is_refused_with_the_command_that_helps) {
  const Folder folder;
  for (const mode_t mode : {0640, 0604, 0660, 0644, 0620, 0601}) {
    const std::string path = folder.Write("open", "secret", mode);
    const absl::Status status = ReadSecretFile(path).status();
    BOOST_TEST(absl::IsFailedPrecondition(status));
    BOOST_TEST(std::string(status.message()).find("chmod 0600 " + path) != std::string::npos);
    BOOST_TEST(std::string(status.message()).find("secret") == std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_file_is_refused) {
  const Folder folder;
  BOOST_TEST(absl::IsNotFound(ReadSecretFile(folder.File("absent")).status()));
  BOOST_TEST(absl::IsFailedPrecondition(ReadSecretFile(folder.File(".")).status()));
  mkfifo(folder.File("pipe").c_str(), 0600);
  BOOST_TEST(absl::IsFailedPrecondition(ReadSecretFile(folder.File("pipe")).status()));
  const std::string large = folder.Write("large", std::string(70000, 'x'), 0600);
  BOOST_TEST(absl::IsFailedPrecondition(ReadSecretFile(large).status()));
}

BOOST_AUTO_TEST_CASE(a_new_secret_file_is_closed_and_never_overwritten) {
  const Folder folder;
  const std::string path = folder.File("new");
  BOOST_TEST(WriteNewSecretFile(path, "one").ok());
  struct stat facts {};
  stat(path.c_str(), &facts);
  BOOST_TEST((facts.st_mode & 0777) == 0600U);
  BOOST_TEST(absl::IsAlreadyExists(WriteNewSecretFile(path, "two")));
  BOOST_TEST(ReadSecretFile(path).value().Reveal() == "one");
  BOOST_TEST(absl::IsUnavailable(WriteNewSecretFile(folder.File("no/such/folder"), "x")));
}

BOOST_AUTO_TEST_CASE(a_secret_comes_by_reference_from_file_or_environment) {
  const Folder folder;
  const std::string path = folder.Write("ref", "secret\r\n\n", 0600);
  BOOST_TEST(ReadSecret("file:" + path).value().Reveal() == "secret");
  BOOST_TEST(ReadSecret(path).value().Reveal() == "secret");
  setenv("KONTOR_TEST_SECRET", "from environment", 1);
  BOOST_TEST(ReadSecret("env:KONTOR_TEST_SECRET").value().Reveal() == "from environment");
  setenv("KONTOR_TEST_SECRET", "", 1);
  BOOST_TEST(absl::IsNotFound(ReadSecret("env:KONTOR_TEST_SECRET").status()));
  unsetenv("KONTOR_TEST_SECRET");
  BOOST_TEST(absl::IsNotFound(ReadSecret("env:KONTOR_TEST_SECRET").status()));
}

BOOST_AUTO_TEST_CASE(keys_are_made_once_and_found_again) {
  const Folder folder;
  const auto ring = LoadOrCreateKeyRing(folder.File("ring"), "k1");
  const auto again = LoadOrCreateKeyRing(folder.File("ring"), "other");
  BOOST_TEST(again.value().newest().id == "k1");
  BOOST_TEST((again.value().newest().key.Reveal() == ring.value().newest().key.Reveal()));
  const auto key = LoadOrCreateEd25519(folder.File("key.pem"));
  const auto key_again = LoadOrCreateEd25519(folder.File("key.pem"));
  BOOST_TEST((key.value().public_key() == key_again.value().public_key()));
}

BOOST_AUTO_TEST_CASE(a_damaged_key_file_is_an_error_and_is_not_replaced) {
  const Folder folder;
  const std::string ring = folder.Write("ring", "damaged", 0600);
  BOOST_TEST(absl::IsInvalidArgument(LoadOrCreateKeyRing(ring, "k1").status()));
  const std::string pem = folder.Write("key.pem", "damaged", 0600);
  BOOST_TEST(absl::IsInvalidArgument(LoadOrCreateEd25519(pem).status()));
  BOOST_TEST(ReadSecretFile(pem).value().Reveal() == "damaged");
}

}  // namespace
}  // namespace kontor::crypto
