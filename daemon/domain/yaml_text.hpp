// What yaml.cpp reads: a text with a place in it, and the scalars of YAML. No other file includes this.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "daemon/domain/yaml.hpp"

namespace nexus::domain {

class YamlText {
 public:
  struct Mark {
    std::size_t at = 0, line = 0;
  };

  /// Makes all line ends LF, the last line's too. Throws YamlFault for bytes that YAML does not allow.
  explicit YamlText(std::string_view text);

  Mark mark() const { return {at_, line_}; }
  void go(const Mark& mark);
  void advance(std::size_t bytes = 1) { at_ += bytes; }
  std::size_t at() const { return at_; }
  /// Where the current line begins.
  std::size_t line() const { return line_; }
  std::size_t column() const { return at_ - line_; }
  /// The spaces at the begin of the current line; a tab is none.
  std::size_t indent() const;
  /// Whether a tab stands between the begin of the line and this place.
  bool tabbed() const;

  /// A byte of the text; NUL behind the end.
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  /// White space, a line's end, or the end of the text.
  bool blank(std::size_t ahead = 0) const;
  /// Whether `sign` stands here with white space behind it.
  bool indicator(char sign) const { return peek() == sign && blank(1); }
  /// Whether the byte may stand in a plain scalar. In flow style the brackets and the comma may not.
  bool plain_safe(std::size_t ahead, bool flow) const;
  /// Whether this is the begin of a line, or white space stands before.
  bool behind_blank() const;
  /// `-` or `.` for a line `---` or `...` that begins here, else NUL.
  char document_marker() const;
  /// Whether nothing is left of the document.
  bool done() const { return at_ == text_.size() || document_marker() != '\0'; }

  void skip_blanks();
  /// From a line's begin, or from white space behind a value: over comments and empty lines to what comes next.
  void to_content();
  /// To the end of a line on which only a comment may follow, and on to what comes next.
  void finish_line();
  /// Inside brackets that stand at `open`: over comments and line ends to what comes next, which must be indented by
  /// `indent`.
  void to_flow_content(std::size_t indent, std::size_t open);
  /// From a line's end to the first character of the next line that is not empty. Returns the line ends on the way.
  std::size_t fold();
  /// Takes the rest of the line, and its end.
  std::string_view take_line();

  YamlPlace place(std::size_t at) const;
  [[noreturn]] void refuse(std::size_t at, const std::string& why) const { throw YamlFault(place(at), why); }

 private:
  void judge_characters() const;

  std::string text_;
  std::size_t at_ = 0;
  std::size_t line_ = 0;
};

/// How far what stands in a list or mapping of this column is indented; -1 is none.
inline std::size_t indent_inside(int parent) { return parent < 0 ? 0 : static_cast<std::size_t>(parent) + 1; }

struct YamlScalar {
  std::size_t at = 0;
  std::string text = {};
  bool plain = false;
};

// Each reads the scalar that begins here; the lines behind its first one must be indented by `indent`.
YamlScalar read_plain(YamlText& text, std::size_t indent, bool flow);
YamlScalar read_quoted(YamlText& text, std::size_t indent);
/// A literal or folded one. Ends on the first character of what comes next. `parent` is the column of the list or
/// mapping around it; -1 if there is none.
YamlScalar read_block(YamlText& text, int parent);

}  // namespace nexus::domain
