// One character of a text, folded as a search reads it (words.hpp says to what). Words and whole texts are made of
// these.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nexus::folding {

/// Raise it with every change of what a text is folded to, or parted into; a test notices one.
inline constexpr int kRules = 2;

using Point = std::int32_t;  // a code point

/// hangul and alone: letters too. alone: a word by itself, as are Han and emoji. mark: belongs to the letter before it.
/// sign: one of "+#.", in whatever width.
enum class Kind { letter, hangul, alone, mark, sign, other };

struct Character {
  static constexpr std::size_t kPointsMax = 32;  // of what Unicode has, none needs more than 18

  Point point = 0;
  Kind kind = Kind::other;
  std::size_t bytes = 0;  // 0 at the end of the text
  bool composes = false;  // with what is beside it, for which compose() is to be called
  std::size_t count = 0;
  std::array<Point, kPointsMax> points;  // what it is folded to: the first `count`

  std::span<const Point> folded() const { return std::span(points).first(count); }
};

/// Reads the character at `at` of valid UTF-8, or the end of the text.
void read_character(Character& into, std::string_view text, std::size_t at);
Character character_at(std::string_view text, std::size_t at);

/// What people type for a lower-case letter that Unicode does not decompose: one letter or two (`ae` for `æ`), then 0.
/// All 0 for others.
std::array<Point, 2> plain_letters(Point letter);

bool is_digit_or_number(Point point);
/// White space, a control character, or an opening bracket or quote.
bool opens_word(Point point);

/// Full-width forms stand in folded words for the signs: there only letters and digits of ASCII may be, and folding
/// leaves no full-width form.
constexpr Point wide(Point sign) { return sign - 0x21 + 0xFF01; }

/// Puts marks into their order, and points together that are one character.
void compose(std::vector<Point>& points);
/// Appends the points as UTF-8, as far as `bytes_max` more bytes hold them whole.
void append(std::string& out, std::span<const Point> points, std::size_t bytes_max);

}  // namespace nexus::folding
