#include "daemon/base/folding.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "daemon/base/text.hpp"

namespace nexus::folding {
namespace {

struct Range {
  Point first, last;
};

bool is_in(Point point, std::span<const Range> ranges) {
  return std::ranges::any_of(ranges, [&](const Range& range) { return point >= range.first && point <= range.last; });
}

// ---- what a character is -------------------------------------------------------------------------------------------

/// Scripts whose writers put no space between words.
bool is_word_alone(Point point) {
  static constexpr Range ranges[] = {{0x0E00, 0x0EFF}, {0x1000, 0x109F}, {0x1780, 0x17FF},
                                     {0x3040, 0x30FF}, {0x31F0, 0x31FF}, {0x3400, 0x4DBF},
                                     {0x4E00, 0x9FFF}, {0xF900, 0xFAFF}, {0x20000, 0x3FFFF}};
  return point >= 0x0E00 && is_in(point, ranges);
}

bool is_hangul_syllable(Point point) { return point >= 0xAC00 && point <= 0xD7A3; }
bool is_jamo(Point point) { return point >= 0x1100 && point <= 0x11FF; }

/// Soft hyphen and zero width (non-)joiner: ignored inside a word.
bool is_invisible(Point point) { return point == 0x00AD || point == 0x200C || point == 0x200D; }

bool is_mark(Point point) {
  const auto category = utf8proc_category(point);
  return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC || category == UTF8PROC_CATEGORY_ME;
}

bool is_letter(Point point) {
  switch (utf8proc_category(point)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
    case UTF8PROC_CATEGORY_CO:
      return true;
    default:
      return false;
  }
}

/// Accents, the points of Hebrew and Arabic, overlays and enclosing marks, which are folded away: Unicode gives them
/// these classes. The vowel signs of Indic scripts, and the marks of kana, Thai and their like have others, and stay.
bool is_accent(Point point) {
  const auto of = utf8proc_get_property(point)->combining_class;
  return of == 1 || (of >= 10 && of <= 36) || of >= 200 || utf8proc_category(point) == UTF8PROC_CATEGORY_ME;
}

/// Arrows, emoji and the like. The signs of rights before them (such as ©) stand behind names and are no words.
bool is_pictograph(Point point) {
  const auto bounds = utf8proc_get_property(point)->boundclass;
  return point >= 0x2190 &&
         (bounds == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC || bounds == UTF8PROC_BOUNDCLASS_REGIONAL_INDICATOR);
}

bool is_skin_tone(Point point) { return point >= 0x1F3FB && point <= 0x1F3FF; }

// ---- folding -------------------------------------------------------------------------------------------------------

/// Letters without a decomposition, and what people type for them. Latin ones are those of CLDR's Latin-ASCII as far as
/// living orthographies use them; those of Arabic and Persian are spellings of one letter. In order; lower case alone.
struct Plain {
  Point letter;
  Point first, second = 0;
};
constexpr Plain kPlain[] = {
    {0x00E6, 'a', 'e'}, {0x00F0, 'd'},    {0x00F8, 'o'},    {0x00FE, 't', 'h'}, {0x0111, 'd'},      {0x0127, 'h'},
    {0x0131, 'i'},      {0x0138, 'q'},    {0x0142, 'l'},    {0x014B, 'n'},      {0x0153, 'o', 'e'}, {0x0167, 't'},
    {0x0180, 'b'},      {0x0183, 'b'},    {0x0188, 'c'},    {0x018C, 'd'},      {0x0192, 'f'},      {0x0195, 'h', 'v'},
    {0x0199, 'k'},      {0x019A, 'l'},    {0x019E, 'n'},    {0x01A3, 'o', 'i'}, {0x01A5, 'p'},      {0x01AB, 't'},
    {0x01AD, 't'},      {0x01B4, 'y'},    {0x01B6, 'z'},    {0x01E5, 'g'},      {0x0221, 'd'},      {0x0225, 'z'},
    {0x0234, 'l'},      {0x0235, 'n'},    {0x0236, 't'},    {0x0237, 'j'},      {0x023C, 'c'},      {0x023F, 's'},
    {0x0240, 'z'},      {0x0247, 'e'},    {0x0249, 'j'},    {0x024D, 'r'},      {0x024F, 'y'},      {0x0253, 'b'},
    {0x0254, 'o'},      {0x0256, 'd'},    {0x0257, 'd'},    {0x025B, 'e'},      {0x0268, 'i'},      {0x0272, 'n'},
    {0x0289, 'u'},      {0x028B, 'v'},    {0x0629, 0x0647}, {0x0649, 0x064A},   {0x0671, 0x0627},   {0x06A9, 0x0643},
    {0x06C1, 0x0647},   {0x06CC, 0x064A}, {0x06D2, 0x064A}, {0x06D5, 0x0647}};
static_assert(std::ranges::is_sorted(kPlain, {}, &Plain::letter));

constexpr Point kTatweel = 0x0640;

void become(Character& character, Kind kind, Point folded) {
  character.kind = kind;
  character.composes = false;
  character.count = 1;
  character.points[0] = folded;
}

void decompose(Character& character, int compatibility) {
  constexpr std::uint16_t none = UINT16_MAX;
  const auto* property = utf8proc_get_property(character.point);
  if (property->decomp_seqindex == none && property->casefold_seqindex == none && !property->ignorable) {
    character.count = 1;
    character.points[0] = character.point;
    return;
  }
  constexpr int usual = UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE;
  int bounds = UTF8PROC_BOUNDCLASS_START;
  const auto count = utf8proc_decompose_char(character.point, character.points.data(),
                                             static_cast<utf8proc_ssize_t>(Character::kPointsMax),
                                             static_cast<utf8proc_option_t>(usual | compatibility), &bounds);
  character.count = static_cast<std::size_t>(std::clamp<utf8proc_ssize_t>(count, 0, Character::kPointsMax));
}

/// Whether a word may take these points in the place of one character. Not those of a fraction, of a unit with a sign,
/// or of a ligature of several words.
bool is_spelling(std::span<const Point> points) {
  return !points.empty() && is_letter(points.front()) &&
         std::ranges::all_of(points, [](Point point) { return is_letter(point) || is_mark(point); });
}

Kind kind_of_letter(const Character& character) {
  const Point point = character.point, first = character.points[0];
  if (is_hangul_syllable(point) || is_jamo(first)) return Kind::hangul;
  return is_word_alone(first) || is_word_alone(point) ? Kind::alone : Kind::letter;
}

Kind kind_of(const Character& character, bool is_spelt) {
  const Point point = character.point;
  if (is_mark(point) || is_invisible(point) || is_skin_tone(point) || point == kTatweel) return Kind::mark;
  if (!is_letter(point)) {
    // A unit in one character, or a trade mark: only what it is spelt as is a word.
    const bool raised = utf8proc_get_property(point)->decomp_type == UTF8PROC_DECOMP_TYPE_SUPER;
    return (is_spelt && !raised) || (!is_spelt && is_pictograph(point)) ? Kind::alone : Kind::other;
  }
  if (std::ranges::all_of(character.folded(), is_mark)) return Kind::mark;  // voicing of half-width kana; fillers
  return kind_of_letter(character);
}

void drop_accents(Character& character) {
  std::size_t kept = 0;
  for (const Point point : character.folded()) {
    if (is_accent(point) || is_skin_tone(point) || point == kTatweel) continue;
    character.points[kept++] = point;
    character.composes = character.composes || is_mark(point) || is_jamo(point);
  }
  character.count = kept;
}

void spell_plainly(Character& character) {
  for (std::size_t at = 0; at < character.count; ++at) {
    Point& point = character.points[at];
    for (const Point zero : {0x0660, 0x06F0})  // digits of Arabic and Persian keyboards
      if (point >= zero && point <= zero + 9) point = point - zero + '0';
    const auto [first, second] = plain_letters(point);
    if (first == 0) continue;
    point = first;
    if (second == 0 || character.count == Character::kPointsMax) continue;
    std::shift_right(character.points.begin() + static_cast<std::ptrdiff_t>(++at), character.points.end(), 1);
    character.points[at] = second;
    ++character.count;
  }
}

bool is_sign(Point point) { return point == '+' || point == '#' || point == '.'; }

void fold(Character& character) {
  const Point point = character.point;
  if (point < 0x80) {
    const char c = static_cast<char>(point);
    become(character,
           is_alphanumeric(c) ? Kind::letter
           : is_sign(point)   ? Kind::sign
                              : Kind::other,
           c >= 'A' && c <= 'Z' ? point - 'A' + 'a' : point);
    return;
  }
  if (point >= 0x4E00 && point <= 0x9FFF) return become(character, Kind::alone, point);
  if (is_hangul_syllable(point)) return become(character, Kind::hangul, point);
  character.composes = false;
  decompose(character, UTF8PROC_COMPAT);
  if (character.count == 1 && is_letter(point) && is_letter(character.points[0]) && point != kTatweel &&
      !is_jamo(character.points[0])) {  // most letters
    character.kind = kind_of_letter(character);
    spell_plainly(character);
    return;
  }
  if (character.count == 1 && is_sign(character.points[0])) {
    character.kind = Kind::sign;
    return;
  }
  const bool is_spelt = is_spelling(character.folded());
  character.kind = kind_of(character, is_spelt);
  if (character.kind == Kind::other) return;
  const bool is_mark_only = std::ranges::all_of(character.folded(), is_mark);
  if (!is_spelt && !is_mark_only) decompose(character, 0);
  drop_accents(character);
  spell_plainly(character);
}

}  // namespace

void read_character(Character& into, std::string_view text, std::size_t at) {
  into.kind = Kind::other;
  into.point = 0;
  into.bytes = into.count = 0;
  if (at >= text.size()) return;
  if (const auto byte = static_cast<unsigned char>(text[at]); byte < 0x80) {
    into.point = byte;
    into.bytes = 1;
    return fold(into);
  }
  const auto used = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + at,
                                     static_cast<utf8proc_ssize_t>(text.size() - at), &into.point);
  into.bytes = used > 0 ? static_cast<std::size_t>(used) : 1;
  if (used > 0) fold(into);
}

