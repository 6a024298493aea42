// SPDX-License-Identifier: Apache-2.0
// The three ways in which banks fill :86:. Pure.
#pragma once

#include <string>
#include <vector>

#include "server/model/statement.h"

namespace kontor::formats::internal {

/// Reads the lines of :86: into the detail of a line with this amount:
///  - `166?00…?20…`: three digits and subfields behind one separator (Germany, Austria, Poland …),
///    with SEPA's EREF+, KREF+, MREF+, CRED+, SVWZ+ … in the subfields of the text;
///  - `/EREF/…/REMI/…`: SWIFT's code words between slashes (Netherlands …);
///  - anything else is text.
/// Nothing is refused: what is not understood is text too.
model::EntryDetail ReadMtDetails(const std::vector<std::string>& lines, const model::Money& amount);

}  // namespace kontor::formats::internal
