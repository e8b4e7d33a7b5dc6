// Cuts streaming text into atoms: whole, by paragraphs, or by lines. Plain functions of bytes: no storage, no ids. The
// same bytes give the same atoms, however they are chunked.
//
// Text is UTF-8 without NUL. A byte order mark at its very beginning is no part of its lines. A line ends with LF or
// CRLF, which is not part of it; a lone CR is content. A line of only spaces and tabs is blank (up to kBlankBytesMax of
// them, to bound the bytes held back). Blank lines make no atoms, and separate paragraphs. The line ends within a
// paragraph are kept unchanged.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

namespace nexus::atoms {

inline constexpr std::size_t kBlankBytesMax = 1024;

/// All of the text is one atom, even an empty one.
struct IdentityCut {};
/// Each line.
struct LineCut {};
/// Each paragraph. A paragraph of more than `max_chars` code points is cut after every `max_chars`.
struct ParagraphCut {
  std::size_t max_chars = 0;
};
using Cut = std::variant<IdentityCut, LineCut, ParagraphCut>;

/// Called for each atom: begin, its bytes in any number of pieces, end.
class AtomSink {
 public:
  virtual ~AtomSink() = default;
  virtual void begin() = 0;
  virtual void append(std::string_view text) = 0;
  virtual void end() = 0;
};

class TextCutter {
 public:
  /// `sink` must outlive this.
  TextCutter(const Cut& cut, AtomSink& sink) : cut_(cut), sink_(sink) {}

  /// Throws Problem atom.not_text, and whatever the sink throws.
  void take(std::string_view chunk);
  void finish();

 private:
  void take_valid(std::string_view text);
  void scan_line(std::string_view text);
  void end_line(std::string_view line_end);
  // How lines become atoms, by cut.
  void text(std::string_view text);
  void line_ended(std::string_view line_end);
  void blank_line();
  void write(std::string_view text);
  void close();

  Cut cut_;
  AtomSink& sink_;
  bool begun_ = false;         // behind a byte order mark, if there was one
  std::string tail_;           // the first bytes of a code point that the chunk cut
  bool cr_ = false;            // the last byte was CR: a line end if LF follows
  bool in_line_ = false;       // the line holds more than blanks
  std::string blanks_;         // leading blanks of the line, while it holds nothing else
  bool open_ = false;          // an atom has begun
  std::size_t points_ = 0;     // code points of that atom
  std::string held_line_end_;  // within a paragraph, if it goes on
};

}  // namespace nexus::atoms
