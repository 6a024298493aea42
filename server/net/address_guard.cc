// SPDX-License-Identifier: Apache-2.0
// Every address is compared in its 16-byte form, IPv4 as ::ffff:a.b.c.d, so that one rule list
// serves both families.
#include "server/net/address_guard.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "server/base/status.h"
#include "server/base/strings.h"

namespace kontor::net {
namespace {

constexpr int kMappedBits = 96;

// IANA IPv4 special-purpose registry: everything that is not "globally reachable", and multicast.
constexpr std::string_view kRefused4[] = {
    "0.0.0.0/8",      "10.0.0.0/8",     "100.64.0.0/10",   "127.0.0.0/8",   "169.254.0.0/16",
    "172.16.0.0/12",  "192.0.0.0/24",   "192.0.2.0/24",    "192.88.99.0/24", "192.168.0.0/16",
    "198.18.0.0/15",  "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",   "240.0.0.0/4"};

// Of IPv6 only 2000::/3 is global unicast; these parts of it are special all the same.
constexpr std::string_view kGlobal6 = "2000::/3";
constexpr std::string_view kRefused6[] = {"2001::/23", "2001:db8::/32", "3fff::/20"};
constexpr std::string_view kNat64 = "64:ff9b::/96";
constexpr std::string_view k6to4 = "2002::/16";

std::array<std::uint8_t, 16> Mapped(const void* ipv4) {
  std::array<std::uint8_t, 16> bytes{};
  bytes[10] = bytes[11] = 0xff;
  std::memcpy(bytes.data() + 12, ipv4, 4);
  return bytes;
}

// The 16-byte form of an address text. nullopt when it is none.
std::optional<std::array<std::uint8_t, 16>> AddressBytes(std::string_view text, bool* is_ipv6) {
  const std::string terminated(text);
  std::array<std::uint8_t, 16> bytes{};
  *is_ipv6 = false;
  if (in_addr v4{}; inet_pton(AF_INET, terminated.c_str(), &v4) == 1) return Mapped(&v4);
  if (inet_pton(AF_INET6, terminated.c_str(), bytes.data()) != 1) return std::nullopt;
  *is_ipv6 = true;
  return bytes;
}

struct UrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
struct TextDeleter {
  void operator()(char* text) const { curl_free(text); }
};

std::string Part(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return {};
  const std::unique_ptr<char, TextDeleter> owner(text);
  return text;
}

}  // namespace

bool AddressGuard::Parse(std::string_view text, Network* network) {
  const std::size_t slash = text.find('/');
  bool is_ipv6 = false;
  const auto bytes = AddressBytes(text.substr(0, slash), &is_ipv6);
  if (!bytes) return false;
  const int bits_max = is_ipv6 ? 128 : 32;
  std::int64_t bits = bits_max;
  if (slash != std::string_view::npos) {
    const absl::StatusOr<std::int64_t> parsed = base::ParseInt64(text.substr(slash + 1));
    if (!parsed.ok() || *parsed < 0 || *parsed > bits_max) return false;
    bits = *parsed;
  }
  network->address = *bytes;
  network->prefix_bits = static_cast<int>(bits) + (is_ipv6 ? 0 : kMappedBits);
  return true;
}

bool AddressGuard::Contains(const Network& network, const Bytes& address) {
  const int whole = network.prefix_bits / 8;
  if (!std::equal(address.begin(), address.begin() + whole, network.address.begin())) return false;
  const int rest = network.prefix_bits % 8;
  if (rest == 0) return true;
  const int shift = 8 - rest;
  return (address[static_cast<std::size_t>(whole)] >> shift) ==
         (network.address[static_cast<std::size_t>(whole)] >> shift);
}

absl::StatusOr<AddressGuard> AddressGuard::Make(const std::vector<std::string>& allowed_networks) {
  AddressGuard guard;
  for (const std::string& text : allowed_networks) {
    Network network;
    if (!Parse(text, &network)) {
      return base::Error(base::Reason::kConfigInvalid)
          .Says(base::StrCat("\"", text, "\" is not a network such as 10.1.0.0/16 or fd00::/8"));
    }
    guard.allowed_.push_back(network);
  }
  return guard;
}

bool AddressGuard::AllowsBytes(const Bytes& address, bool written_as_ipv6) const {
  const auto in = [&address](std::string_view text) {
    Network network;
    return Parse(text, &network) && Contains(network, address);
  };
  for (const Network& network : allowed_) {
    if (Contains(network, address)) return true;
  }
  const bool is_ipv4 = in("::ffff:0:0/96");
  if (is_ipv4) {
    // An IPv4 address in IPv6 clothes has no honest use in a URL.
    return !written_as_ipv6 && std::none_of(std::begin(kRefused4), std::end(kRefused4), in);
  }
  if (in(kNat64)) return AllowsBytes(Mapped(address.data() + 12), false);
  if (in(k6to4)) return AllowsBytes(Mapped(address.data() + 2), false);
  return in(kGlobal6) && std::none_of(std::begin(kRefused6), std::end(kRefused6), in);
}

bool AddressGuard::Allows(const sockaddr* address) const {
  if (address->sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, address, sizeof(v4));
    return AllowsBytes(Mapped(&v4.sin_addr), false);
  }
  if (address->sa_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, address, sizeof(v6));
    Bytes bytes;
    std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
    return AllowsBytes(bytes, true);
  }
  return false;
}

bool AddressGuard::AllowsText(std::string_view address) const {
  bool is_ipv6 = false;
  const auto bytes = AddressBytes(address, &is_ipv6);
  return bytes && AllowsBytes(*bytes, is_ipv6);
}

bool AddressGuard::Lists(std::string_view address) const {
  bool is_ipv6 = false;
  const auto bytes = AddressBytes(address, &is_ipv6);
  return bytes && std::any_of(allowed_.begin(), allowed_.end(), [&](const Network& network) {
           return Contains(network, *bytes);
         });
}

absl::Status AddressGuard::CheckUrl(const std::string& url) const {
  const auto invalid = [](std::string_view what) -> absl::Status {
    return base::Error(base::Reason::kFieldInvalid)
        .Field("url")
        .Happened(base::Outcome::kNotApplied)
        .Says(what);
  };
  const std::unique_ptr<CURLU, UrlDeleter> parsed(curl_url());
  if (!parsed || curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) {
    return invalid("not a URL");
  }
  const std::string scheme = Part(parsed.get(), CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") return invalid("only http and https are dialled");
  if (!Part(parsed.get(), CURLUPART_USER).empty() ||
      !Part(parsed.get(), CURLUPART_PASSWORD).empty()) {
    return invalid("a URL with a user name or password ends up in logs; use a header");
  }
  if (!Part(parsed.get(), CURLUPART_FRAGMENT).empty()) return invalid("a fragment is never sent");
  std::string host = Part(parsed.get(), CURLUPART_HOST);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  bool is_ipv6 = false;
  const auto bytes = AddressBytes(host, &is_ipv6);
  if (bytes && !AllowsBytes(*bytes, is_ipv6)) {
    return base::Error(base::Reason::kTargetRefused)
        .Field("url")
        .Happened(base::Outcome::kNotApplied)
        .Says(base::StrCat(host, " is not a public address"));
  }
  return absl::OkStatus();
}

std::string AddressText(const sockaddr* address) {
  char text[INET6_ADDRSTRLEN] = {};
  if (address->sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, address, sizeof(v4));
    inet_ntop(AF_INET, &v4.sin_addr, text, sizeof(text));
  } else if (address->sa_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, address, sizeof(v6));
    inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof(text));
  }
  return text;
}

}  // namespace kontor::net
