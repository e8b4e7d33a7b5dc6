// The patterns of personal data. Each finding is a bounded RE2 match (at most a line of text) that a plain function
// then judges: by its neighbours, check digits or address ranges. After a refused match the search continues behind
// that word, so that it is linear. Findings and our own data are blanked in a copy, so that nothing is found twice and
// no part of a UUID or a time is taken for a number.
#include <arpa/inet.h>
#include <re2/re2.h>

#include <algorithm>

#include "daemon/audit/pii.hpp"
#include "daemon/base/clock.hpp"
#include "daemon/base/uuid.hpp"

namespace nexus::audit {
namespace {

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_beyond_ascii(char c) { return static_cast<unsigned char>(c) >= 0x80; }

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

std::string digits_of(std::string_view text) {
  std::string out;
  std::ranges::copy_if(text, std::back_inserter(out), is_digit);
  return out;
}

/// A match on its way through a judge, which may shorten it.
struct Found {
  std::string_view text;
  std::size_t begin, end;
  std::string_view str() const { return text.substr(begin, end - begin); }
};

/// Whether neither side continues as a word or as a longer chain of numbers (1.2.3.4.5 is no address, 3.4155550132 no
/// phone).
bool stands_alone(const Found& found, std::string_view links = ".-/:+") {
  const auto& [text, begin, end] = found;
  if (begin > 0) {
    if (is_alnum(text[begin - 1])) return false;
    if (begin > 1 && links.find(text[begin - 1]) != links.npos && is_digit(text[begin - 2])) return false;
  }
  if (end >= text.size()) return true;
  return !is_alnum(text[end]) &&
         !(end + 1 < text.size() && links.find(text[end]) != links.npos && is_digit(text[end + 1]));
}

/// Shortens the match to its longest prefix that ends with a group of digits and satisfies `fits`.
template <class Fits>
bool shorten(Found& found, Fits fits) {
  for (std::size_t end = found.end; end > found.begin; --end) {
    if (!is_digit(found.text[end - 1]) || (end < found.text.size() && is_alnum(found.text[end]))) continue;
    Found shorter{found.text, found.begin, end};
    if (!fits(shorter)) continue;
    found = shorter;
    return true;
  }
  return false;
}

// ---- the judges -----------------------------------------------------------------------------------------------------

bool judge_card(Found& found) {
  if (found.begin > 0 && (is_alnum(found.text[found.begin - 1]) || found.text[found.begin - 1] == '+')) return false;
  return shorten(found, [](const Found& shorter) { return is_payment_card(shorter.str()); });
}

/// Loopback, private (RFC 1918), link-local and unspecified addresses identify no person.
bool is_public_v4(const unsigned char* a) {
  return !(a[0] == 127 || a[0] == 10 || (a[0] == 172 && a[1] >= 16 && a[1] < 32) || (a[0] == 192 && a[1] == 168) ||
           (a[0] == 169 && a[1] == 254) || a[0] == 0);
}

bool judge_v4(Found& found) {
  std::array<unsigned char, 4> bytes{};
  return stands_alone(found, ".") && inet_pton(AF_INET, std::string(found.str()).c_str(), bytes.data()) == 1 &&
         is_public_v4(bytes.data());
}

bool is_public_v6(const std::array<unsigned char, 16>& a) {
  const auto zeros = static_cast<std::size_t>(std::ranges::find_if(a, [](auto byte) { return byte != 0; }) - a.begin());
  if (zeros >= 15) return false;                                                          // :: and ::1
  if (zeros == 10 && a[10] == 0xFF && a[11] == 0xFF) return is_public_v4(a.data() + 12);  // ::ffff:1.2.3.4
  const bool local = (a[0] & 0xFE) == 0xFC || (a[0] == 0xFE && (a[1] & 0xC0) == 0x80);    // unique local, link-local
  return !local && a[0] != 0xFF;
}

bool judge_v6(Found& found) {
  const auto& text = found.text;
  if (found.begin > 0 && (is_alnum(text[found.begin - 1]) || text[found.begin - 1] == ':')) return false;
  if (found.end > found.begin + 2 && text[found.end - 1] == ':' && text[found.end - 2] != ':') --found.end;
  if (found.end < text.size() && is_alnum(text[found.end])) return false;
  // `a::b` is C++ more often than an address: a real one has several groups.
  const auto groups = std::ranges::count_if(found.str(), [](char c) { return c == ':'; });
  if (groups < 3 &&
      !(found.str().size() >= 4 && (found.str()[0] == '2' || found.str()[0] == '3') && found.str()[4] == ':'))
    return false;
  std::array<unsigned char, 16> bytes{};
  return inet_pton(AF_INET6, std::string(found.str()).c_str(), bytes.data()) == 1 && is_public_v6(bytes);
}

/// `01.02.2026 10:30` is a date, though it begins as a number within a country does.
bool begins_as_date(std::string_view text) {
  static const RE2 date(R"(0\d[ .\-/]\d\d[ .\-/](?:19|20)\d\d)");
  return RE2::PartialMatch(piece(text.substr(0, 10)), date);
}

/// +49 30 1234567, 0049 30 1234567, 030 1234567
bool judge_dialled(Found& found) {
  if (found.begin > 0 && is_alnum(found.text[found.begin - 1])) return false;
  return shorten(found, [](const Found& shorter) {
    const std::string digits = digits_of(shorter.str());
    const bool grouped = digits.size() < shorter.str().size();
    if (shorter.str().front() == '+') return digits.size() >= 8 && digits.size() <= 15;
    if (!stands_alone(shorter) || begins_as_date(shorter.str())) return false;
    if (digits.starts_with("00")) return grouped && digits.size() >= 10 && digits.size() <= 15;
    return digits.size() >= (grouped ? 9U : 10U) && digits.size() <= 12;
  });
}

bool judge_alone(Found& found) { return stands_alone(found); }

/// A quantity (`1024 MB`) has the form of a Dutch code too.
bool judge_dutch(Found& found) {
  constexpr std::array<std::string_view, 34> units = {
      "AD", "AM", "BC", "BP", "CE", "CM", "EU", "FT", "GB", "HD", "HP", "HZ", "IN", "IT", "KB", "KG", "KM",
      "KW", "LB", "MB", "MG", "MI", "ML", "MM", "MS", "MW", "PM", "PX", "SA", "SD", "SS", "TB", "UK", "US"};
  return stands_alone(found) && std::ranges::find(units, found.str().substr(5)) == units.end();
}

/// The second half of an Irish code mixes letters and digits.
bool judge_irish(Found& found) {
  const std::string_view half = found.str().substr(4);
  return stands_alone(found) && std::ranges::any_of(half, is_digit) && std::ranges::any_of(half, is_upper);
}

/// `, CA 94105`: the comma is no part of the code.
bool judge_state(Found& found) {
  while (!is_upper(found.text[found.begin])) ++found.begin;
  return found.end >= found.text.size() || (!is_alnum(found.text[found.end]) && found.text[found.end] != '-');
}

// ---- the table ------------------------------------------------------------------------------------------------------

// What people put between the digits of a number; with the no-break space and the no-break hyphen.
#define NEXUS_GAP "[ .\\-/()\\x{A0}\\x{202F}\\x{2011}]"

struct Pattern {
  Pattern(Pii kind_, const char* regex_, bool (*judge_)(Found&)) : kind(kind_), regex(regex_), judge(judge_) {
    if (!regex.ok()) throw std::logic_error("a pattern of personal data is no regular expression: " + regex.error());
  }
  Pii kind;
  RE2 regex;
  bool (*judge)(Found&);
};

/// In the order of the search: an earlier finding is hidden from later patterns.
const std::array<Pattern, 9>& patterns() {
  static const std::array<Pattern, 9> table = {{
      {Pii::ip_address, R"([0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?:\.\d{1,3}\.\d{1,3}\.\d{1,3})?)", judge_v6},
      {Pii::ip_address, R"(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})", judge_v4},
      {Pii::payment_card, R"(\d(?:[ \-\x{A0}]?\d){12,18})", judge_card},
      {Pii::phone, R"((?:\+\(?[1-9]|\(?00?[1-9])(?:)" NEXUS_GAP R"({0,2}\d){6,14})", judge_dialled},
      {Pii::phone, R"((?:1[ .\-]?)?(?:\([2-9][0-8]\d\) ?|[2-9][0-8]\d[ .\-]?)[2-9]\d{2}[ .\-]?\d{4})", judge_alone},
      // Great Britain, Canada, Brazil, the United States (ZIP+4), Japan; and the form of international mail: D-10115.
      {Pii::postal_code,
       R"((?:GIR 0AA|[A-PR-UWYZ](?:\d{1,2}|[A-HK-Y]\d{1,2}|\d[A-HJKPSTUW]|[A-HK-Y]\d[ABEHMNPRVWXY]) )"
       R"(\d[ABD-HJLNP-UW-Z]{2})"
       R"(|[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z][ \-]\d[ABCEGHJ-NPRSTV-Z]\d|\d{5}-\d{3,4}|〒 ?\d{3}-\d{4})"
       R"(|(?:D|F|I|FI|LT)-\d{5}|(?:A|B|L|CH|DK|LV)-\d{4}|SE-\d{3} ?\d{2}))",
       judge_alone},
      {Pii::postal_code, R"([1-9]\d{3} [A-Z]{2})", judge_dutch},
      {Pii::postal_code, R"([AC-FHKNPRTV-Y](?:\d{2}|6W) [0-9AC-FHKNPRTV-Y]{4})", judge_irish},
      {Pii::postal_code,
       R"(, ?(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD])"
       R"(|T[NX]|UT|V[AT]|W[AIVY]) \d{5})",
       judge_state},
  }};
  return table;
}

// ---- the search -----------------------------------------------------------------------------------------------------

constexpr char kFound = '\x01';  // in no pattern

struct Search {
  std::string text;  // a copy in which processed parts are blanked, so that no number extends across them
  std::vector<PiiSpan> spans;

