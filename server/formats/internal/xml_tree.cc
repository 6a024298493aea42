// SPDX-License-Identifier: Apache-2.0
#include "server/formats/internal/xml_tree.h"

#include <algorithm>

#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::formats::internal {

uint16_t XmlTree::NameIndex(std::string_view name) {
  auto it = std::find(names_.begin(), names_.end(), name);
  if (it == names_.end()) it = names_.insert(names_.end(), std::string(name));
  return static_cast<uint16_t>(it - names_.begin() + 1);
}

XmlTree::Node XmlTree::Descend(Node node, std::string_view segment) {
  const bool silent = segment.starts_with('~');
  if (silent) segment.remove_prefix(1);
  const std::vector<std::string> names = base::StrSplit(segment, '|');
  Node target = silent ? node : kNone;
  for (const std::string& name : names) {
    const Step step = Child(node, NameIndex(name));
    if (step.node != kNone) target = step.node;
  }
  if (target == kNone) {
    target = static_cast<Node>(nodes_.size());
    nodes_.emplace_back();
  }
  for (const std::string& name : names) {
    const uint16_t index = NameIndex(name);
    if (Child(node, index).node == kNone) nodes_[node].edges.push_back({index, target, silent});
  }
  return target;
}

void XmlTree::Add(std::string_view path, XmlId id, Kind kind) {
  Node node = kRoot;
  for (const std::string& segment : base::StrSplit(path, '/')) node = Descend(node, segment);
  KONTOR_CHECK(nodes_.size() < kNone);
  nodes_[node].id = id;
  nodes_[node].text = kind == Kind::kText;
}

}  // namespace kontor::formats::internal
