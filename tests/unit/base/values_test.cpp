// Ids, times, encodings, digests: the values that everything above takes for granted.
#include <set>

#include "daemon/base/bytes.hpp"
#include "daemon/base/clock.hpp"
#include "daemon/base/crypto.hpp"
#include "daemon/base/ids.hpp"
#include "daemon/base/problem.hpp"
#include "daemon/base/text.hpp"
#include "daemon/base/uuid.hpp"
#include "tests/catch.hpp"

using namespace nexus;

TEST_CASE("a tenant id exists only when its text is valid, and t_unknown never is") {
  CHECK(TenantId::parse("t_acme"));
  CHECK(TenantId::parse("t_" + std::string(62, 'a')));
  for (const auto* bad : {"t_unknown", "t_", "acme", "T_acme", "t_Acme", "t_a b", "t_a/b", "t_é", ""}) {
    CAPTURE(bad);
    CHECK_FALSE(TenantId::parse(bad));
  }
  CHECK_FALSE(TenantId::parse("t_" + std::string(63, 'a')));
}

TEST_CASE("an env is case-folded and stage means staging") {
  CHECK(parse_env("DEV") == Env::dev);
  CHECK(parse_env("Stage") == Env::staging);
  CHECK(parse_env("prod") == Env::prod);
  CHECK_FALSE(parse_env("production"));
  CHECK_FALSE(parse_env(""));
}

TEST_CASE("the system role is never parsed from text") { CHECK_FALSE(parse_role("system")); }

TEST_CASE("ids that a client may choose are bounded and cannot climb") {
  CHECK(is_client_id("a"));
  CHECK(is_client_id("A.b-c_" + std::string(122, '9')));
  CHECK_FALSE(is_client_id("a" + std::string(128, '9')));
  for (const auto* bad : {"", ".", "..", "-a", "_a", "a/b", "a b", "a%2e"}) CHECK_FALSE(is_client_id(bad));
}

