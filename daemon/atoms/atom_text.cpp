#include "daemon/atoms/atom_text.hpp"

#include <utility>

#include "daemon/atoms/problems.hpp"
#include "daemon/base/problem.hpp"
#include "daemon/base/text.hpp"

namespace nexus::atoms {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// Bytes at the end that may be the beginning of a code point.
std::size_t cut_bytes(std::string_view text) {
  for (std::size_t back = 1; back <= 3 && back <= text.size(); ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if (continues(static_cast<char>(byte))) continue;
    const std::size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}

/// Returns the bytes of the first `points` code points of valid text, or all of it. Sets `points` to their number.
std::string_view front_of(std::string_view text, std::size_t& points) {
  std::size_t seen = 0, at = 0;
  for (; at < text.size(); ++at) {
    if (continues(text[at])) continue;
    if (seen == points) break;
    ++seen;
  }
  points = seen;
  return text.substr(0, at);
}

}  // namespace

void TextCutter::take(std::string_view chunk) {
  std::string joined;
  if (!tail_.empty()) {
    joined = tail_ + std::string(chunk);
    chunk = joined;
  }
  const std::size_t whole = chunk.size() - cut_bytes(chunk);
  const std::string_view text = chunk.substr(0, whole);
  if (!is_utf8(text)) throw Problem(problems::atom_not_text, "the asset's bytes are not UTF-8");
  if (text.find('\0') != std::string_view::npos) throw Problem(problems::atom_not_text, "the asset holds a NUL byte");
  const std::string tail(chunk.substr(whole));
  tail_ = tail;
  const bool begins = !text.empty() && !std::exchange(begun_, true);
  const bool is_marked = begins && text.starts_with(kByteOrderMark) && !std::holds_alternative<IdentityCut>(cut_);
  take_valid(text.substr(is_marked ? kByteOrderMark.size() : 0));
}

void TextCutter::finish() {
  if (!tail_.empty()) throw Problem(problems::atom_not_text, "the asset ends within a character");
  if (std::holds_alternative<IdentityCut>(cut_)) write({});
  if (cr_) scan_line("\r");
  if (in_line_) end_line({});
  close();
}

void TextCutter::take_valid(std::string_view text) {
  if (std::holds_alternative<IdentityCut>(cut_)) return write(text);
  while (!text.empty()) {
    if (cr_) {
      cr_ = false;
      if (text.front() == '\n') {
        end_line("\r\n");
        text.remove_prefix(1);
        continue;
      }
      scan_line("\r");
    }
    const std::size_t at = text.find('\n');
    std::string_view line = text.substr(0, at);
    const bool cr = line.ends_with('\r');
    if (cr) line.remove_suffix(1);
    scan_line(line);
    if (at == std::string_view::npos) {
      cr_ = cr;
      return;
    }
    end_line(cr ? "\r\n" : "\n");
    text.remove_prefix(at + 1);
  }
}

/// Takes bytes of the line. Holds back its leading blanks until another byte follows them.
void TextCutter::scan_line(std::string_view bytes) {
  if (bytes.empty()) return;
  if (!in_line_) {
    const bool blank = bytes.find_first_not_of(" \t") == std::string_view::npos;
    if (blank && blanks_.size() + bytes.size() <= kBlankBytesMax) {
      blanks_ += bytes;
      return;
    }
    in_line_ = true;
    text(blanks_);
    blanks_.clear();
  }
  text(bytes);
}

void TextCutter::end_line(std::string_view line_end) {
  if (in_line_)
    line_ended(line_end);
  else
    blank_line();
  in_line_ = false;
  blanks_.clear();
}

void TextCutter::text(std::string_view text) {
  if (text.empty()) return;
  write(held_line_end_);
  held_line_end_.clear();
  write(text);
}

void TextCutter::line_ended(std::string_view line_end) {
  if (std::holds_alternative<LineCut>(cut_)) return close();
  held_line_end_ = line_end;
}

void TextCutter::blank_line() {
  held_line_end_.clear();
  close();
}

void TextCutter::write(std::string_view text) {
  const auto* paragraphs = std::get_if<ParagraphCut>(&cut_);
  if (paragraphs == nullptr) {
    if (text.empty() && !std::holds_alternative<IdentityCut>(cut_)) return;
    if (!open_) sink_.begin();
    open_ = true;
    return sink_.append(text);
  }
  while (!text.empty()) {
    if (open_ && points_ == paragraphs->max_chars) close();
    if (!open_) sink_.begin();
    open_ = true;
    std::size_t points = paragraphs->max_chars - points_;
    const std::string_view front = front_of(text, points);
    sink_.append(front);
    points_ += points;
    text.remove_prefix(front.size());
  }
}

void TextCutter::close() {
  if (open_) sink_.end();
  open_ = false;
  points_ = 0;
}

}  // namespace nexus::atoms
