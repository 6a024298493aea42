// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/formats/shared_files.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace kontor::formats::testing {

std::string SharedFolder() {
  const char* const named = std::getenv("KONTOR_SHARED");
  return named != nullptr ? named : "../shared";
}

bool HasShared() {
  return std::filesystem::is_directory(SharedFolder() + "/bank-samples") &&
         std::filesystem::is_directory(SharedFolder() + "/iso20022/xsd");
}

std::string ReadShared(const std::string& name) {
  std::ifstream file(SharedFolder() + "/" + name, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + name);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::string> ListShared(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(SharedFolder() + "/" + folder)) {
    if (entry.is_regular_file()) names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace kontor::formats::testing
