// SPDX-License-Identifier: Apache-2.0
// Reads a list into memory, and tells what was read in one line an entry.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/formats/screening_lists.h"
#include "server/formats/streams.h"

namespace kontor::screening::testing {

class Kept final : public ports::ListedPartySink {
 public:
  std::vector<ports::ListedParty> parties;
  absl::Status OnParty(const ports::ListedParty& party) override {
    parties.push_back(party);
    return absl::OkStatus();
  }
  absl::Status OnProgramme(std::string_view id, std::string_view programme) override {
    for (auto& party : parties) {
      if (party.id == id) party.programmes.emplace_back(programme);
    }
    return absl::OkStatus();
  }
};

inline absl::StatusOr<ports::ListReport> Read(std::string_view text, Kept& kept, size_t chunk = 7) {
  formats::TextSource source(text, chunk);
  return formats::MakeScreeningListReader()->Read(source, kept);
}

/// "id TYPE name / weak:name [programme]" for each entry.
inline std::string Told(const Kept& kept) {
  std::string out;
  for (const auto& party : kept.parties) {
    out += party.id + " " + std::string(ports::NameOf(party.type)) + " ";
    for (size_t i = 0; i < party.names.size(); ++i) {
      out += (i == 0 ? "" : " / ") + std::string(party.names[i].weak ? "weak:" : "") +
             party.names[i].text;
    }
    for (const auto& programme : party.programmes) out += " [" + programme + "]";
    out += "\n";
  }
  return out;
}

}  // namespace kontor::screening::testing
