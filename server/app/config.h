// SPDX-License-Identifier: Apache-2.0
// The one configuration file. Every key stands in one table (config_keys.cc) with type, unit,
// default, range and description; nothing else knows of TOML, the environment or flags.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace kontor::app {

enum class KeyType { kText, kInteger, kBoolean, kDuration, kTextList };

struct Key {
  std::string_view path;     ///< "section.key".
  KeyType type;
  std::string_view fallback; ///< As the file would have it, without quotes.
  int64_t min = 0;           ///< Integers: inclusive. Durations: milliseconds, inclusive.
  int64_t max = 0;
  std::string_view unit;     ///< "bytes", "threads" …; empty for text.
  std::string_view about;    ///< One sentence.
};

/// Every key, in the order of the documentation.
const std::vector<Key>& Keys();

/// Where a value came from, in rising precedence.
enum class Origin { kDefault, kFile, kEnvironment, kFlag };

struct Value {
  std::string text;               ///< Scalars; durations as written, such as "90s".
  std::vector<std::string> list;
  Origin origin = Origin::kDefault;
};

/// Checked values of every key.
class Config {
 public:
  /// Reads `file` (empty: none), then `environment` (KONTOR_SECTION_KEY), then `flags`
  /// ("section.key=value"). CONFIG_INVALID names file and line, variable or flag.
  static absl::StatusOr<Config> Load(const std::string& file,
                                     const std::map<std::string, std::string>& environment,
                                     const std::vector<std::string>& flags);

  const std::string& Text(std::string_view path) const;
  int64_t Integer(std::string_view path) const;
  bool Boolean(std::string_view path) const;
  absl::Duration Duration(std::string_view path) const;
  const std::vector<std::string>& List(std::string_view path) const;

  /// TOML with every key, its origin as a comment; passwords inside URLs masked.
  std::string Print() const;

 private:
  const Value& Get(std::string_view path) const;
  std::map<std::string, Value, std::less<>> values_;
};

/// A Markdown table of every key; server/app/CONFIG.md is this, checked by a test.
std::string DescribeKeys();

}  // namespace kontor::app
