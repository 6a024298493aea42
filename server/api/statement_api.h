// SPDX-License-Identifier: Apache-2.0
// The methods of bank statements. Apart from methods.h, which every other service reads.
#pragma once

#include "absl/status/statusor.h"
#include "kontor/v1/statement.pb.h"
#include "server/api/pipeline.h"
#include "server/base/clock.h"
#include "server/engine/statements/statements.h"
#include "server/ports/codec.h"

namespace kontor::api {

/// Judges one file; nothing is kept. Uses server/formats directly: it is pure, and no business rule
/// is asked. DIALECT_INVALID, FIELD_INVALID.
absl::Status LintUpload(const ::kontor::v1::LintFileRequest& head, ports::ByteSource& bytes,
                        ::kontor::v1::LintFileResponse* response);

/// A file that came in pieces and is whole now.
struct UploadedFile {
  ports::ByteSource* bytes = nullptr;
  int64_t size = 0;
  std::string sha256;
};

/// Keeps the file, and waits for its statements as long as `head` says. Errors as in the contract.
absl::Status ImportUpload(statements::Statements& statements, const Call& call,
                          const base::Clock& clock,
                          const ::kontor::v1::ImportStatementRequest& head,
                          const UploadedFile& file,
                          ::kontor::v1::ImportStatementResponse* response);

void AddStatementMethods(statements::Statements& statements, Registry* registry);

}  // namespace kontor::api
