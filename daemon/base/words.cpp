#include "daemon/base/words.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <utility>

#include "daemon/base/folding.hpp"
#include "daemon/base/text.hpp"

namespace nexus {
namespace {

using folding::Character;
using folding::Kind;
using folding::Point;

/// Finds the words of a text, one after another.
class Walk {
 public:
  explicit Walk(std::string_view text) : text_(text) { look(0); }

  /// Returns false at the end of the text.
  bool next(Word& word) {
    while (at_ < text_.size()) {
      word.begin = at_;
      if (take_signs(word) || take_letters(word)) return true;
      if (at_ == word.begin) step();
    }
    return false;
  }

 private:
  void look(std::size_t at) {
    at_ = at;
    folding::read_character(now_, text_, at_);
  }
  void step() { look(at_ + std::max<std::size_t>(now_.bytes, 1)); }

  bool take_letters(Word& word) {
    const Kind kind = now_.kind;
    if (kind != Kind::letter && kind != Kind::hangul && kind != Kind::alone) return false;
    std::size_t end = at_;
    if (kind == Kind::letter)
      while (end < text_.size() && is_alphanumeric(text_[end])) ++end;
    if (end > at_ && (end == text_.size() || static_cast<unsigned char>(text_[end]) < 0x80)) {
      word.folded = lower_ascii(text_.substr(at_, std::min(end - at_, kWordBytesMax)));
      look(end);
    } else {
      bool composes = false;
      do {
        composes = composes || now_.composes;
        points_.insert(points_.end(), now_.points.begin(),
                       now_.points.begin() + static_cast<std::ptrdiff_t>(now_.count));
        step();
      } while (at_ < text_.size() && (now_.kind == Kind::mark || (now_.kind == kind && kind != Kind::alone)));
      if (composes) folding::compose(points_);
      word.folded.clear();
      folding::append(word.folded, points_, kWordBytesMax);
      points_.clear();
    }
    word.end = at_;
    if (kind != Kind::alone) behind_word_ = at_;
    return !word.folded.empty();
  }

  bool take_signs(Word& word) {
    if (now_.kind != Kind::sign) return false;
    const Point sign = now_.points[0];
    const std::size_t count = sign == '.' ? leading_stop() : trailing_signs(sign);
    if (count == 0) return false;
    const std::array<Point, 2> points{folding::wide(sign), folding::wide(sign)};
    word.folded.clear();
    folding::append(word.folded, std::span(points).first(count), kWordBytesMax);
    for (std::size_t i = 0; i < count; ++i) step();
    word.end = at_;
    return true;
  }

  /// How many signs here belong to the word before them: C++, C++17, C#, A+; not 1+1, issue#7, a+++.
  std::size_t trailing_signs(Point sign) const {
    if (at_ != behind_word_) return 0;
    std::size_t count = 0, at = at_;
    Character after = now_;
    for (; after.kind == Kind::sign && after.points[0] == sign; ++count)
      after = folding::character_at(text_, at += after.bytes);
    if (count > (sign == '+' ? std::size_t{2} : std::size_t{1}) || (after.kind == Kind::sign && after.points[0] != '.'))
      return 0;
    return after.kind == Kind::letter && count < 2 ? 0 : count;
  }

  /// 1 for the stop of .NET, .env and their like.
  std::size_t leading_stop() const {
    const Character after = folding::character_at(text_, at_ + now_.bytes);
    if (after.kind != Kind::letter || folding::is_digit_or_number(after.point)) return 0;
    if (at_ == 0) return 1;
    std::size_t before = at_ - 1;
    while (before > 0 && (static_cast<unsigned char>(text_[before]) & 0xC0) == 0x80) --before;
    return folding::opens_word(folding::character_at(text_, before).point) ? 1 : 0;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t behind_word_ = std::string_view::npos;  // where the last word of letters ended
  Character now_;                                     // the one at `at_`
  std::vector<Point> points_;
};

}  // namespace

void for_each_word(std::string_view text, const std::function<bool(Word&)>& take) {
  Walk walk(text);
  Word word;
  while (walk.next(word) && take(word)) continue;
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

std::string fold_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  std::vector<Point> points;  // since the last ASCII character that is no letter
  bool composes = false;
  const auto end_stretch = [&] {
    if (std::exchange(composes, false)) folding::compose(points);
    folding::append(out, points, std::string::npos / 2);
    points.clear();
  };
  Character character;
  for (std::size_t at = 0; at < text.size();) {
    folding::read_character(character, text, at);
    at += character.bytes;
    composes = composes || character.composes;
    for (const Point point : character.folded()) points.push_back(point);
    if (character.point < 0x80 && character.kind != Kind::letter) end_stretch();
  }
  end_stretch();
  return out;
}

bool may_bear_particle(std::string_view folded) {
  std::size_t last = folded.size();
  while (last > 0 && (static_cast<unsigned char>(folded[--last]) & 0xC0) == 0x80) continue;
  return !folded.empty() && folding::character_at(folded, last).kind == Kind::hangul;
}

std::string words_version() { return std::to_string(folding::kRules) + " Unicode " + utf8proc_unicode_version(); }

}  // namespace nexus
