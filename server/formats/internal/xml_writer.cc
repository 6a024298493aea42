// SPDX-License-Identifier: Apache-2.0
#include "server/formats/internal/xml_writer.h"

#include <libxml/xmlwriter.h>

#include "server/base/status.h"

namespace kontor::formats::internal {

struct XmlWriter::Writer {
  xmlTextWriterPtr text = nullptr;
};

namespace {

const xmlChar* Chars(const char* text) { return reinterpret_cast<const xmlChar*>(text); }

}  // namespace

int XmlWriter::Write(void* self, const char* bytes, int size) {
  XmlWriter& writer = *static_cast<XmlWriter*>(self);
  // Taken and thrown away: of a refusal libxml2 would tell on the error output.
  if (writer.ending_) return size;
  if (!writer.status_.ok()) return -1;
  writer.status_ = writer.out_.Write({bytes, static_cast<size_t>(size)});
  return writer.status_.ok() ? size : -1;
}

XmlWriter::XmlWriter(ports::ByteSink& out) : out_(out), writer_(std::make_unique<Writer>()) {
  xmlOutputBufferPtr buffer = xmlOutputBufferCreateIO(&XmlWriter::Write, nullptr, this, nullptr);
  writer_->text = buffer == nullptr ? nullptr : xmlNewTextWriter(buffer);
  if (writer_->text == nullptr) {
    if (buffer != nullptr) xmlOutputBufferClose(buffer);
    status_ = base::Error(base::Reason::kInternal).Says("no memory for a file's writer");
    return;
  }
  Require(xmlTextWriterSetIndent(writer_->text, 1));
  Require(xmlTextWriterSetIndentString(writer_->text, Chars("  ")));
}

XmlWriter::~XmlWriter() {
  // Freeing flushes; what an unfinished file has left in its buffer is not for the sink.
  ending_ = true;
  if (writer_->text != nullptr) xmlFreeTextWriter(writer_->text);
}

void XmlWriter::Require(int result) {
  if (result < 0 && status_.ok()) {
    status_ = base::Error(base::Reason::kInternal).Says("a file's element cannot be written");
  }
}

void XmlWriter::BeginDocument(const char* name, std::string_view name_space) {
  if (!status_.ok()) return;
  Require(xmlTextWriterStartDocument(writer_->text, "1.0", "UTF-8", nullptr));
  Require(xmlTextWriterStartElementNS(writer_->text, nullptr, Chars(name),
                                      Chars(std::string(name_space).c_str())));
}

void XmlWriter::Open(const char* name) {
  if (status_.ok()) Require(xmlTextWriterStartElement(writer_->text, Chars(name)));
}

void XmlWriter::Close() {
  if (status_.ok()) Require(xmlTextWriterEndElement(writer_->text));
}

void XmlWriter::Text(const char* name, std::string_view text) {
  if (!status_.ok() || text.empty()) return;
  Require(xmlTextWriterWriteElement(writer_->text, Chars(name), Chars(std::string(text).c_str())));
}

void XmlWriter::Amount(const char* name, std::string_view text, std::string_view currency) {
  if (!status_.ok()) return;
  Open(name);
  Require(xmlTextWriterWriteAttribute(writer_->text, Chars("Ccy"),
                                      Chars(std::string(currency).c_str())));
  Require(xmlTextWriterWriteString(writer_->text, Chars(std::string(text).c_str())));
  Close();
}

void XmlWriter::EndDocument() {
  if (!status_.ok()) return;
  Require(xmlTextWriterEndDocument(writer_->text));
  Require(xmlTextWriterFlush(writer_->text));
}

}  // namespace kontor::formats::internal
