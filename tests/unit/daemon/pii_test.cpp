// The PII scanner as tables: what is personal, what only looks like it, and what a whole event becomes.
#include "daemon/audit/pii.hpp"

#include <algorithm>
#include <ctime>
#include <limits>

#include "tests/catch.hpp"

namespace nexus::audit {
namespace {

struct Row {
  std::string text;
  std::string masked = {};  // empty: left as it is
};

std::string mask(const std::string& text) {
  PiiScan scan;
  Json value = text;
  scan.mask(value);
  return value.get<std::string>();
}

void check(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    INFO(row.text);
    CHECK(mask(row.text) == (row.masked.empty() ? row.text : row.masked));
  }
}

double thread_cpu_seconds() {
  timespec spent{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
  return static_cast<double>(spent.tv_sec) + 1e-9 * static_cast<double>(spent.tv_nsec);
}

/// What a search of so many bytes of repeated `unit` costs this thread: the least of three, whatever else runs.
double cpu_seconds_of(const std::string& unit, std::size_t bytes) {
  std::string text;
  while (text.size() < bytes) text += unit;
  double least = std::numeric_limits<double>::infinity();
  for (int i = 0; i < 3; ++i) {
    const double before = thread_cpu_seconds();
    find_pii(text);
    least = std::min(least, thread_cpu_seconds() - before);
  }
  return least;
}

}  // namespace

TEST_CASE("pii: email addresses") {
  check({{"write to john.doe@example.com please", "write to [REDACTED:email] please"},
         {"<John.Doe+tag@mail.example.co.uk>, thanks", "<[REDACTED:email]>, thanks"},
         {"j\u00f6rg@ex\u00e4mple.de", "[REDACTED:email]"},
         {"mailto:a@b.io?subject=x", "mailto:[REDACTED:email]?subject=x"},
         {"'quoted@example.org'", "'[REDACTED:email]'"},
         {"a@example.org,b@example.org", "[REDACTED:email],[REDACTED:email]"},
         {"a@example.orgb@example.org", "[REDACTED:email]@example.org"},
         {"john.doe@example.com.pdf", "[REDACTED:email]"},
         {"x@10.2.3.4 and user@localhost"},
         {"icon@2x.png"},
         {"left-pad@1.3.0"},
         {"@mention and @"},
         {"5 @ 3 each"}});
}

TEST_CASE("pii: phone numbers") {
  check({{"call +1 415 555 0132 now", "call [REDACTED:phone] now"},
         {"call (415) 555-0132 now", "call [REDACTED:phone] now"},
         {"415-555-0132", "[REDACTED:phone]"},
         {"415.555.0132", "[REDACTED:phone]"},
         {"1-800-555-0199.", "[REDACTED:phone]."},
         {"4155550132", "[REDACTED:phone]"},
         {"+14155550132", "[REDACTED:phone]"},
         {"call_4155550132.pdf", "call_[REDACTED:phone].pdf"},
         {"+49 (0) 30 1234567", "[REDACTED:phone]"},
         {"+49\u00a030\u00a01234567", "[REDACTED:phone]"},
         {"0049 30 12345678", "[REDACTED:phone]"},
         {"020 7946 0958", "[REDACTED:phone]"},
         {"06 12 34 56 78", "[REDACTED:phone]"},
         {"030/1234567", "[REDACTED:phone]"},
         {"order 12345"},
         {"1700000000"},
         {"1763856000000"},
         {"1763856000000000"},
         {"version 1.2.3-4567"},
         {"01.02.2026 10:30"},
         {"2026-11-23 10:30:00 +0100"},
         {"20261123T010203Z"},
         {"pages 100-200, 3.14159, 1,000,000"},
         {"10 20 30 40 50 60 70 80"},
         {"ISBN 978-3-16-148410-0"},
         {"deadbeef.1234567890"},
         {"x4155550132"},
         {"4155550132x"}});
}

TEST_CASE("pii: payment cards have a brand, a length and a check digit") {
  check({{"4111 1111 1111 1111", "[REDACTED:payment_card]"},
         {"4111-1111-1111-1111", "[REDACTED:payment_card]"},
         {"card 4111111111111111.", "card [REDACTED:payment_card]."},
         {"378282246310005", "[REDACTED:payment_card]"},
         {"6011 1111 1111 1117", "[REDACTED:payment_card]"},
         {"5555 5555 5555 4444 23", "[REDACTED:payment_card] 23"},
         {"1234 4111 1111 1111 1111", "1234 [REDACTED:payment_card]"},
         {"2223003122003222", "[REDACTED:payment_card]"},
         {"4111.1111.1111.1111", "[REDACTED:payment_card]"},
         {"4111  1111  1111  1111", "[REDACTED:payment_card]"},
         {"4.111111111111111, 41.11111111111111"},
         {"4111 1111 1111 1112"},
         {"1111111111111117"},
         {"41111111111111114111111111111111"}});
  CHECK(is_payment_card("4111111111111111"));
  CHECK_FALSE(is_payment_card("4111111111111110"));
  CHECK_FALSE(is_payment_card(""));
}

TEST_CASE("pii: IP addresses, unless loopback or private") {
  check({{"from 203.0.114.5:80", "from [REDACTED:ip_address]:80"},
         {"http://8.8.8.8/x", "http://[REDACTED:ip_address]/x"},
         {"172.32.0.1", "[REDACTED:ip_address]"},
         {"2001:db9::1", "[REDACTED:ip_address]"},
         {"[2001:4860:4860::8888]:443", "[[REDACTED:ip_address]]:443"},
         {"2001:4860:4860:0:0:0:0:8888", "[REDACTED:ip_address]"},
         {"::ffff:8.8.8.8", "[REDACTED:ip_address]"},
         {"127.0.0.1 10.1.2.3 172.16.0.1 172.31.255.255 192.168.1.1 169.254.1.1 0.0.0.0"},
         {"::1 fe80::1 fd00::1 ::ffff:10.0.0.1"},
         {"?ip=8.8.8.8&v=1", "?ip=[REDACTED:ip_address]&v=1"},
         {"GET /ip/8.8.8.8", "GET /ip/[REDACTED:ip_address]"},
         {"192.0.2.7 198.51.100.1 203.0.113.9 2001:db8::1 2001:db8:1:2::3"},
         {"version 1.2.3.4, v 8.8.8.8, release: 2.0.0.1"},
         {"Mozilla/5.0 (X11) Chrome/8.8.8.8 libx==1.2.3.4 and >= 4.3.2.1"},
         {"1.2.3.4.5"},
         {"999.1.1.1"},
         {"std::vector a::b at 12:30:45"}});
}

TEST_CASE("pii: postal codes in a country's full form") {
  check({{"London SW1A 1AA", "London [REDACTED:postal_code]"},
         {"K1A 0B1", "[REDACTED:postal_code]"},
         {"94105-1234", "[REDACTED:postal_code]"},
         {"San Francisco, CA 94105", "San Francisco, [REDACTED:postal_code]"},
         {"1012 AB Amsterdam", "[REDACTED:postal_code] Amsterdam"},
         {"D02 X285", "[REDACTED:postal_code]"},
         {"london sw1a 1aa", "london [REDACTED:postal_code]"},
         {"k1a 0b1, d02 x285", "[REDACTED:postal_code], [REDACTED:postal_code]"},
         {"2011 AB Haarlem", "[REDACTED:postal_code] Haarlem"},
         {"Main Street 1, 2011 AB", "Main Street 1, [REDACTED:postal_code]"},
         {"NL-1999 XY", "NL-[REDACTED:postal_code]"},
         {"2011 AB", "[REDACTED:postal_code]"},
         {"the 2024 AI Safety Summit, 2019 UN report, since 1999 BA flies"},
         {"in 2024 AI changed; a 2023 QA review"},
         {"the m1 2nd, w3 1st, a4 2px"},
         {"D-10115 Berlin", "[REDACTED:postal_code] Berlin"},
         {"CH-8001 Z\u00fcrich", "[REDACTED:postal_code] Z\u00fcrich"},
         {"\u3012100-0001", "[REDACTED:postal_code]"},
         {"01310-100", "[REDACTED:postal_code]"},
         {"10115"},
         {"1024 MB"},
         {"in 2024, EU 10115"},
         {"ABC-1234"},
         {"12345-6789-1"}});
}

TEST_CASE("pii: in encoded texts the value alone is masked, whatever its encoding") {
  check(
      {{"/x?email=jane%40example.com", "/x?email=[REDACTED:email]"},
       {"https://e.org/?utm=spring&email=jane@example.com&x=1", "https://e.org/?utm=spring&email=[REDACTED:email]&x=1"},
       {"?mail=jane%2540example.com", "?mail=[REDACTED:email]"},
       {"?a=jane+tag%40example.com", "?a=[REDACTED:email]"},
       {"bounce+ann=example.com@list.org", "[REDACTED:email]"},
       {"jane\uff20example.com", "[REDACTED:email]"},
       {"\uff14\uff11\uff11\uff11 1111 1111 1111", "[REDACTED:payment_card]"},
       {"?tel=%2B1%20415%20555%200132&n=2", "?tel=[REDACTED:phone]&n=2"},
       {"tel=%2B49+30+1234567", "tel=[REDACTED:phone]"},
       {"card=4111+1111+1111+1111", "card=[REDACTED:payment_card]"},
       {"zip=SW1A%201AA&zip=SW1A+1AA", "zip=[REDACTED:postal_code]&zip=[REDACTED:postal_code]"},
       {"100%25 of 50%, %zz %4"},
       {"%00%ff%e2%82"}});
}

TEST_CASE("pii: a client's own names are no reason to trust what stands under them") {
  PiiScan scan;
  Json event = {
      {"user_id", "4155550132"},
      {"metadata", {{"user_id", "4155550132"}, {"created_at", "415-555-0132"}, {"hash", "4111.1111.1111.1111"}}}};
  scan.mask(event);
  CHECK(event["user_id"] == "4155550132");
  CHECK(event["metadata"]["user_id"] == "[REDACTED:phone]");
  CHECK(event["metadata"]["created_at"] == "[REDACTED:phone]");
  CHECK(event["metadata"]["hash"] == "[REDACTED:payment_card]");
  Json theirs = {{"session_id", "415-555-0132"}};
  scan.mask(theirs, Names::clients);
  CHECK(theirs["session_id"] == "[REDACTED:phone]");
}

TEST_CASE("pii: ids, times and digests of ours are typed") {
  check({{"00000000-0000-4000-8000-012345678901"},
         {"asset 41111111-1111-4111-8111-415555013211 done"},
         {"at 2026-11-23T01:02:03.456Z, until 2026-11-23T01:02:03+01:00"},
         {"t_4155550132 u_4155550132"},
         {"4111111111111111411111111111111141111111111111114111111111111111"},
         {"sha256:4111111111111111411111111111111141111111111111114111111111111111"},
         {"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"},
         {"s3://nexus/tenants/t_acme/dev/raw/01933f9e-7c1b-7000-8000-012345678901/report.pdf"},
         {"u_ann@example.com", "[REDACTED:email]"}});
  PiiScan scan;
  Json event = {
      {"asset_id", "4155550132"}, {"sha256", "415-555-0132"}, {"max_bytes", 4155550132}, {"at", 1763856000000000}};
  const Json before = event;
  scan.mask(event);
  CHECK(event == before);
  CHECK_FALSE(scan.found());
}

TEST_CASE("pii: an event is masked at every depth, in names and numbers too") {
  PiiScan scan;
  Json event = parse_own_json(R"({
    "a": [{"b": ["john@example.com", 4111111111111111]}],
    "asset_id": "john@example.com",
    "phone": "555 0132 77", "mobile": 14155550132,
    "jane@example.com": 1, "john@example.com": 2,
    "text": "from 8.8.8.8", "size": 5368709120, "ok": true, "none": null, "cost": 415555.0132})");
  scan.mask(event);
  CHECK(event == parse_own_json(R"({
    "a": [{"b": ["[REDACTED:email]", "[REDACTED:payment_card]"]}],
    "asset_id": "[REDACTED:email]",
    "phone": "[REDACTED:phone]", "mobile": "[REDACTED:phone]",
    "[REDACTED:email]": 1, "[REDACTED:email]#2": 2,
    "text": "from [REDACTED:ip_address]", "size": 5368709120, "ok": true, "none": null, "cost": 415555.0132})"));
  CHECK(scan.flags() == Json({"email", "phone", "payment_card", "ip_address"}));
}

