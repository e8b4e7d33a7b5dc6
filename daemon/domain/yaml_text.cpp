#include "daemon/domain/yaml_text.hpp"

#include <algorithm>
#include <cstdio>

#include "daemon/base/text.hpp"

namespace nexus::domain {
namespace {

constexpr std::string_view kYamlByteOrderMark = "\xEF\xBB\xBF";

std::string with_line_feeds(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    out += text[i] == '\r' ? '\n' : text[i];
  }
  if (!out.empty() && out.back() != '\n') out += '\n';
  return out;
}

bool is_flow_sign(char c) { return c == ',' || c == '[' || c == ']' || c == '{' || c == '}'; }

/// Bytes of UTF-8 that YAML does not take unescaped (section 5.1): C0 and C1 controls, DEL, byte order marks, U+FFFE
/// and U+FFFF. NEL (U+0085) is taken.
bool is_unprintable(std::string_view rest) {
  const auto first = static_cast<unsigned char>(rest[0]);
  if (first < 0x20) return first != '\t' && first != '\n';
  if (first == 0xC2) return static_cast<unsigned char>(rest[1]) < 0xA0 && rest[1] != '\x85';
  return first == 0x7F || (first == 0xEF && (rest.starts_with(kYamlByteOrderMark) || rest.starts_with("\xEF\xBF\xBE") ||
                                             rest.starts_with("\xEF\xBF\xBF")));
}

/// How YAML writes the first character of a valid text, which is none above U+FFFF: `\x1b`, `\ufeff`.
std::string escaped(std::string_view rest) {
  const auto bits = [&](std::size_t at) { return static_cast<unsigned>(static_cast<unsigned char>(rest[at])) & 0x3F; };
  const auto first = static_cast<unsigned char>(rest[0]);
  const unsigned point = first < 0x80   ? first
                         : first < 0xE0 ? (first & 0x1FU) << 6 | bits(1)
                                        : (first & 0x0FU) << 12 | bits(1) << 6 | bits(2);
  char text[16];
  std::snprintf(text, sizeof text, point < 0x100 ? "\\x%02x" : "\\u%04x", point);
  return text;
}

}  // namespace

YamlText::YamlText(std::string_view text) : text_(with_line_feeds(text)) {
  if (std::string_view(text_).starts_with(kYamlByteOrderMark)) text_.erase(0, kYamlByteOrderMark.size());
  judge_characters();
}

void YamlText::judge_characters() const {
  if (!is_utf8(text_)) throw YamlFault({}, "is not UTF-8");
  for (std::size_t at = 0; at < text_.size(); ++at)
    if (is_unprintable(std::string_view(text_).substr(at)))
      refuse(at, "control characters are not taken: write " + escaped(std::string_view(text_).substr(at)) +
                     " between double quotes");
}

void YamlText::go(const Mark& mark) {
  at_ = mark.at;
  line_ = mark.line;
}

std::size_t YamlText::indent() const { return std::min(text_.find_first_not_of(' ', line_), text_.size()) - line_; }

bool YamlText::tabbed() const {
  return std::string_view(text_).substr(line_, at_ - line_).find('\t') != std::string_view::npos;
}

bool YamlText::blank(std::size_t ahead) const {
  const char c = peek(ahead);
  return c == ' ' || c == '\t' || c == '\n' || c == '\0';
}

bool YamlText::plain_safe(std::size_t ahead, bool flow) const {
  return !blank(ahead) && !(flow && is_flow_sign(peek(ahead)));
}

bool YamlText::behind_blank() const { return at_ == line_ || text_[at_ - 1] == ' ' || text_[at_ - 1] == '\t'; }

char YamlText::document_marker() const {
  const std::string_view rest = std::string_view(text_).substr(at_);
  const bool found = at_ == line_ && (rest.starts_with("---") || rest.starts_with("...")) && blank(3);
  return found ? rest[0] : '\0';
}

void YamlText::skip_blanks() {
  while (peek() == ' ' || peek() == '\t') ++at_;
}

void YamlText::to_content() {
  for (;;) {
    skip_blanks();
    if (peek() == '#' && behind_blank()) at_ = text_.find('\n', at_);
    if (peek() != '\n') return;
    line_ = ++at_;
  }
}

void YamlText::finish_line() {
  const std::size_t line = line_;
  to_content();
  if (line_ != line || at_ == text_.size()) return;
  refuse(at_,
         peek() == '#' ? "a comment begins behind a blank" : "the value has ended: nothing but a comment may follow");
}

void YamlText::to_flow_content(std::size_t indent, std::size_t open) {
  const std::size_t line = line_;
  to_content();
  if (done()) refuse(open, "this bracket is never closed");
  if (line_ != line && this->indent() < indent) refuse(at_, "what stands in brackets must be indented here");
}

std::size_t YamlText::fold() {
  std::size_t breaks = 0;
  for (; peek() == '\n'; skip_blanks()) {
    line_ = ++at_;
    ++breaks;
  }
  return breaks;
}

std::string_view YamlText::take_line() {
  const std::size_t end = text_.find('\n', at_);
  const std::string_view line = std::string_view(text_).substr(at_, end - at_);
  line_ = at_ = end + 1;
  return line;
}

YamlPlace YamlText::place(std::size_t at) const {
  YamlPlace place;
  for (const char c : std::string_view(text_).substr(0, at)) {
    if (c == '\n') ++place.line;
    if (c == '\n')
      place.column = 1;
    else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U)
      ++place.column;
  }
  return place;
}

}  // namespace nexus::domain
