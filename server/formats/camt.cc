// SPDX-License-Identifier: Apache-2.0
#include "server/formats/camt.h"

#include "server/base/status.h"
#include "server/formats/internal/camt_reader.h"

namespace kontor::formats {

absl::Status ReadCamt(ports::ByteSource& source, ports::StatementSink& sink,
                      ports::ReadReport& report) {
  internal::CamtReader reader(sink, report);
  KONTOR_RETURN_IF_ERROR(internal::ParseXml(source, internal::CamtTree(), reader, reader.place()));
  if (!reader.saw_message()) {
    return base::Error(base::Reason::kFormatUnknown)
        .Says("the document holds no statement, report or notification");
  }
  return absl::OkStatus();
}

}  // namespace kontor::formats
