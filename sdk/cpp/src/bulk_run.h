// SPDX-License-Identifier: Apache-2.0
// The loop behind bulk creation. Not public.
#pragma once

#include "kontor/sdk/bulk.h"
#include "kontor/sdk/connection.h"

namespace kontor::sdk::internal {

/// See InvoiceClient::CreateInvoicesInBulk.
BulkOutcome RunBulk(Connection& connection, const char* method, const InvoiceSource& source,
                    const InvoiceSink& sink, const BulkOptions& options);

}  // namespace kontor::sdk::internal
