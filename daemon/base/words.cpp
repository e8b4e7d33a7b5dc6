#include "daemon/base/words.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <span>

#include "daemon/base/text.hpp"

namespace nexus {
namespace {

using Point = utf8proc_int32_t;

struct Range {
  Point first, last;
};

bool is_in(Point point, std::span<const Range> ranges) {
  return std::ranges::any_of(ranges, [&](const Range& range) { return point >= range.first && point <= range.last; });
}

/// Scripts whose writers put no space between words.
bool is_word_alone(Point point) {
  static constexpr Range ranges[] = {{0x0E00, 0x0EFF}, {0x1000, 0x109F}, {0x1780, 0x17FF},
                                     {0x3040, 0x30FF}, {0x31F0, 0x31FF}, {0x3400, 0x4DBF},
                                     {0x4E00, 0x9FFF}, {0xF900, 0xFAFF}, {0x20000, 0x3FFFF}};
  return point >= 0x0E00 && is_in(point, ranges);
}

/// Accents and the like, which are folded away. The vowel signs of Indic scripts are marks too, and stay.
bool is_diacritic(Point point) {
  static constexpr std::array<Range, 5> ranges = {
      {{0x0300, 0x036F}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x20D0, 0x20FF}, {0xFE20, 0xFE2F}}};
  return is_in(point, ranges);
}

/// Soft hyphen and zero width (non-)joiner: ignored inside a word.
bool is_invisible(Point point) { return point == 0x00AD || point == 0x200C || point == 0x200D; }

enum class Kind { letter, mark, other };

Kind kind_of(Point point) {
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
      return Kind::letter;
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
      return Kind::mark;
    default:
      return is_invisible(point) ? Kind::mark : Kind::other;
  }
}

/// Decomposed, case-folded, without diacritics, composed again. Of ASCII only letters and digits are left.
std::string fold(std::string_view text) {
  const bool ascii = std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (ascii) return lower_ascii(text.substr(0, kWordBytesMax));
  constexpr auto options =
      static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  const auto size = static_cast<utf8proc_ssize_t>(text.size());
  std::vector<Point> points(text.size() * 4 + 4);
  auto count = utf8proc_decompose(bytes, size, points.data(), static_cast<utf8proc_ssize_t>(points.size()), options);
  if (count < 0 || count > static_cast<utf8proc_ssize_t>(points.size())) return {};
  points.resize(static_cast<std::size_t>(count));
  std::erase_if(points, is_diacritic);
  count = utf8proc_normalize_utf32(points.data(), static_cast<utf8proc_ssize_t>(points.size()),
                                   static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  std::string out;
  for (utf8proc_ssize_t i = 0; i < count; ++i) {
    const Point point = points[static_cast<std::size_t>(i)];
    if (point < 0x80 && !is_alphanumeric(static_cast<char>(point))) continue;  // an index may rely on that
    std::array<utf8proc_uint8_t, 4> encoded{};
    const auto used = static_cast<std::size_t>(utf8proc_encode_char(point, encoded.data()));
    if (out.size() + used > kWordBytesMax) break;
    out.append(reinterpret_cast<const char*>(encoded.data()), used);
  }
  return out;
}

/// Walks over code points; `word_end` says where the word that begins at `at` ends.
class Walk {
 public:
  explicit Walk(std::string_view text) : text_(text) {}

  bool at_end() const { return at_ >= text_.size(); }
  std::size_t at() const { return at_; }

  /// Skips characters that belong to no word. Returns false at the end of the text.
  bool skip_to_word() {
    for (; !at_end(); step())
      if (look() == Kind::letter) return true;
    return false;
  }

  void skip_word() {
    const bool alone = is_word_alone(point_);
    step();
    while (!at_end()) {
      const Kind kind = look();
      if (kind == Kind::other || (kind == Kind::letter && (alone || is_word_alone(point_)))) return;
      step();
    }
  }

 private:
  Kind look() {
    const auto c = static_cast<unsigned char>(text_[at_]);
    if (c < 0x80) {
      point_ = c;
      used_ = 1;
      return is_alphanumeric(text_[at_]) ? Kind::letter : Kind::other;
    }
    const auto used = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text_.data()) + at_,
                                       static_cast<utf8proc_ssize_t>(text_.size() - at_), &point_);
    used_ = used > 0 ? static_cast<std::size_t>(used) : 1;
    return used > 0 ? kind_of(point_) : Kind::other;
  }
  void step() { at_ += used_; }

  std::string_view text_;
  std::size_t at_ = 0, used_ = 1;
  Point point_ = 0;
};

}  // namespace

void for_each_word(std::string_view text, const std::function<bool(Word&)>& take) {
  Walk walk(text);
  Word word;
  while (walk.skip_to_word()) {
    word.begin = walk.at();
    walk.skip_word();
    word.end = walk.at();
    word.folded = fold(text.substr(word.begin, word.end - word.begin));
    if (!word.folded.empty() && !take(word)) return;
  }
}

std::vector<Word> words_of(std::string_view text) {
  std::vector<Word> words;
  for_each_word(text, [&](Word& word) {
    words.push_back(std::move(word));
    return true;
  });
  return words;
}

std::int64_t append_words(std::string& out, std::string_view text) {
  std::int64_t count = 0;
  for_each_word(text, [&](Word& word) {
    out.append(word.folded).push_back(' ');
    ++count;
    return true;
  });
  return count;
}

std::int64_t append_words_of_values(std::string& out, const Json& value) {
  if (value.is_string()) return append_words(out, value.get_ref<const std::string&>());
  if (value.is_number()) return append_words(out, value.dump());
  std::int64_t count = 0;
  if (value.is_structured())
    for (const auto& each : value) count += append_words_of_values(out, each);
  return count;
}

}  // namespace nexus
