// SPDX-License-Identifier: Apache-2.0
// Decides which IP addresses kontor may dial for others: a webhook must not become a way into the
// network that kontor stands in. Pure; names are resolved elsewhere and judged by their addresses.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

struct sockaddr;

namespace kontor::net {

/// Thread safety: immutable, all methods may run at once.
class AddressGuard {
 public:
  /// Refuses every address that is not publicly routable.
  AddressGuard() = default;
  /// The same, but for the networks in `allowed_networks`, written `10.1.0.0/16` or `fd00::/8`; a
  /// single address stands for itself. Errors: CONFIG_INVALID naming the entry.
  static absl::StatusOr<AddressGuard> Make(const std::vector<std::string>& allowed_networks);

  /// True when `address` is in an allowed network or is publicly routable: not private (RFC 1918),
  /// loopback, link-local, shared (RFC 6598), unique local (RFC 4193), multicast, documentation,
  /// benchmark, reserved, IPv4 mapped into IPv6, nor an IPv4 address of such a kind inside
  /// NAT64 or 6to4. Other families than IPv4 and IPv6 are refused.
  /// Source: IANA special-purpose address registries, IPv4 and IPv6.
  bool Allows(const sockaddr* address) const;
  /// The same for the text of an address; false for anything else.
  bool AllowsText(std::string_view address) const;
  /// Whether the text of an address lies in one of the allowed networks, whatever else it is.
  bool Lists(std::string_view address) const;
  /// Judges what can be judged before dialling: OK for an http or https URL with a host name or an
  /// address that is allowed and without user name or fragment.
  /// Errors: FIELD_INVALID for a malformed URL, TARGET_REFUSED for a refused address.
  absl::Status CheckUrl(const std::string& url) const;

 private:
  struct Network {
    std::array<std::uint8_t, 16> address{};  // IPv4 as ::ffff:a.b.c.d
    int prefix_bits = 0;                     // of 128
  };
  using Bytes = std::array<std::uint8_t, 16>;

  static bool Contains(const Network& network, const Bytes& address);
  static bool Parse(std::string_view text, Network* network);
  bool AllowsBytes(const Bytes& address, bool written_as_ipv6) const;

  std::vector<Network> allowed_;
};

/// The text of an IPv4 or IPv6 socket address without its port; empty for other families.
std::string AddressText(const sockaddr* address);

}  // namespace kontor::net
