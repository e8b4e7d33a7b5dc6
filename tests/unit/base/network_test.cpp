// Addresses and networks: every form that is taken, the neighbours that are not, and who the client is behind proxies.
#include "daemon/base/network.hpp"
#include "tests/catch.hpp"

using namespace nexus;

namespace {

IpAddress address(std::string_view text) {
  const auto parsed = IpAddress::parse(text);
  if (!parsed) throw std::runtime_error("no address: " + std::string(text));
  return *parsed;
}

std::vector<IpNetwork> networks(std::initializer_list<std::string_view> texts) {
  std::vector<IpNetwork> out;
  for (const auto text : texts) out.push_back(IpNetwork::parse(text).value());
  return out;
}

}  // namespace

TEST_CASE("IP addresses are read and printed", "[network]") {
  CHECK(address("192.0.2.7").text() == "192.0.2.7");
  CHECK(address("2001:DB8:0:0::7").text() == "2001:db8::7");
  CHECK(address("::1").text() == "::1");
  CHECK(IpAddress(IpAddress::V4{10, 0, 0, 1}) == address("10.0.0.1"));
  CHECK(address("10.0.0.1") != address("::10.0.0.1"));
  for (const char* bad : {"", "10.0.0", "10.0.0.256", "10.0.0.1 ", " 10.0.0.1", "010.0.0.1", "10.0.0.1/8", "localhost",
                          "[::1]", "::1%lo", "fe80::1%1", ":::", "1::2::3", "unknown"}) {
    INFO(bad);
    CHECK_FALSE(IpAddress::parse(bad));
  }
}

TEST_CASE("an IPv4 address mapped into IPv6 is the IPv4 address", "[network]") {
  CHECK(address("::ffff:192.0.2.7") == address("192.0.2.7"));
  CHECK(address("::ffff:192.0.2.7").text() == "192.0.2.7");
  CHECK(IpNetwork::parse("192.0.2.0/24").value().holds(address("::ffff:c000:207")));
}

TEST_CASE("networks hold the addresses that begin with their bits", "[network]") {
  const auto holds = [](std::string_view network, std::string_view what) {
    return IpNetwork::parse(network).value().holds(address(what));
  };
  CHECK(holds("10.0.0.0/8", "10.255.0.1"));
  CHECK_FALSE(holds("10.0.0.0/8", "11.0.0.1"));
  CHECK(holds("10.128.0.0/9", "10.128.0.0"));
  CHECK_FALSE(holds("10.128.0.0/9", "10.127.255.255"));
  CHECK(holds("192.0.2.7", "192.0.2.7"));
  CHECK_FALSE(holds("192.0.2.7", "192.0.2.6"));
  CHECK(holds("0.0.0.0/0", "203.0.113.1"));
  CHECK_FALSE(holds("0.0.0.0/0", "::1"));
  CHECK(holds("2001:db8::/33", "2001:db8:7fff::1"));
  CHECK_FALSE(holds("2001:db8::/33", "2001:db8:8000::1"));
  CHECK(holds("::/0", "2001:db8::1"));
  CHECK(IpNetwork::parse("2001:db8::/32").value().text() == "2001:db8::/32");
  CHECK(IpNetwork::parse("::1").value().text() == "::1/128");
}

TEST_CASE("what is no network is none", "[network]") {
  for (const char* bad : {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8 ", "10.0.0.0/+8",
                          "10.0.0.0/8/8", "10.1.0.0/8", "2001:db8::1/64", "::/129", "10.0.0.0/255.0.0.0", "lan"}) {
    INFO(bad);
    CHECK_FALSE(IpNetwork::parse(bad));
  }
}

TEST_CASE("the client is the last address that is no trusted proxy", "[network]") {
  const auto trusted = networks({"10.0.0.0/8", "2001:db8::/32"});
  const auto client = [&](std::string_view peer, const std::vector<std::string_view>& forwarded) {
    return client_behind(address(peer), forwarded, trusted).text();
  };
  CHECK(client("10.0.0.1", {}) == "10.0.0.1");
  CHECK(client("10.0.0.1", {"203.0.113.9"}) == "203.0.113.9");
  CHECK(client("10.0.0.1", {"1.1.1.1, 203.0.113.9"}) == "203.0.113.9");
  CHECK(client("10.0.0.1", {"1.1.1.1, 203.0.113.9,10.2.0.1 , 2001:db8::5"}) == "203.0.113.9");
  CHECK(client("10.0.0.1", {"1.1.1.1", "203.0.113.9, 10.2.0.1"}) == "203.0.113.9");
  CHECK(client("10.0.0.1", {"203.0.113.9", "", ", 10.2.0.1,"}) == "203.0.113.9");
  CHECK(client("10.0.0.1", {"10.9.9.9, 10.2.0.1"}) == "10.9.9.9");
  CHECK(client("10.0.0.1", {"203.0.113.9:4711"}) == "203.0.113.9");
  CHECK(client("10.0.0.1", {"[2001:dead::7]:4711"}) == "2001:dead::7");
  CHECK(client("10.0.0.1", {"[2001:dead::7]"}) == "2001:dead::7");
}

TEST_CASE("nobody is believed who is not trusted, and nothing that is no address", "[network]") {
  const auto trusted = networks({"10.0.0.0/8"});
  const auto client = [&](std::string_view peer, const std::vector<std::string_view>& forwarded) {
    return client_behind(address(peer), forwarded, trusted).text();
  };
  CHECK(client("192.0.2.1", {"203.0.113.9"}) == "192.0.2.1");
  CHECK(client_behind(address("10.0.0.1"), {"203.0.113.9"}, {}).text() == "10.0.0.1");
  for (const char* bad : {"unknown", "_hidden", "203.0.113.9 secret", "[203.0.113.9", "<script>", "1.2.3.4.5"}) {
    INFO(bad);
    CHECK(client("10.0.0.1", {bad}) == "10.0.0.1");
    const std::string among = std::string("203.0.113.9, ") + bad + ", 10.7.0.1";
    CHECK(client("10.0.0.1", {among}) == "10.7.0.1");
  }
}