TEST_CASE("times are written in milliseconds with Z and read back with any zone") {
  const Micros at = 1'795'396'801'234'567;
  CHECK(to_rfc3339(at) == "2026-11-23T01:20:01.234Z");
  CHECK(parse_rfc3339("2026-11-23T01:20:01.234567Z") == at);
  CHECK(parse_rfc3339("2026-11-23T03:20:01.234567+02:00") == at);
  CHECK(to_amz_date(at) == "20261123T012001Z");
  CHECK(parse_amz_date("20261123T012001Z") == at - 234'567);
}

TEST_CASE("a time without a zone, or an impossible one, is no time") {
  for (const auto* bad : {"2026-11-23T01:20:01", "2026-11-23", "2026-02-30T00:00:00Z", "2026-13-01T00:00:00Z",
                          "2026-01-01T24:00:00Z", "2026-01-01T00:00:60Z", "2026-01-01T00:00:00.Z", "x", "",
                          "2026-01-01T00:00:00Zz", "2026-01-01T00:00:00+2:00"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_rfc3339(bad));
  }
}

TEST_CASE("base64 and hex give back what went in and refuse a second spelling") {
  for (std::size_t n = 0; n < 70; ++n) {
    const std::string bytes = random_bytes(n);
    CHECK(unbase64(base64(bytes)) == bytes);
    CHECK(unbase64url(base64url(bytes)) == bytes);
    CHECK(unhex(hex({reinterpret_cast<const std::uint8_t*>(bytes.data()), n})) == bytes);
  }
  CHECK(base64("foob") == "Zm9vYg==");
  for (const auto* bad : {"Zm9vYh==", "Zm9vYg=", "Zm9vYg", "Zm9v Yg==", "Z==="}) CHECK_FALSE(unbase64(bad));
  CHECK_FALSE(unhex("AB"));
}

TEST_CASE("SHA-256 and HMAC give the published values") {
  CHECK(sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(hex(hmac_sha256("Jefe", "what do ya want for nothing?")) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST_CASE("ids are of version 7, sorted by their millisecond, random behind it, and never the same twice") {
  std::set<std::string> all, behind;
  std::string last;
  for (int i = 0; i < 10'000; ++i) {
    const std::string id = uuid_v7();
    REQUIRE(is_uuid(id));
    REQUIRE(id[14] == '7');
    REQUIRE(id.substr(0, 13) >= last);
    last = id.substr(0, 13);
    all.insert(id);
    behind.insert(id.substr(15, 3));
  }
  CHECK(all.size() == 10'000);
  // 12 bits, drawn 10 000 times: a counter within the millisecond would begin at 0 again and again.
  CHECK(behind.size() > 3000);
}

TEST_CASE("the ids of one tenant rise, by steps that cannot be guessed, whatever others get in between") {
  const TenantId mine = *TenantId::parse("t_mine"), other = *TenantId::parse("t_other");
  std::string last;
  std::set<std::string> ends;
  for (int i = 0; i < 10'000; ++i) {
    new_id(other);
    const std::string id = new_id(mine);
    REQUIRE(is_uuid(id));
    REQUIRE(id[14] == '7');
    REQUIRE(id > last);
    last = id;
    ends.insert(id.substr(32));
  }
  CHECK(ends.size() > 8000);  // of 65 536
}

TEST_CASE("ids of requests are random throughout") {
  std::set<std::string> begins;
  for (int i = 0; i < 1000; ++i) {
    const std::string id = uuid_v4();
    REQUIRE(is_uuid(id));
    REQUIRE(id[14] == '4');
    REQUIRE(std::string("89ab").find(id[19]) != std::string::npos);
    begins.insert(id.substr(0, 8));
  }
  CHECK(begins.size() > 990);
}

TEST_CASE("percent escapes that are broken or hide a NUL are refused") {
  CHECK(percent_decode("a%2Fb%20c") == "a/b c");
  for (const auto* bad : {"%", "%2", "%zz", "a%00b"}) CHECK_FALSE(percent_decode(bad));
  CHECK(percent_encode("a b/ü", true) == "a%20b/%C3%BC");
}

TEST_CASE("UTF-8 is judged strictly") {
  CHECK(is_utf8("gr\xc3\xbc\xc3\x9f"));
  for (const auto* bad : {"\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff", "\xc3"}) CHECK_FALSE(is_utf8(bad));
  CHECK(to_nfc("e\xcc\x81") == "\xc3\xa9");
}

TEST_CASE("a byte that matters is found wherever it stands in a text") {
  for (int byte = 0; byte < 256; ++byte)
    for (std::size_t at = 0; at < 19; ++at) {
      for (const char others : {'a', '\x20', '\x7E', '\xFF'}) {
        std::string text(19, others);
        text[at] = static_cast<char>(byte);
        const bool control = byte < 0x20 || byte == 0x7F;
        CHECK(find_control(text) == (control ? at : text.size()));
        CHECK(find_control(text, at) == (control ? at : text.size()));
        CHECK(find_control(text, at + 1) == text.size());
      }
      std::string text(19, 'a');
      text[at] = static_cast<char>(byte);
      CHECK(is_utf8(text) == (byte < 0x80));
    }
}

TEST_CASE("a name has one normal form: composed, trimmed of all white space, without case where none counts") {
  for (const auto* spelling : {"OpenAI", " openai", "openai\t", "\xc2\xa0openai\xe2\x80\x83", "\xef\xbc\xafpenai"}) {
    CAPTURE(spelling);
    CHECK(normal_name(spelling, NameForm::any_case) == "openai");
  }
  CHECK(normal_name("OpenAI") == "OpenAI");
  CHECK(normal_name("e\xcc\x81t\xc3\xa9") == "\xc3\xa9t\xc3\xa9");
  CHECK(normal_name("STRASSE", NameForm::any_case) == normal_name("Straße", NameForm::any_case));
  CHECK(normal_name(" holiday photos ", NameForm::label) == "holiday photos");
  CHECK(normal_name("\xe2\x9d\xa4\xef\xb8\x8f", NameForm::label));  // a red heart: a sign and its selector
  for (const std::string no_name : {"", " ", "\xc2\xa0", "a b", "a\xc2\xa0z", "a\tb", "a\nb", "a\xe2\x80\x8bz",
                                    "a\xc2\xadz", "a\xef\xb8\x8fz", "a\x7fz", "\xe2\x80\xaez"}) {
    CAPTURE(no_name);
    CHECK_FALSE(normal_name(no_name, NameForm::any_case));
  }
  for (const std::string no_label : {"", " ", "a\tb", "a\xe2\x80\xa8z", "a\xe2\x80\x8bz"}) {
    CAPTURE(no_label);
    CHECK_FALSE(normal_name(no_label, NameForm::label));
  }
}

namespace {

std::string utf8(char32_t point) {
  if (point < 0x80) return {static_cast<char>(point)};
  const int more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
  std::string text(1, static_cast<char>((0xF0U << (3 - more)) | (point >> (6 * more))));
  for (int i = more - 1; i >= 0; --i) text += static_cast<char>(0x80 | ((point >> (6 * i)) & 0x3F));
  return text;
}

}  // namespace

TEST_CASE("a normal form is its own normal form, whatever code point stands in it") {
  for (char32_t point = 1; point <= 0x10FFFF; ++point) {
    if (point >= 0xD800 && point <= 0xDFFF) continue;
    for (const NameForm form : {NameForm::name, NameForm::any_case, NameForm::label}) {
      const auto normal = normal_name("a" + utf8(point) + "b", form);
      if (normal && normal_name(*normal, form) != normal) FAIL_CHECK(static_cast<std::uint32_t>(point));
    }
  }
}

TEST_CASE("a year that four digits do not hold is written in four digits") {
  CHECK(to_rfc3339(parse_rfc3339("0000-01-01T00:00:00+01:00").value()) == "9999-12-31T23:00:00.000Z");
  CHECK(to_rfc3339(parse_rfc3339("9999-12-31T23:00:00-01:00").value()) == "0000-01-01T00:00:00.000Z");
}
