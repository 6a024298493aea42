// SPDX-License-Identifier: Apache-2.0
// Rules that the wire contract keeps, checked on its descriptors. Pure; each answers what is wrong,
// one sentence a case, and nothing when all is well.
#pragma once

#include <set>
#include <string>
#include <vector>

#include <google/protobuf/descriptor.h>

namespace kontor::proto_test {

using Complaints = std::vector<std::string>;
using File = google::protobuf::FileDescriptor;

/// Services, methods, messages, fields, oneofs, enums and values without a whole sentence.
Complaints Undocumented(const File& file);
/// Fields that hold binary floating point: amounts must never pass through one.
Complaints BinaryFloatingPoint(const File& file);
/// Methods that change something and whose request has no request_id, itself or in its items.
Complaints WithoutRequestId(const File& file);
/// List methods without page_size, page_token or next_page_token.
Complaints WithoutPages(const File& file);
/// Error reasons that comments name and that are not in `known`.
Complaints UnknownReasons(const File& file, const std::set<std::string>& known);

}  // namespace kontor::proto_test
