// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/formats/bare_sax.h"

#include <libxml/parser.h>

#include <cstring>

namespace kontor::bench {
namespace {

void OnStart(void* elements, const xmlChar*, const xmlChar*, const xmlChar*, int, const xmlChar**,
             int, int, const xmlChar**) {
  ++*static_cast<long*>(elements);
}
void OnEnd(void*, const xmlChar*, const xmlChar*, const xmlChar*) {}
void OnText(void*, const xmlChar*, int) {}

}  // namespace

long BareSax(const std::string& path) {
  xmlSAXHandler callbacks;
  std::memset(&callbacks, 0, sizeof callbacks);
  callbacks.initialized = XML_SAX2_MAGIC;
  callbacks.startElementNs = &OnStart;
  callbacks.endElementNs = &OnEnd;
  callbacks.characters = &OnText;
  callbacks.ignorableWhitespace = &OnText;
  long elements = 0;
  return xmlSAXUserParseFile(&callbacks, &elements, path.c_str()) == 0 ? elements : -1;
}

}  // namespace kontor::bench
