#include "daemon/base/spelling.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <utility>

#include "daemon/base/folding.hpp"

namespace nexus {
namespace {

struct Spelling {
  utf8proc_int32_t point;
  std::string_view ascii;
};

/// The letters that only folding of case spells out, and the signs that word processors set.
constexpr Spelling kSpellings[] = {{0xDF, "ss"},   {0x1E9E, "SS"}, {0x2010, "-"}, {0x2011, "-"}, {0x2012, "-"},
                                   {0x2013, "-"},  {0x2014, "-"},  {0x2018, "'"}, {0x2019, "'"}, {0x201A, "'"},
                                   {0x201C, "\""}, {0x201D, "\""}, {0x201E, "\""}};

/// Empty where nothing in ASCII is near.
std::string spelling_of(utf8proc_int32_t point) {
  if (point < 0x80) return {static_cast<char>(point)};
  if (const auto* known = std::ranges::find(kSpellings, point, &Spelling::point); known != std::end(kSpellings))
    return std::string(known->ascii);
  const utf8proc_int32_t lower = utf8proc_tolower(point);
  std::string out;
  for (const auto letter : folding::plain_letters(lower)) {
    if (letter >= 0x80) return {};  // another letter of Arabic
    if (letter != 0) out += static_cast<char>(letter);
  }
  if (lower != point && !out.empty()) out[0] = static_cast<char>(out[0] - 'a' + 'A');
  return out;
}

/// Decomposed as far as Unicode knows, without marks.
std::string decomposed(std::string_view text) {
  constexpr auto options =
      static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_STRIPMARK);
  utf8proc_uint8_t* out = nullptr;
  const auto length = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                   static_cast<utf8proc_ssize_t>(text.size()), &out, options);
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(out, &std::free);
  if (length < 0) throw std::invalid_argument("not valid UTF-8");
  return {reinterpret_cast<const char*>(out), static_cast<std::size_t>(length)};
}

}  // namespace

std::string to_ascii(std::string_view text) {
  const std::string plain = decomposed(text);
  const auto* at = reinterpret_cast<const utf8proc_uint8_t*>(plain.data());
  auto left = static_cast<utf8proc_ssize_t>(plain.size());
  std::string out;
  for (bool known = true; left > 0;) {
    utf8proc_int32_t point = 0;
    const auto used = std::max<utf8proc_ssize_t>(utf8proc_iterate(at, left, &point), 1);
    at += used;
    left -= used;
    const std::string spelling = spelling_of(point);
    const bool known_before = std::exchange(known, !spelling.empty());
    if (known || known_before) out += known ? spelling : "_";
  }
  return out;
}

}  // namespace nexus
