// The patterns of personal data. Each finding is a bounded RE2 match (at most a line of text) that a plain function
// then judges: by its neighbours, check digits or address ranges. After a refused match the search continues behind
// that word, so that it is linear. Findings and our own data are blanked in a copy, so that nothing is found twice and
// no part of a UUID or a time is taken for a number.
#include <re2/re2.h>

#include <algorithm>

#include "daemon/audit/pii.hpp"
#include "daemon/audit/pii_decoded.hpp"
#include "daemon/audit/pii_judges.hpp"
#include "daemon/base/clock.hpp"
#include "daemon/base/uuid.hpp"

namespace nexus::audit {
namespace {

bool is_beyond_ascii(char c) { return static_cast<unsigned char>(c) >= 0x80; }

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

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
const std::array<Pattern, 10>& patterns() {
  static const std::array<Pattern, 10> table = {{
      {Pii::ip_address, R"([0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?:\.\d{1,3}\.\d{1,3}\.\d{1,3})?)", judge_v6},
      {Pii::ip_address, R"(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})", judge_v4},
      {Pii::payment_card, R"(\d(?:[ .\-\x{A0}]{0,2}\d){12,18})", judge_card},
      {Pii::phone, R"((?:\+\(?[1-9]|\(?00?[1-9])(?:)" NEXUS_GAP R"({0,2}\d){6,14})", judge_dialled},
      {Pii::phone, R"((?:1[ .\-]?)?(?:\([2-9][0-8]\d\) ?|[2-9][0-8]\d[ .\-]?)[2-9]\d{2}[ .\-]?\d{4})", judge_alone},
      // Great Britain and Canada.
      {Pii::postal_code,
       R"((?i)(?:GIR 0AA|[A-PR-UWYZ](?:\d{1,2}|[A-HK-Y]\d{1,2}|\d[A-HJKPSTUW]|[A-HK-Y]\d[ABEHMNPRVWXY]) )"
       R"(\d[ABD-HJLNP-UW-Z]{2})"
       R"(|[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z][ \-]\d[ABCEGHJ-NPRSTV-Z]\d))",
       judge_any_case},
      // Brazil, the United States (ZIP+4), Japan; and the form of international mail: D-10115.
      {Pii::postal_code,
       R"((?:\d{5}-\d{3,4}|〒 ?\d{3}-\d{4})"
       R"(|(?:D|F|I|FI|LT)-\d{5}|(?:A|B|L|CH|DK|LV)-\d{4}|SE-\d{3} ?\d{2}))",
       judge_alone},
      {Pii::postal_code, R"([1-9]\d{3} [A-Z]{2})", judge_dutch},
      {Pii::postal_code, R"((?i)[AC-FHKNPRTV-Y](?:\d{2}|6W) [0-9AC-FHKNPRTV-Y]{4})", judge_irish},
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

/// The length of the parameters of a URL before a value: of `utm=spring&email=`, all. An address may hold `=` itself,
/// behind what is no name (`bounce+ann=example.com@…`).
std::size_t parameter_before(std::string_view local) {
  const std::size_t equals = local.rfind('=');
  if (equals == local.npos) return 0;
  const std::size_t name = local.substr(0, equals).find_last_of("&=") + 1;  // 0 for none
  return local.substr(name, equals - name).find('+') == local.npos ? equals + 1 : 0;
}

/// The window around an `@` that can be an address: bounded, so that a text of nothing but letters costs nothing.
Found window_of(std::string_view text, std::size_t at) {
  constexpr std::size_t local_bytes_max = 64, domain_bytes_max = 253;
  const auto is_local = [](char c) {
    return is_alnum(c) || is_beyond_ascii(c) || std::string_view("._%+'&=-").find(c) != std::string_view::npos;
  };
  Found window{text, at, at + 1};
  while (window.begin > 0 && at - window.begin < local_bytes_max && is_local(text[window.begin - 1])) --window.begin;
  window.begin += parameter_before(window.str().substr(0, at - window.begin));
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

/// Whether a `+` may stand for a space: in what looks like `name=value`.
bool is_form_encoded(std::string_view text) {
  const std::size_t equals = text.find('=');
  return equals != text.npos && text.find('+', equals) != text.npos;
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

std::vector<PiiSpan> find_pii(std::string_view sent) {
  const auto plain = decoded(sent);
  const std::string_view text = plain ? std::string_view(plain->text) : sent;
  bool has_at = false;
  if (!may_hold(text, has_at)) return {};
  Search search{std::string(text), {}};
  blank_ours(search);
  if (has_at) find_emails(search);
  for (const Pattern& pattern : patterns()) find_all(search, pattern);
  if (is_form_encoded(text)) {
    for (std::size_t at = 1; at < search.text.size(); ++at)
      if (search.text[at] == '+' && is_alnum(search.text[at - 1])) search.text[at] = ' ';
    for (const Pattern& pattern : patterns()) find_all(search, pattern);
  }
  std::ranges::sort(search.spans, {}, &PiiSpan::begin);
  if (plain)
    for (PiiSpan& span : search.spans) span = {plain->origins[span.begin], plain->origins[span.end], span.kind};
  return std::move(search.spans);
}

}  // namespace nexus::audit
