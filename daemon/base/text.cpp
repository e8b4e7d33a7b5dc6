#include "daemon/base/text.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <stdexcept>

#include "daemon/base/eight_bytes.hpp"

namespace nexus {
namespace {

constexpr std::size_t kUsualParts = 8;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string mapped(std::string_view text, int options) {
  utf8proc_uint8_t* out = nullptr;
  const utf8proc_ssize_t length =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()),
                   &out, static_cast<utf8proc_option_t>(options));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(out, &std::free);
  if (length < 0) throw std::invalid_argument("not valid UTF-8");
  return {reinterpret_cast<const char*>(out), static_cast<std::size_t>(length)};
}

/// One code point of valid UTF-8, and how many bytes it takes.
utf8proc_int32_t point_at(std::string_view text, std::size_t& bytes) {
  utf8proc_int32_t point = 0;
  const utf8proc_ssize_t used = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                                 static_cast<utf8proc_ssize_t>(text.size()), &point);
  bytes = used > 0 ? static_cast<std::size_t>(used) : 1;
  return point;
}

bool is_white_space(utf8proc_int32_t point) {
  if ((point >= 0x09 && point <= 0x0D) || point == 0x85) return true;
  const auto category = utf8proc_category(point);
  return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP;
}

std::string_view trim_white_space(std::string_view text) {
  std::size_t first = text.size(), end = 0;
  for (std::size_t at = 0, bytes = 0; at < text.size(); at += bytes) {
    if (is_white_space(point_at(text.substr(at), bytes))) continue;
    first = std::min(first, at);
    end = at + bytes;
  }
  return first == text.size() ? std::string_view{} : text.substr(first, end - first);
}

bool may_stand_in(NameForm form, utf8proc_int32_t point) {
  constexpr utf8proc_int32_t non_joiner = 0x200C, joiner = 0x200D;
  if (form == NameForm::label && (point == ' ' || point == non_joiner || point == joiner)) return true;
  const auto category = utf8proc_category(point);
  if (is_white_space(point) || category == UTF8PROC_CATEGORY_CC || category == UTF8PROC_CATEGORY_CF) return false;
  return form == NameForm::label || !utf8proc_get_property(point)->ignorable;
}

std::string folded_name(std::string_view text, NameForm form) {
  const bool any_case = form == NameForm::any_case;
  if (std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; }))
    return any_case ? lower_ascii(text) : std::string(text);
  constexpr int nfkc = UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT;
  // Folding can undo composition, and composition folding. A second pass reaches a fixed point.
  return any_case ? mapped(mapped(text, nfkc | UTF8PROC_CASEFOLD), nfkc | UTF8PROC_CASEFOLD) : mapped(text, nfkc);
}

}  // namespace

std::optional<std::string> normal_name(std::string_view text, NameForm form) {
  const std::string folded = folded_name(text, form);
  const std::string_view name = trim_white_space(folded);
  if (name.empty()) return std::nullopt;
  for (std::size_t at = 0, bytes = 0; at < name.size(); at += bytes)
    if (!may_stand_in(form, point_at(name.substr(at), bytes))) return std::nullopt;
  return std::string(name);
}

bool is_utf8(std::string_view text) {
  const auto* at = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  auto left = static_cast<utf8proc_ssize_t>(text.size());
  while (left > 0) {
    if (left >= 8 && eight_bytes::beyond_ascii(eight_bytes::load(at)) == 0) {  // the common cases without a call
      at += 8, left -= 8;
      continue;
    }
    if (*at < 0x80) {
      ++at, --left;
      continue;
    }
    utf8proc_int32_t point = 0;
    const utf8proc_ssize_t used = utf8proc_iterate(at, left, &point);
    if (used <= 0) return false;
    at += used, left -= used;
  }
  return true;
}

std::size_t find_control(std::string_view text, std::size_t at) {
  return eight_bytes::find(
      text, at, [](std::uint64_t word) { return eight_bytes::below_space(word) | eight_bytes::equal(word, 0x7F); },
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

std::size_t code_points(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return count;
}

std::string to_nfc(std::string_view text) { return mapped(text, UTF8PROC_STABLE | UTF8PROC_COMPOSE); }

bool is_alphanumeric(char c) { return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z'); }

bool is_alphanumeric(std::string_view text, std::string_view others) {
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return is_alphanumeric(c) || others.find(c) != std::string_view::npos;
  });
}

std::string lower_ascii(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = lower(c);
  return out;
}

bool iequals_ascii(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (lower(a[i]) != lower(b[i])) return false;
  return true;
}

std::string_view trim_ascii(std::string_view text) {
  constexpr std::string_view space = " \t\r\n";
  const std::size_t first = text.find_first_not_of(space);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(space) - first + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  parts.reserve(kUsualParts);
  while (true) {
    const std::size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

}  // namespace nexus
