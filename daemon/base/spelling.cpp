#include "daemon/base/spelling.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <utility>

namespace nexus {
namespace {

struct Spelling {
  utf8proc_int32_t point;
  std::string_view ascii;
};

/// Latin letters that Unicode does not decompose, and the signs that word processors set.
constexpr Spelling kSpellings[] = {
    {0xC6, "AE"},  {0xD0, "D"},   {0xD8, "O"},    {0xDE, "Th"},  {0xDF, "ss"},   {0xE6, "ae"},   {0xF0, "d"},
    {0xF8, "o"},   {0xFE, "th"},  {0x110, "D"},   {0x111, "d"},  {0x126, "H"},   {0x127, "h"},   {0x131, "i"},
    {0x138, "k"},  {0x141, "L"},  {0x142, "l"},   {0x14A, "N"},  {0x14B, "n"},   {0x152, "OE"},  {0x153, "oe"},
    {0x166, "T"},  {0x167, "t"},  {0x1E9E, "SS"}, {0x2010, "-"}, {0x2011, "-"},  {0x2012, "-"},  {0x2013, "-"},
    {0x2014, "-"}, {0x2018, "'"}, {0x2019, "'"},  {0x201A, "'"}, {0x201C, "\""}, {0x201D, "\""}, {0x201E, "\""}};

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
    const auto* spelling = std::ranges::find(kSpellings, point, &Spelling::point);
    const bool known_before = std::exchange(known, point < 0x80 || spelling != std::end(kSpellings));
    if (point < 0x80)
      out += static_cast<char>(point);
    else if (known)
      out += spelling->ascii;
    else if (known_before)
      out += '_';
  }
  return out;
}

}  // namespace nexus
