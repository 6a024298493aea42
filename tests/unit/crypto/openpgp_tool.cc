// SPDX-License-Identifier: Apache-2.0
// Seals and opens by files, so that another implementation can be held against ours:
//   openpgp_tool seal|open OWN THEIRS IN OUT [plain] [unsigned] [armor]
// OWN and THEIRS are files of keys, "-" is none. A refusal is its reason on the standard error, and
// exit code 1.
#include <algorithm>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "server/base/status.h"
#include "server/crypto/openpgp.h"

namespace {

using kontor::crypto::OpenPgp;

constexpr int kRefused = 1;
constexpr int kUsage = 2;
constexpr size_t kBytesMax = size_t{16} << 20U;

std::string ReadAll(const std::string& path) {
  if (path == "-") return "";
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

int Refuse(const absl::Status& status) {
  std::cerr << kontor::base::InfoOf(status).reason << ": " << status.ToString() << "\n";
  return kRefused;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() < 5) return kUsage;
  const auto has = [&](const char* flag) { return std::ranges::count(words, flag) > 0; };
  OpenPgp::Keys keys;
  keys.own = kontor::crypto::SecretString(ReadAll(words[1]));
  keys.theirs = ReadAll(words[2]);
  const absl::Time now = absl::Now();
  const auto both = OpenPgp::Make(std::move(keys), now);
  if (!both.ok()) return Refuse(both.status());
  const bool encrypted = !has("plain");
  const bool is_signed = !has("unsigned");
  const auto out = words[0] == "seal"
                       ? both->Seal(ReadAll(words[3]), {is_signed, encrypted, has("armor"), now})
                       : both->Open(ReadAll(words[3]), {encrypted, is_signed, kBytesMax, now});
  if (!out.ok()) return Refuse(out.status());
  std::ofstream(words[4], std::ios::binary) << *out;
  return 0;
}
