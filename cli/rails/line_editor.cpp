#include "cli/rails/line_editor.hpp"

#include <histedit.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <string_view>

#include "cli/engine/escape.hpp"

namespace nexus::cli {
namespace {

constexpr const char* kPrompt = "> ";

// libedit takes plain functions. It hands the editor back to them.
char* prompt(EditLine*) {
  static char text[] = "> ";
  return text;
}

std::size_t columns() {
  winsize size{};
  return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80U;
}

}  // namespace

struct LineEditor::Impl {
  Impl() : editor(el_init("nexusctl", stdin, stdout, stderr)) {
    if (editor == nullptr) return;
    el_set(editor, EL_CLIENTDATA, this);
    el_set(editor, EL_PROMPT, prompt);
    el_set(editor, EL_EDITOR, "emacs");
    el_set(editor, EL_ADDFN, "nexus-end-of-input", "ends the input on an empty line", end_of_input);
    el_set(editor, EL_BIND, "^D", "nexus-end-of-input", nullptr);
    el_set(editor, EL_UNBUFFERED, 1);  // key by key; also makes the terminal raw and shows the prompt
  }
  ~Impl() {
    if (editor == nullptr) return;
    erase();
    el_set(editor, EL_UNBUFFERED, 0);
    el_end(editor);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  std::string_view typed() const {
    const LineInfo* line = el_line(editor);
    return {line->buffer, static_cast<std::size_t>(line->lastchar - line->buffer)};
  }

  /// libedit itself cannot tell this end from a line that was emptied.
  static unsigned char end_of_input(EditLine* editor, int) {
    void* self = nullptr;
    el_get(editor, EL_CLIENTDATA, &self);
    auto& impl = *static_cast<Impl*>(self);
    if (impl.typed().empty()) impl.ended = true;
    return CC_NORM;
  }

  /// Takes the prompt and the typed line off the screen; a long one covers several rows.
  void erase() const {
    const LineInfo* line = el_line(editor);
    const std::string before(line->buffer, static_cast<std::size_t>(line->cursor - line->buffer));
    const std::size_t rows = (display_width(kPrompt) + display_width(before)) / columns();
    std::fputs("\r", stdout);
    if (rows > 0) std::fprintf(stdout, "\x1b[%zuA", rows);
    std::fputs("\x1b[J", stdout);
    std::fflush(stdout);
  }

  EditLine* editor;
  bool ended = false;
};

LineEditor::LineEditor(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LineEditor::~LineEditor() = default;

std::unique_ptr<LineEditor> LineEditor::on_terminal() {
  if (::isatty(STDIN_FILENO) == 0 || ::isatty(STDOUT_FILENO) == 0) return nullptr;
  auto impl = std::make_unique<Impl>();
  if (impl->editor == nullptr) return nullptr;
  return std::unique_ptr<LineEditor>(new LineEditor(std::move(impl)));
}

bool LineEditor::take_key(const std::function<void(std::string)>& line) {
  int count = 0;
  const char* text = el_gets(impl_->editor, &count);
  if (count < 0 || impl_->ended) return false;
  if (text == nullptr || count == 0 || (text[count - 1] != '\n' && text[count - 1] != '\r')) return true;
  const std::string whole(text, static_cast<std::size_t>(count - 1));
  el_set(impl_->editor, EL_UNBUFFERED, 0);  // the next line begins empty
  line(whole);
  el_set(impl_->editor, EL_UNBUFFERED, 1);
  return true;
}

void LineEditor::above(const std::function<void()>& print) {
  impl_->erase();
  print();
  std::fflush(stdout);
  el_set(impl_->editor, EL_REFRESH);
}

}  // namespace nexus::cli
