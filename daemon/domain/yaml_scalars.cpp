// The scalars of YAML: plain, quoted, literal and folded ones (YAML 1.2.2, chapters 7.3 and 8.1).
#include <utf8proc.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <vector>

#include "daemon/domain/yaml_text.hpp"

namespace nexus::domain {
namespace {

bool is_white(char c) { return c == ' ' || c == '\t'; }

/// What line ends inside a plain or quoted scalar come to: one is a space, more are one less.
void append_folded(std::string& out, std::size_t breaks) {
  if (breaks == 1) return out.push_back(' ');
  out.append(breaks - 1, '\n');
}

// ---- plain --------------------------------------------------------------------------------------------------------

bool begins_plain(const YamlText& text, bool flow) {
  constexpr std::string_view kWithMore = "-?:", kNever = ",[]{}#&*!|>'\"%@`";
  if (kWithMore.find(text.peek()) != std::string_view::npos) return text.plain_safe(1, flow);
  return !text.blank() && kNever.find(text.peek()) == std::string_view::npos;
}

/// At a character that is not white space.
bool continues_plain(const YamlText& text, bool flow) {
  if (text.peek() == ':') return text.plain_safe(1, flow);
  if (text.peek() == '#') return !text.behind_blank();
  return text.plain_safe(0, flow);
}

/// Takes the part of the scalar that stands on this line, and the white space behind it.
void append_plain_line(YamlText& text, bool flow, std::string& out) {
  std::size_t kept = out.size();
  for (; is_white(text.peek()) || continues_plain(text, flow); text.advance()) {
    out += text.peek();
    if (!is_white(text.peek())) kept = out.size();
  }
  out.resize(kept);
}

// ---- quoted -------------------------------------------------------------------------------------------------------

std::uint32_t take_hexadecimal(YamlText& text, std::size_t digits) {
  std::uint32_t value = 0;
  for (; digits > 0; --digits, text.advance()) {
    std::uint32_t digit = 0;
    const char c = text.peek();
    if (std::from_chars(&c, &c + 1, digit, 16).ec != std::errc())
      text.refuse(text.at(), "a hexadecimal digit is missing");
    value = value << 4U | digit;
  }
  return value;
}

bool is_high_surrogate(std::uint32_t code) { return code >= 0xD800 && code < 0xDC00; }
bool is_low_surrogate(std::uint32_t code) { return code >= 0xDC00 && code < 0xE000; }

/// The character of an escape that began at `start`. JSON writes those above U+FFFF as two escapes.
std::uint32_t take_code(YamlText& text, std::size_t digits, std::size_t start) {
  std::uint32_t code = take_hexadecimal(text, digits);
  if (is_high_surrogate(code) && text.peek() == '\\' && text.peek(1) == 'u') {
    text.advance(2);
    const std::uint32_t low = take_hexadecimal(text, 4);
    if (!is_low_surrogate(low)) text.refuse(start, "half of a surrogate pair is no character");
    code = 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00);
  }
  if (!utf8proc_codepoint_valid(static_cast<utf8proc_int32_t>(code))) text.refuse(start, "the escape is no character");
  return code;
}

/// At the backslash.
void append_escape(YamlText& text, std::string& out) {
  constexpr std::string_view kNames = "0abt\tnvfre \"/\\N_LP";
  constexpr std::uint32_t kCodes[] = {0,  7,   8,   9,   9,    10,   11,   12,     13,
                                      27, ' ', '"', '/', '\\', 0x85, 0xA0, 0x2028, 0x2029};
  const std::size_t start = text.at();
  const char name = text.peek(1);
  text.advance(2);
  std::uint32_t code = 0;
  if (const std::size_t found = kNames.find(name); found != std::string_view::npos)
    code = kCodes[found];
  else if (name == 'x' || name == 'u' || name == 'U')
    code = take_code(text, name == 'x' ? 2 : name == 'u' ? 4 : 8, start);
  else
    text.refuse(start, "YAML knows no such escape");
  utf8proc_uint8_t bytes[4];
  out.append(bytes, bytes + utf8proc_encode_char(static_cast<utf8proc_int32_t>(code), bytes));
}

/// From the end of a line inside quotes to where the scalar goes on. Returns the line ends.
std::size_t fold_quoted(YamlText& text, std::size_t indent, std::size_t start) {
  const std::size_t breaks = text.fold();
  if (text.done()) text.refuse(start, "this quote is never closed");
  if (text.indent() < indent) text.refuse(text.at(), "a quoted text that goes on must be indented");
  return breaks;
}

// ---- literal and folded -------------------------------------------------------------------------------------------

struct BlockHeader {
  bool folded = false;
  std::size_t indent = 0;  // 0: that of the first line that is not empty
  char chomp = ' ';        // '-' no line end behind the text, '+' all of them, ' ' one
};

BlockHeader take_block_header(YamlText& text) {
  BlockHeader header;
  header.folded = text.peek() == '>';
  text.advance();
  for (; !text.blank(); text.advance()) {
    const char c = text.peek();
    if ((c == '-' || c == '+') && header.chomp == ' ')
      header.chomp = c;
    else if (c >= '1' && c <= '9' && header.indent == 0)
      header.indent = static_cast<std::size_t>(c - '0');
    else
      text.refuse(text.at(), "behind | or > stand at most a digit from 1 to 9 and + or -");
  }
  text.skip_blanks();
  if (text.peek() != '\n' && text.peek() != '#')
    text.refuse(text.at(), "the text behind | or > begins on the next line");
  text.take_line();
  return header;
}

/// The indentation of the text that begins on this line, at least `least`. Empty lines before it may not have more.
std::size_t find_block_indent(YamlText& text, std::size_t least) {
  const YamlText::Mark begin = text.mark();
  std::size_t most = 0, most_at = text.at();
  while (!text.done() && text.peek(text.indent()) == '\n') {
    if (text.indent() > most) {
      most = text.indent();
      most_at = text.at();
    }
    text.take_line();
  }
  const bool found = !text.done() && text.indent() >= least;
  const std::size_t indent = found ? text.indent() : std::max(most, least);
  if (most > indent) text.refuse(most_at, "an empty line has more blanks than the text behind it");
  text.go(begin);
  return indent;
}

/// The lines of the text without their indentation.
std::vector<std::string_view> take_block_lines(YamlText& text, std::size_t indent) {
  std::vector<std::string_view> lines;
  while (!text.done()) {
    const std::size_t spaces = text.indent();
    const bool empty = text.peek(spaces) == '\n';
    if (spaces < indent && !empty) break;
    const std::string_view line = text.take_line();
    lines.push_back(line.substr(std::min(indent, line.size())));
  }
  return lines;
}

/// Joins the lines that are not empty. Folding turns one line end into a space, but not beside an indented line.
std::string join_block(const std::vector<std::string_view>& lines, const BlockHeader& header) {
  std::string out;
  std::size_t breaks = 0;
  bool first = true, indented = false;
  for (const std::string_view line : lines) {
    ++breaks;
    if (line.empty()) continue;
    const bool also = is_white(line[0]);
    if (first)
      out.append(breaks - 1, '\n');
    else if (header.folded && !indented && !also)
      append_folded(out, breaks);
    else
      out.append(breaks, '\n');
    out += line;
    breaks = 0;
    first = false;
    indented = also;
  }
  if (header.chomp == '+') out.append(first ? breaks : breaks + 1, '\n');
  if (header.chomp == ' ' && !first) out += '\n';
  return out;
}

}  // namespace

