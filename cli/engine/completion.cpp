#include "cli/engine/completion.hpp"

#include <algorithm>
#include <utility>

#include "cli/engine/escape.hpp"
#include "daemon/base/shell.hpp"

namespace nexus::cli {
namespace {

using Kind = Parameter::Kind;
using Words = std::vector<std::string>;

bool is_option(const std::string& word) { return word.size() > 1 && word.starts_with('-'); }

/// Reads the words before the cursor as the parser does (parse.cpp), but complains of nothing.
class Reader {
 public:
  explicit Reader(const Command& root) { enter(root); }

  void read(const std::string& word) {
    if (awaited_)
      cursor_.values.slot(key_of(*std::exchange(awaited_, nullptr))).push_back(word);
    else if (only_words_ || !is_option(word))
      plain(word);
    else if (word == "--")
      only_words_ = true;
    else
      option(word);
  }

  Cursor stand_at(const std::string& word) {
    cursor_.word = word;
    const auto equals = word.find('=');
    if (awaited_) {
      cursor_.parameter = awaited_;
    } else if (!only_words_ && word.starts_with("--") && equals != std::string::npos) {
      cursor_.parameter = find_option(cursor_.path, word.substr(0, equals));
      cursor_.before = word.substr(0, equals + 1);
      cursor_.word = word.substr(equals + 1);
    } else {
      if (only_words_ || !word.starts_with('-')) cursor_.parameter = next_argument();
      // Where no word can stand, options are what is left to say.
      cursor_.options =
          !only_words_ && !cursor_.help && (word.starts_with('-') || (!cursor_.parameter && here().commands.empty()));
    }
    return std::move(cursor_);
  }

 private:
  const Command& here() const { return *cursor_.path.back(); }

  void enter(const Command& command) {
    cursor_.path.push_back(&command);
    for (const auto& parameter : command.parameters) cursor_.values.slot(key_of(parameter));
  }

  void plain(const std::string& word) {
    if (cursor_.path.size() == 1 && word == "help" && !std::exchange(cursor_.help, true)) return;
    if (!here().commands.empty()) {
      const auto found = std::ranges::find(here().commands, word, &Command::name);
      if (found != here().commands.end()) enter(*found);
    } else if (const Parameter* argument = next_argument()) {
      cursor_.values.slot(key_of(*argument)).push_back(word);
    }
  }

  const Parameter* next_argument() {
    if (cursor_.help) return nullptr;
    for (const auto& parameter : here().parameters)
      if (is_argument(parameter) &&
          (parameter.kind == Kind::arguments || cursor_.values.slot(key_of(parameter)).empty()))
        return &parameter;
    return nullptr;
  }

  void option(const std::string& word) {
    const auto equals = word.starts_with("--") ? word.find('=') : std::string::npos;
    const Parameter* parameter = find_option(cursor_.path, word.substr(0, equals));
    if (!parameter) return;
    if (equals != std::string::npos)
      cursor_.values.slot(key_of(*parameter)).push_back(word.substr(equals + 1));
    else if (parameter->kind == Kind::flag)
      cursor_.values.slot(key_of(*parameter)).assign(1, "true");
    else
      awaited_ = parameter;
  }

  Cursor cursor_;
  const Parameter* awaited_ = nullptr;  // the option whose value comes next
  bool only_words_ = false;             // behind `--`
};

std::vector<Offer> options_at(const Cursor& cursor) {
  std::vector<Offer> offers;
  for (auto level = cursor.path.rbegin(); level != cursor.path.rend(); ++level)
    for (const auto& parameter : (*level)->parameters)
      if (!is_argument(parameter) &&
          (parameter.kind == Kind::repeated_option || !cursor.values.given(key_of(parameter))))
        offers.push_back({key_of(parameter), parameter.help});
  offers.push_back({"--help", "what the command does, and its options"});
  return offers;
}

}  // namespace

Cursor cursor_of(const Command& root, const Words& words) {
  Reader reader(root);
  if (words.empty()) return reader.stand_at("");
  std::for_each(words.begin(), words.end() - 1, [&](const std::string& word) { reader.read(word); });
  return reader.stand_at(words.back());
}

std::vector<Offer> offers_of(const Cursor& cursor) {
  if (cursor.options) return options_at(cursor);
  std::vector<Offer> offers;
  if (cursor.parameter) {
    for (const auto& choice : cursor.parameter->choices) offers.push_back({choice, ""});
  } else if (cursor.before.empty()) {
    for (const auto& command : cursor.path.back()->commands) offers.push_back({command.name, command.summary});
    if (cursor.path.size() == 1 && !cursor.help) offers.push_back({"help", "what a command does, and its options"});
  }
  return offers;
}

Files files_of(const Cursor& cursor) {
  if (!cursor.parameter) return Files::none;
  const Parameter& parameter = *cursor.parameter;
  return (is_argument(parameter) ? parameter.name : parameter.value) == "FILE" ? Files::files : Files::none;
}

std::string completion_text(const Cursor& cursor, const std::vector<Offer>& offers) {
  std::string text;
  for (const auto& [word, help] : offers) {
    if (!word.starts_with(cursor.word) || shell_quote(word) != word) continue;
    if (word.starts_with('-') && !cursor.options) continue;
    text += cursor.before + word + "\t" + escape_controls(help) + "\n";
  }
  return text + (files_of(cursor) == Files::files ? ":files\n" : "");
}

const Words& completion_shells() {
  static const Words kShells = {"bash", "fish", "zsh"};
  return kShells;
}

}  // namespace nexus::cli