  void blank(std::size_t begin, std::size_t end, char with) { text.replace(begin, end - begin, end - begin, with); }
  void keep(std::size_t begin, std::size_t end, Pii kind) {
    spans.push_back({begin, end, kind});
    blank(begin, end, kFound);
  }
};

/// The length of a UUID, a time or an id of a tenant or user that begins here; 0 for none.
std::size_t length_of_ours(std::string_view rest) {
  constexpr std::size_t uuid_length = 36, time_length_max = 35;
  if (rest.size() >= uuid_length && rest[8] == '-' && is_uuid(rest.substr(0, uuid_length)) &&
      (rest.size() == uuid_length || !is_alnum(rest[uuid_length])))
    return uuid_length;
  if (rest.size() >= 20 && rest[4] == '-' && rest[10] == 'T') {
    const std::size_t length = std::min({rest.find_first_not_of("0123456789-+:.TZ"), rest.size(), time_length_max});
    if (parse_rfc3339(rest.substr(0, length))) return length;
  }
  if (rest.size() > 2 && rest[1] == '_' && (rest[0] == 't' || rest[0] == 'u'))
    return std::min(rest.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-"), rest.size());
  return 0;
}

void blank_ours(Search& search) {
  const std::string_view text = search.text;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!is_alnum(text[i]) || (i > 0 && is_alnum(text[i - 1]))) continue;
    if (const std::size_t length = length_of_ours(text.substr(i)); length > 0) {
      search.blank(i, i + length, '_');  // may still be the name before an @
      i += length - 1;
    }
  }
}

/// The window around an `@` that can be an address: bounded, so that a text of nothing but letters costs nothing.
Found window_of(std::string_view text, std::size_t at) {
  constexpr std::size_t local_bytes_max = 64, domain_bytes_max = 253;
  const auto is_local = [](char c) {
    return is_alnum(c) || is_beyond_ascii(c) || std::string_view("._%+'&=-").find(c) != std::string_view::npos;
  };
  Found window{text, at, at + 1};
  while (window.begin > 0 && at - window.begin < local_bytes_max && is_local(text[window.begin - 1])) --window.begin;
  while (window.begin < at && (std::string_view(".'=&").find(text[window.begin]) != std::string_view::npos ||
                               (static_cast<unsigned char>(text[window.begin]) & 0xC0) == 0x80))
    ++window.begin;
  while (window.end < text.size() && window.end - at <= domain_bytes_max &&
         (is_alnum(text[window.end]) || is_beyond_ascii(text[window.end]) || text[window.end] == '.' ||
          text[window.end] == '-'))
    ++window.end;
  return window;
}

void find_emails(Search& search) {
  static const RE2 address(R"(([\pL\pN._%+'&=-]+@(?:[\pL\pN-]+\.)+\pL{2,}))");
  static const RE2 density(R"([1-4](?:\.\d)?x\.[a-z]+)");  // icon@2x.png
  for (std::size_t at = search.text.find('@'); at != std::string::npos; at = search.text.find('@', at + 1)) {
    const Found window = window_of(search.text, at);
    re2::StringPiece rest = piece(window.str()), match;
    if (!RE2::Consume(&rest, address, &match)) continue;
    const std::string_view domain = std::string_view(match.data(), match.size()).substr(at + 1 - window.begin);
    if (RE2::FullMatch(piece(domain), density)) continue;
    search.keep(window.begin, window.begin + match.size(), Pii::email);
  }
}

/// The position behind the word or number in which a refused match began.
std::size_t next_start(std::string_view text, std::size_t begin) {
  std::size_t at = begin;
  while (at < text.size() && is_alnum(text[at])) ++at;
  return std::max(at, begin + 1);
}

void find_all(Search& search, const Pattern& pattern) {
  std::size_t at = 0;
  re2::StringPiece match;
  while (at < search.text.size() &&
         pattern.regex.Match(piece(search.text), at, search.text.size(), RE2::UNANCHORED, &match, 1)) {
    const auto begin = static_cast<std::size_t>(match.data() - search.text.data());
    Found found{search.text, begin, begin + match.size()};
    if (pattern.judge(found)) {
      search.keep(found.begin, found.end, pattern.kind);
      at = found.end;
    } else {
      at = next_start(search.text, begin);
    }
  }
}

/// Cheap and right for nearly every text: without an `@`, and with fewer than two digits, there is nothing to find.
bool may_hold(std::string_view text, bool& has_at) {
  std::size_t digits = 0;
  for (const char c : text) {
    digits += is_digit(c) ? 1 : 0;
    has_at = has_at || c == '@';
  }
  return has_at || digits >= 2;
}

}  // namespace

