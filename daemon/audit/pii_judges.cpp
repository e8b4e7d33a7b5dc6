#include "daemon/audit/pii_judges.hpp"

#include <arpa/inet.h>
#include <re2/re2.h>

#include <algorithm>

#include "daemon/audit/pii.hpp"

namespace nexus::audit {
namespace {

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

re2::StringPiece piece_of(std::string_view text) { return {text.data(), text.size()}; }

std::string digits_of(std::string_view text) {
  std::string out;
  std::ranges::copy_if(text, std::back_inserter(out), is_digit);
  return out;
}

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

/// Dots part groups of a card's digits: `4111.1111.1111.1111`. A decimal (`4.111111111111111`) has a shorter group.
bool has_card_groups(std::string_view number) {
  if (number.find('.') == number.npos) return true;
  std::size_t digits = 0, groups = 1;
  for (const char c : number) {
    if (is_digit(c)) {
      ++digits;
    } else if (digits > 0) {
      if (digits < 3) return false;
      digits = 0;
      ++groups;
    }
  }
  return digits >= 3 && groups >= 3;
}

/// Loopback, private (RFC 1918), link-local and unspecified addresses identify no person, nor do those for
/// documentation (RFC 5737).
bool is_public_v4(const unsigned char* a) {
  const bool local = a[0] == 127 || a[0] == 10 || (a[0] == 172 && a[1] >= 16 && a[1] < 32) ||
                     (a[0] == 192 && a[1] == 168) || (a[0] == 169 && a[1] == 254) || a[0] == 0;
  const bool example = (a[0] == 192 && a[1] == 0 && a[2] == 2) || (a[0] == 198 && a[1] == 51 && a[2] == 100) ||
                       (a[0] == 203 && a[1] == 0 && a[2] == 113);
  return !local && !example;
}

/// A version has the form of an address: `version 1.2.3.4`, `Chrome/1.2.3.4`, `libx==1.2.3.4`, `>= 1.2.3.4`.
bool follows_version_word(const Found& found) {
  static const RE2 word(R"((?i)(?:\b(?:versions?|ver|v|release|rev|revision|build|update|upgrade)[ .:=#]{0,2})"
                        R"(|(?:^|[\s(;])[a-z][a-z0-9._-]*/|[a-z0-9]==|[<>~^]=?) ?$)");
  constexpr std::size_t before_max = 40;
  const std::size_t from = found.begin - std::min(found.begin, before_max);
  return RE2::PartialMatch(piece_of(found.text.substr(from, found.begin - from)), word);
}

bool is_public_v6(const std::array<unsigned char, 16>& a) {
  const auto zeros = static_cast<std::size_t>(std::ranges::find_if(a, [](auto byte) { return byte != 0; }) - a.begin());
  if (zeros >= 15) return false;                                                          // :: and ::1
  if (zeros == 10 && a[10] == 0xFF && a[11] == 0xFF) return is_public_v4(a.data() + 12);  // ::ffff:1.2.3.4
  const bool local = (a[0] & 0xFE) == 0xFC || (a[0] == 0xFE && (a[1] & 0xC0) == 0x80);    // unique local, link-local
  const bool example = a[0] == 0x20 && a[1] == 0x01 && a[2] == 0x0D && a[3] == 0xB8;      // RFC 3849
  return !local && !example && a[0] != 0xFF;
}

/// `01.02.2026 10:30` is a date, though it begins as a number within a country does.
bool begins_as_date(std::string_view text) {
  static const RE2 date(R"(0\d[ .\-/]\d\d[ .\-/](?:19|20)\d\d)");
  return RE2::PartialMatch(piece_of(text.substr(0, 10)), date);
}

/// Whether the text around a number and two capitals is that of an address: `NL-2011 AB`, `…, 2011 AB`, a line of its
/// own, or a place behind it that ends the line.
bool is_address_line(const Found& found) {
  static const RE2 before(R"((?:^|[\n,;]|\bNL-?) ?$)");
  static const RE2 behind(R"(^(?:[ ,]+\p{Lu}[\p{Ll}'-]+)? ?(?:[\n,;.]|$))");
  constexpr std::size_t around_max = 40;
  const std::size_t from = found.begin - std::min(found.begin, around_max);
  const bool begins = RE2::PartialMatch(piece_of(found.text.substr(from, found.begin - from)), before);
  const bool has_place = found.end < found.text.size() && found.text[found.end] == ' ';
  const bool ends = RE2::PartialMatch(piece_of(found.text.substr(found.end, around_max)), behind);
  return ends && (begins || has_place);
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

bool judge_card(Found& found) {
  if (found.begin > 0 && (is_alnum(found.text[found.begin - 1]) || found.text[found.begin - 1] == '+')) return false;
  return shorten(found,
                 [](const Found& shorter) { return has_card_groups(shorter.str()) && is_payment_card(shorter.str()); });
}

bool judge_v4(Found& found) {
  std::array<unsigned char, 4> bytes{};
  return stands_alone(found, ".") && inet_pton(AF_INET, std::string(found.str()).c_str(), bytes.data()) == 1 &&
         is_public_v4(bytes.data()) && !follows_version_word(found);
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

/// British, Canadian and Irish codes are written in small letters too. Then an ordinal or a unit is none (`m1 2nd`).
bool judge_any_case(Found& found) {
  if (!stands_alone(found)) return false;
  constexpr std::array<std::string_view, 12> words = {"st", "nd", "rd", "th", "px", "gb",
                                                      "tb", "hz", "pt", "up", "ft", "lb"};
  const std::string_view last = found.str().substr(found.str().size() - 2);
  return std::ranges::find(words, last) == words.end();
}

/// A quantity (`1024 MB`) has the form of a Dutch code too, and so has a year before an abbreviation (`2024 AI`).
bool judge_dutch(Found& found) {
  constexpr std::array<std::string_view, 34> units = {
      "AD", "AM", "BC", "BP", "CE", "CM", "EU", "FT", "GB", "HD", "HP", "HZ", "IN", "IT", "KB", "KG", "KM",
      "KW", "LB", "MB", "MG", "MI", "ML", "MM", "MS", "MW", "PM", "PX", "SA", "SD", "SS", "TB", "UK", "US"};
  const bool is_unit = std::ranges::find(units, found.str().substr(5)) != units.end();
  const std::string_view number = found.str().substr(0, 4);
  const bool is_year = number.starts_with("19") || number.starts_with("20");
  return stands_alone(found) && !is_unit && (!is_year || is_address_line(found));
}

/// The second half of an Irish code mixes letters and digits.
bool judge_irish(Found& found) {
  const std::string_view half = found.str().substr(4);
  return judge_any_case(found) && std::ranges::any_of(half, is_digit) && !std::ranges::all_of(half, is_digit);
}

/// `, CA 94105`: the comma is no part of the code.
bool judge_state(Found& found) {
  while (!is_upper(found.text[found.begin])) ++found.begin;
  return found.end >= found.text.size() || (!is_alnum(found.text[found.end]) && found.text[found.end] != '-');
}

}  // namespace nexus::audit
