// SPDX-License-Identifier: Apache-2.0
// The guard lets public addresses through and nothing else, unless a network is allowed by name.
#include <string>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "server/base/status.h"
#include "server/net/address_guard.h"

namespace bdata = boost::unit_test::data;

namespace kontor::net {
namespace {

const std::string kPublic[] = {"8.8.8.8",     "1.1.1.1",        "100.63.255.255", "100.128.0.0",
                               "172.15.0.1",  "172.32.0.1",     "192.167.255.255", "192.169.0.0",
                               "198.17.0.1",  "198.20.0.1",     "223.255.255.255", "11.0.0.0",
                               "9.255.255.255", "2a00:1450:4001:81b::200e", "2606:4700::1111",
                               "64:ff9b::8.8.8.8", "2002:808:808::1"};

BOOST_DATA_TEST_CASE(a_public_address_is_dialled, bdata::make(kPublic), address) {
  BOOST_TEST(AddressGuard().AllowsText(address));
}

const std::string kRefused[] = {
    "127.0.0.1", "127.255.255.255", "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255",
    "192.168.0.1", "169.254.169.254",  // a cloud's metadata service
    "100.64.0.1", "100.127.255.255", "0.0.0.0", "0.1.2.3", "192.0.0.1", "192.0.2.7",
    "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.9", "192.88.99.1", "224.0.0.1",
    "239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:8.8.8.8",
    "::ffff:127.0.0.1", "::127.0.0.1", "fe80::1", "febf::1", "fec0::1", "fc00::1", "fdff::1",
    "ff02::1", "2001:db8::1", "2001::1", "2001:10::1", "3fff::1", "100::1",
    "64:ff9b::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::1",
    "4000::1",
    // No addresses at all, or ways to write one that hosts understand differently.
    "", "localhost", "127.1", "0x7f.0.0.1", "2130706433", "0177.0.0.1", "127.0.0.1 ", "[::1]"};

BOOST_DATA_TEST_CASE(any_other_address_is_refused, bdata::make(kRefused), address) {
  BOOST_TEST(!AddressGuard().AllowsText(address));
}

BOOST_AUTO_TEST_CASE(an_allowed_network_is_dialled_to_its_last_address_and_no_further) {
  const AddressGuard guard =
      AddressGuard::Make({"10.1.0.0/16", "127.0.0.1", "fd12::/16", "192.168.4.0/22"}).value();
  for (const char* address : {"10.1.0.0", "10.1.255.255", "127.0.0.1", "fd12::1", "192.168.7.255",
                              "::ffff:10.1.2.3"}) {
    BOOST_TEST(guard.AllowsText(address), address);
  }
  for (const char* address : {"10.0.255.255", "10.2.0.0", "127.0.0.2", "fd13::1", "192.168.8.0",
                              "192.168.3.255", "::1", "::ffff:10.2.0.0"}) {
    BOOST_TEST(!guard.AllowsText(address), address);
  }
  BOOST_TEST(guard.AllowsText("8.8.8.8"));
}

const std::string kBadNetworks[] = {"",           "10.0.0.0/33", "10.0.0/8",   "10.0.0.0/",
                                    "10.0.0.0/-1", "fd00::/129", "localhost", "10.0.0.0/8/8",
                                    "10.0.0.0/x"};

BOOST_DATA_TEST_CASE(a_network_that_is_none_is_refused, bdata::make(kBadNetworks), text) {
  BOOST_TEST(base::Is(AddressGuard::Make({text}).status(), base::Reason::kConfigInvalid));
}

const std::string kBadUrls[] = {"",
                                "no url",
                                "/path",
                                "ftp://example.com/",
                                "file:///etc/passwd",
                                "gopher://example.com/",
                                "https://user@example.com/",
                                "https://user:secret@example.com/",
                                "https://example.com/#fragment",
                                "https://exa mple.com/",
                                "https://"};

BOOST_DATA_TEST_CASE(a_url_that_is_no_plain_http_url_is_refused, bdata::make(kBadUrls), url) {
  BOOST_TEST(base::Is(AddressGuard().CheckUrl(url), base::Reason::kFieldInvalid));
}

const std::string kRefusedUrls[] = {
    "http://127.0.0.1/", "http://127.1/", "http://2130706433/", "http://0x7f000001/",
    "http://0177.0.0.1/", "http://[::1]/", "http://[::ffff:7f00:1]:8080/", "https://10.0.0.1/x",
    "http://169.254.169.254/latest/meta-data", "http://0/"};

BOOST_DATA_TEST_CASE(a_url_with_a_refused_address_is_refused_however_it_is_written,
                     bdata::make(kRefusedUrls), url) {
  const absl::Status status = AddressGuard().CheckUrl(url);
  BOOST_TEST(base::Is(status, base::Reason::kTargetRefused));
  BOOST_TEST((base::OutcomeOf(status) == base::Outcome::kNotApplied));
}

BOOST_AUTO_TEST_CASE(names_and_public_addresses_pass_the_first_look) {
  for (const char* url : {"https://example.com/hook?x=1", "http://8.8.8.8:8080/",
                          "https://[2606:4700::1111]/", "HTTPS://EXAMPLE.COM"}) {
    BOOST_TEST(AddressGuard().CheckUrl(url).ok(), url);
  }
}

}  // namespace
}  // namespace kontor::net
