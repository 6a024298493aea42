// SPDX-License-Identifier: Apache-2.0
// Updates name what they change: fields of `update_mask`, by their proto names.
#pragma once

#include <string>

#include <google/protobuf/util/field_mask_util.h>

#include "absl/status/status.h"
#include "kontor/v1/invoice.pb.h"
#include "server/base/status.h"
#include "server/base/strings.h"
#include "server/model/canon.h"
#include "server/ports/store.h"

namespace kontor::api {

/// Copies the masked fields from `from` to `to`; FIELD_INVALID for a path that does not exist.
/// Repeated fields and messages are replaced whole.
template <typename Proto>
absl::Status MergeMasked(const google::protobuf::FieldMask& mask, const Proto& from, Proto* to) {
  using google::protobuf::util::FieldMaskUtil;
  for (const std::string& path : mask.paths()) {
    if (!FieldMaskUtil::IsValidPath<Proto>(path)) {
      return base::Error(base::Reason::kFieldInvalid)
          .Field("update_mask")
          .Says(base::StrCat("there is no field ", path));
    }
  }
  FieldMaskUtil::MergeOptions options;
  options.set_replace_message_fields(true);
  options.set_replace_repeated_fields(true);
  FieldMaskUtil::MergeMessageTo(from, mask, options, to);
  return absl::OkStatus();
}

/// Whether the mask names the field; an empty mask names every field.
inline bool Masks(const google::protobuf::FieldMask& mask, std::string_view field) {
  if (mask.paths_size() == 0) return true;
  for (const std::string& path : mask.paths()) {
    if (path == field) return true;
  }
  return false;
}

/// Answers leave the bytes of attachments out; a correction that does not name them keeps them.
inline absl::Status KeepAttachments(const ports::DocumentRow& row, ::kontor::v1::Invoice* out) {
  KONTOR_ASSIGN_OR_RETURN(const auto document, model::FromCanonicalJson(row.content));
  const auto* invoice = std::get_if<model::Invoice>(&document.content);
  if (invoice == nullptr) return absl::OkStatus();
  for (int i = 0; i < out->attachments_size(); ++i) {
    auto* file = out->mutable_attachments(i);
    for (const auto& kept : invoice->attachments) {
      if (file->content().empty() && file->sha256() == kept.sha256) {
        file->set_content(kept.content);
      }
    }
  }
  return absl::OkStatus();
}
template <typename Other>
absl::Status KeepAttachments(const ports::DocumentRow&, Other*) {
  return absl::OkStatus();
}

}  // namespace kontor::api