TEST_CASE("pii: what is too much to look over is not kept") {
  PiiScan scan;
  Json event = {{"a", std::string(limits::pii_scan_bytes_max - 10, 'x')}, {"b", std::string(11, 'y')}, {"c", "short"}};
  scan.mask(event);
  CHECK(event["b"] == "[REDACTED:unscanned]");
  CHECK(event["c"] == "short");
  CHECK(scan.flags() == Json({"unscanned"}));
}

TEST_CASE("pii: hostile texts cost time in proportion to their length") {
  for (const std::string& unit :
       {std::string("1 "), std::string("a@"), std::string("1-"), std::string("4111 "), std::string("1."),
        std::string("a:"), std::string("1:2:"), std::string("a.b@c."), std::string("0"), std::string("a"),
        std::string("%25"), std::string("%4"), std::string("a=+"), std::string("2011 AB "), std::string("v 1.2.3.4 "),
        std::string("+1("), std::string("\u00e4@")}) {
    INFO(unit);
    const double quarter = cpu_seconds_of(unit, limits::pii_scan_bytes_max / 16);
    CHECK(cpu_seconds_of(unit, limits::pii_scan_bytes_max / 4) < 10 * quarter);  // 4 in proportion, 16 by the square
  }
}

}  // namespace nexus::audit
