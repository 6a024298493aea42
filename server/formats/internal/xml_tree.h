// SPDX-License-Identifier: Apache-2.0
// The vocabulary of a message as a tree of names. Elements that are not in it are skipped with all
// they contain, so an unknown later version is read as far as it is like the known ones.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kontor::formats::internal {

/// What an element is to its reader: an id of the message's own, 0 for "only a way to others".
using XmlId = uint16_t;

/// Built once, then constant and shared by threads.
class XmlTree {
 public:
  enum class Kind { kGroup, kText };
  using Node = uint16_t;
  static constexpr Node kNone = 0xFFFF;
  static constexpr Node kRoot = 0;

  /// Adds the path below the document element. A segment `A|B` stands for either name; a segment
  /// `~A` may be there or not, and nobody is told of it.
  void Add(std::string_view path, XmlId id, Kind kind);
  void Text(std::string_view path, XmlId id) { Add(path, id, Kind::kText); }
  void Group(std::string_view path, XmlId id) { Add(path, id, Kind::kGroup); }

  /// Index of a name in names(), from 1.
  struct Step {
    Node node = kNone;
    bool silent = false;  ///< A `~` segment: the parent's own node.
  };
  Step Child(Node node, uint16_t name) const {
    for (const Edge& edge : nodes_[node].edges) {
      if (edge.name == name) return {edge.node, edge.silent};
    }
    return {};
  }
  XmlId IdOf(Node node) const { return nodes_[node].id; }
  bool WantsText(Node node) const { return nodes_[node].text; }
  std::span<const std::string> names() const { return names_; }

 private:
  struct Edge {
    uint16_t name = 0;
    Node node = kNone;
    bool silent = false;
  };
  struct NodeEntry {
    XmlId id = 0;
    bool text = false;
    std::vector<Edge> edges;
  };
  uint16_t NameIndex(std::string_view name);
  Node Descend(Node node, std::string_view segment);

  std::vector<NodeEntry> nodes_{1};
  std::vector<std::string> names_;
};

}  // namespace kontor::formats::internal
