// SPDX-License-Identifier: Apache-2.0
// The file as each channel hands it over. Where a bank wants it signed or encrypted, it is sealed
// once and kept before anything leaves: another sealing has other bytes, and then neither channel
// nor store could tell that both are the same order. What was approved is always the plain file.
#include <algorithm>

#include "server/base/ids.h"
#include "server/engine/payment_orders/internal/loop.h"

namespace kontor::payment_orders {
namespace {

constexpr char kPlainType[] = "application/xml";
constexpr char kSealedType[] = "application/pgp-encrypted";

const SealedFile* SealedFor(const Flow& flow, const std::string& channel) {
  const auto found = std::ranges::find(flow.body.sealed, channel, &SealedFile::channel);
  return found == flow.body.sealed.end() ? nullptr : &*found;
}

std::string SealedNameOf(const Flow& flow, const ports::BankChannel& adapter) {
  return StrCat(flow.body.file_name, adapter.capabilities().sealed_suffix);
}

}  // namespace

ports::OutgoingFile HandedOver(const Flow& flow) {
  if (flow.body.sent_name.empty()) return PlainForm(flow).file;
  return {flow.body.sent_name, flow.body.message_id, flow.body.sent_sha256};
}

std::vector<ports::OutgoingFile> FormsOf(const Flow& flow, const std::string& channel,
                                         const ports::BankChannel& adapter) {
  std::vector<ports::OutgoingFile> forms;
  if (const SealedFile* const sealed = SealedFor(flow, channel); sealed != nullptr) {
    forms.push_back({sealed->name, flow.body.message_id, sealed->sha256});
  } else if (!adapter.capabilities().sealed_suffix.empty()) {
    forms.push_back({SealedNameOf(flow, adapter), flow.body.message_id, ""});
  }
  // Whether a channel seals is a setting: it may have been another one when the file went.
  forms.push_back(PlainForm(flow).file);
  return forms;
}

std::optional<KeptForm> FormToSend(const Flow& flow, const ports::BankChannel& adapter) {
  if (adapter.capabilities().sealed_suffix.empty()) return PlainForm(flow);
  const SealedFile* const sealed = SealedFor(flow, flow.body.channel);
  if (sealed == nullptr) return std::nullopt;
  return KeptForm{{sealed->name, flow.body.message_id, sealed->sha256}, sealed->blob};
}

KeptForm PlainForm(const Flow& flow) {
  return {{flow.body.file_name, flow.body.message_id, flow.body.file_sha256}, flow.body.file_blob};
}

absl::Status KeepFile(Loop& loop, ports::Unit& unit, const Flow& flow, const KeptForm& form,
                      std::string_view bytes) {
  ports::BlobRow blob;
  blob.id = form.blob;
  blob.flow_id = flow.row.id;
  blob.kind = kFileBlobKind;
  blob.name = form.file.name;
  blob.media_type = form.file.name == flow.body.file_name ? kPlainType : kSealedType;
  blob.sha256 = form.file.sha256;
  blob.bytes = static_cast<int64_t>(bytes.size());
  blob.facts = "{}";
  blob.created = loop.Now();
  for (size_t at = 0; at < bytes.size(); at += ports::kBlobPartBytesMax) {
    KONTOR_RETURN_IF_ERROR(unit.InsertBlobPart(
        blob.id, ++blob.parts, std::string(bytes.substr(at, ports::kBlobPartBytesMax))));
  }
  KONTOR_RETURN_IF_ERROR(ShareTrace(unit, flow, form.file.sha256));
  return unit.InsertBlob(blob);
}

absl::StatusOr<std::string> ReadKept(Loop& loop, const KeptForm& form) {
  std::string bytes;
  KONTOR_RETURN_IF_ERROR(loop.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
    bytes.clear();
    KONTOR_ASSIGN_OR_RETURN(const auto blob, view.FindBlob(form.blob));
    if (!blob) return Error(Reason::kFileAltered).Says("the file is gone from the store");
    for (int64_t part = 1; part <= blob->parts; ++part) {
      KONTOR_ASSIGN_OR_RETURN(const std::string piece, view.BlobPart(blob->id, part));
      bytes += piece;
    }
    return absl::OkStatus();
  }));
  if (loop.deps.crypto.Sha256Hex(bytes) == form.file.sha256) return bytes;
  return Error(Reason::kFileAltered).Says("the stored file is not the one that was approved");
}

absl::Status SealForChannel(Loop& loop, Flow& flow, ports::BankChannel& adapter) {
  KONTOR_ASSIGN_OR_RETURN(const std::string bytes, ReadKept(loop, PlainForm(flow)));
  KONTOR_ASSIGN_OR_RETURN(const auto sealed, adapter.Seal(bytes));
  if (!sealed) return Error(Reason::kInternal).Says("a channel that seals did not");
  KeptForm form;
  form.file = {SealedNameOf(flow, adapter), flow.body.message_id,
               loop.deps.crypto.Sha256Hex(*sealed)};
  form.blob = loop.deps.ids.Next(base::kBlobPrefix);
  Flow written;
  KONTOR_RETURN_IF_ERROR(loop.Commit([&](ports::Unit& unit) -> absl::Status {
    written = flow;
    written.body.sealed.push_back({flow.body.channel, form.file.name, form.file.sha256, form.blob});
    written.row.due = loop.Now();
    KONTOR_RETURN_IF_ERROR(KeepFile(loop, unit, written, form, *sealed));
    return WriteFlow(loop, unit, written, State::kReleased, {});
  }));
  flow = std::move(written);
  loop.Failpoint("payment_order.after_sealed");
  return absl::OkStatus();
}

}  // namespace kontor::payment_orders
