// A line that is typed while other lines come in. Only for a terminal: what comes in is printed above the line, which
// stays as it was typed. The only file that knows libedit.
//
// Threads: one at a time. A terminal has one editor.
#pragma once
#include <functional>
#include <memory>
#include <string>

namespace nexus::cli {

class LineEditor {
 public:
  /// Null when standard input or output is no terminal. The terminal is as before once the editor is gone.
  static std::unique_ptr<LineEditor> on_terminal();
  ~LineEditor();
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;

  /// Takes one key, when standard input is readable. Calls `line` with a line that is whole. Returns false at the end
  /// of the input (Ctrl-D on an empty line).
  bool take_key(const std::function<void(std::string)>& line);
  /// Runs `print`, whose output stands above the typed line.
  void above(const std::function<void()>& print);

 private:
  struct Impl;
  explicit LineEditor(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace nexus::cli
