// SPDX-License-Identifier: Apache-2.0
// What goes through Odoo's load(): records as named text cells, laid out as a table with the same
// columns in every row. An empty cell clears a field, so a table never mixes columns.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "adapters/odoo/session.h"

namespace kontor::odoo {

/// The module name of kontor's external ids; no addon may be called so (DESIGN 5.4).
inline constexpr std::string_view kModule = "kontor";

using Cells = std::vector<std::pair<std::string, std::string>>;  ///< Column and text, in order.

struct SheetRecord {
  std::string external_id;         ///< Bare name.
  Cells header;
  std::string lines_field;         ///< invoice_line_ids or line_ids; empty: no lines.
  std::vector<Cells> lines;        ///< All with the same columns; get `<external id>_l<n>`.
  size_t item = 0;                 ///< Index in the caller's request.
};

struct Table {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
  std::vector<size_t> items;       ///< Caller's index of each record, in order.
};

/// What load() answered. Refusals come inside a normal answer.
struct LoadAnswer {
  bool refused = false;
  std::vector<int64_t> ids;
  bool try_again = false;    ///< Another transaction was first: nothing is wrong with the records.
  std::string message;       ///< One record's error, in Odoo's words.
  std::string field;         ///< Odoo's field name; empty when the refusal came from create itself.
  int64_t record = -1;       ///< Index in the call; -1: not said.
};

LoadAnswer ReadLoadAnswer(const Json& answer);

/// Groups records by their columns, keeping their order, and lays each group out. Pure.
std::vector<Table> LayOut(std::span<const SheetRecord> records);

/// Creates what is absent and changes nothing that exists; answers the ids, in the table's order.
/// A refusal carries metadata "item" (when known) and "odoo_field"; the call is repeated once
/// before a refusal without a field is believed, since a lost race may be worded in any language.
absl::StatusOr<std::vector<int64_t>> LoadIfAbsent(Work& work, const std::string& model,
                                                  const Table& table);

/// Writes fields of one existing record through load() by its database id, so that amounts travel
/// as texts.
absl::Status LoadInto(Work& work, const std::string& model, int64_t id, const Cells& cells);

}  // namespace kontor::odoo