YamlScalar read_plain(YamlText& text, std::size_t indent, bool flow) {
  if (!begins_plain(text, flow)) text.refuse(text.at(), "no value begins with this character: quote it if it is text");
  YamlScalar scalar{.at = text.at(), .plain = true};
  append_plain_line(text, flow, scalar.text);
  while (text.peek() == '\n') {
    const YamlText::Mark end = text.mark();
    const std::size_t breaks = text.fold();
    if (text.done() || text.indent() < indent || !continues_plain(text, flow)) {
      text.go(end);
      break;
    }
    append_folded(scalar.text, breaks);
    append_plain_line(text, flow, scalar.text);
  }
  return scalar;
}

YamlScalar read_quoted(YamlText& text, std::size_t indent) {
  YamlScalar scalar{.at = text.at()};
  std::string& out = scalar.text;
  const char quote = text.peek();
  std::size_t kept = 0;  // white space behind it stands at the end of the line
  for (text.advance(); text.peek() != quote || (quote == '\'' && text.peek(1) == quote);) {
    const char c = text.peek();
    if (c == '\n') {
      out.resize(kept);
      append_folded(out, fold_quoted(text, indent, scalar.at));
    } else if (quote == '"' && c == '\\' && text.peek(1) == '\n') {
      text.advance();
      out.append(fold_quoted(text, indent, scalar.at) - 1, '\n');
    } else if (quote == '"' && c == '\\') {
      append_escape(text, out);
    } else {
      out += c;
      text.advance(c == '\'' && quote == c ? 2 : 1);
    }
    if (!is_white(c)) kept = out.size();
  }
  text.advance();
  return scalar;
}

YamlScalar read_block(YamlText& text, int parent) {
  YamlScalar scalar{.at = text.at()};
  const BlockHeader header = take_block_header(text);
  const auto around = static_cast<std::size_t>(std::max(parent, 0));
  const std::size_t indent =
      header.indent > 0 ? around + header.indent : find_block_indent(text, indent_inside(parent));
  scalar.text = join_block(take_block_lines(text, indent), header);
  if (!text.done() && text.peek(text.indent()) == '\t') text.refuse(text.at(), "a tab does not indent: use blanks");
  text.to_content();
  return scalar;
}

}  // namespace nexus::domain
