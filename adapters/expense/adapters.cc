// SPDX-License-Identifier: Apache-2.0
#include "adapters/expense/adapters.h"

#include "adapters/expense/concur/concur.h"
#include "adapters/expense/generic/generic.h"
#include "adapters/expense/ramp/ramp.h"
#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::expense {
namespace {

absl::Status CheckUrls(const model::PlatformSettings& settings, const AdapterOptions& options) {
  if (options.allow_plain_http) return absl::OkStatus();
  for (const auto& [url, name] : {std::pair(&settings.base_url, "base_url"),
                                  std::pair(&settings.token_url, "token_url"),
                                  std::pair(&settings.receipt_url, "receipt_url")}) {
    if (!url->starts_with("http://")) continue;
    return base::Error(base::Reason::kFieldInvalid)
        .Field(base::StrCat("source.platform.", name))
        .Says("it must be https unless the configuration allows plain http");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::shared_ptr<ports::ExpenseSource>> MakeAdapter(const model::Source& source,
                                                                  ports::HttpClient& http,
                                                                  const base::Clock& clock,
                                                                  const AdapterOptions& options) {
  KONTOR_RETURN_IF_ERROR(CheckUrls(source.platform, options));
  if (source.adapter == "concur") return MakeConcur(source, http, clock);
  if (source.adapter == "ramp") return MakeRamp(source, http, clock);
  if (source.adapter == "generic" || source.adapter == "canonical") {
    return MakeGeneric(source, http, clock);
  }
  return base::Error(base::Reason::kFieldInvalid)
      .Field("source.adapter")
      .Says(base::StrCat("there is no adapter '", source.adapter, "'"));
}

}  // namespace kontor::expense