bool is_payment_card(std::string_view number) {
  const std::string digits = digits_of(number);
  if (digits.size() < 13 || digits.size() > 19) return false;
  const int two = (digits[0] - '0') * 10 + (digits[1] - '0');
  const int four = two * 100 + (digits[2] - '0') * 10 + (digits[3] - '0');
  const std::size_t n = digits.size();
  const bool branded = (digits[0] == '4' && (n == 13 || n == 16 || n == 19)) ||                      // Visa
                       (n == 16 && ((two >= 51 && two <= 55) || (four >= 2221 && four <= 2720))) ||  // Mastercard
                       (n == 15 && (two == 34 || two == 37)) ||                                      // American Express
                       (n >= 16 && (two == 35 || two == 62 || two == 64 || two == 65 || two == 60)) ||  // JCB, Discover
                       (n >= 14 && (two == 30 || two == 36 || two == 38 || two == 39)) ||               // Diners
                       (two == 50 || (two >= 56 && two <= 58) || two == 63 || two == 67);               // Maestro
  if (!branded) return false;
  int sum = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const int digit = digits[n - 1 - i] - '0';
    const int doubled = i % 2 == 0 ? digit : digit * 2;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 == 0;
}

std::vector<PiiSpan> find_pii(std::string_view text) {
  bool has_at = false;
  if (!may_hold(text, has_at)) return {};
  Search search{std::string(text), {}};
  blank_ours(search);
  if (has_at) find_emails(search);
  for (const Pattern& pattern : patterns()) find_all(search, pattern);
  std::ranges::sort(search.spans, {}, &PiiSpan::begin);
  return std::move(search.spans);
}

}  // namespace nexus::audit