Character character_at(std::string_view text, std::size_t at) {
  Character character;
  read_character(character, text, at);
  return character;
}

std::array<Point, 2> plain_letters(Point letter) {
  if (letter < kPlain[0].letter || letter > std::end(kPlain)[-1].letter) return {};
  const auto* plain = std::ranges::lower_bound(kPlain, letter, {}, &Plain::letter);
  return plain->letter == letter ? std::array{plain->first, plain->second} : std::array<Point, 2>{};
}

bool is_digit_or_number(Point point) {
  const auto category = utf8proc_category(point);
  return category == UTF8PROC_CATEGORY_ND || category == UTF8PROC_CATEGORY_NL || category == UTF8PROC_CATEGORY_NO;
}

bool opens_word(Point point) {
  switch (utf8proc_category(point)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_PS:
    case UTF8PROC_CATEGORY_PI:
      return true;
    default:
      return point == '/' || point == '"' || point == '\'' || point == '`';
  }
}

void compose(std::vector<Point>& points) {
  const auto order = [](Point point) { return utf8proc_get_property(point)->combining_class; };
  for (auto at = points.begin(); at != points.end();) {
    const auto starter = std::find_if(at, points.end(), [&](Point point) { return order(point) == 0; });
    std::ranges::stable_sort(at, starter, {}, order);
    at = starter == points.end() ? starter : starter + 1;
  }
  const auto count = utf8proc_normalize_utf32(points.data(), static_cast<utf8proc_ssize_t>(points.size()),
                                              static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  points.resize(static_cast<std::size_t>(std::max<utf8proc_ssize_t>(count, 0)));
}

void append(std::string& out, std::span<const Point> points, std::size_t bytes_max) {
  bytes_max += out.size();
  for (const Point point : points) {
    std::array<utf8proc_uint8_t, 4> encoded{};
    const auto used = static_cast<std::size_t>(utf8proc_encode_char(point, encoded.data()));
    if (out.size() + used > bytes_max) return;
    out.append(reinterpret_cast<const char*>(encoded.data()), used);
  }
}

}  // namespace nexus::folding
