#include "cli/engine/parse.hpp"

#include <algorithm>

#include "cli/engine/escape.hpp"
#include "cli/engine/failure.hpp"
#include "cli/engine/settings.hpp"
#include "daemon/base/clock.hpp"
#include "daemon/base/nearest.hpp"
#include "daemon/base/shell.hpp"
#include "daemon/base/text.hpp"

namespace nexus::cli {
namespace {

using Kind = Parameter::Kind;
using Words = std::vector<std::string>;

constexpr std::size_t kRemedyBytesMax = 500;  // a longer line helps nobody

/// `-ojson` is accepted, because many type it. It is the only option whose value may be attached: no text to send looks
/// like it.
std::string attached_format(const std::string& word) {
  if (!word.starts_with("-o") || word.size() < 3) return {};
  const std::string format = word.substr(word[2] == '=' ? 3 : 2);
  return is_format(format) ? format : std::string();
}

bool is_span(const std::string& text) { return find_duration(text) && text.back() > '9'; }

/// RFC 3339 of what a person writes for a time. A span is taken from now. A length stays what it is.
std::string time_of(const Parameter& parameter, const std::string& text, const std::string& remedy) {
  if (parameter.time == Parameter::Time::length || parse_rfc3339(text)) return text;
  if (const std::string day = text + "T00:00:00Z"; text.size() == 10 && parse_rfc3339(day)) return day;
  const bool past = parameter.time == Parameter::Time::past;
  if (is_span(text)) {
    const Micros micros = find_duration(text)->count() * (kSecond / 1000);
    return to_rfc3339(now_micros() + (past ? -micros : micros));
  }
  throw usage_error(key_of(parameter) + " wants a time such as 2026-11-23T00:00:00Z, 2026-11-23 or 5h (5 hours " +
                        (past ? "ago" : "from now") + ")",
                    remedy);
}

class Walk {
 public:
  Walk(const Command& root, const Words& words)
      : root_(root), words_(words), levels_{&root}, path_(root.name), fixed_(words) {
    for (const auto& parameter : root.parameters) parsed_.values.slot(key_of(parameter));
  }

  Parsed run() {
    while (at_ < words_.size()) {
      const std::string& word = words_[at_++];
      if (only_words_ || word == "-" || !word.starts_with("-"))
        plain(word);
      else if (word == "--")
        only_words_ = true;
      else
        option(word);
    }
    if (help_) return {nullptr, path_, help_text(path_, here()), {}};
    if (!here().commands.empty()) {
      std::string list;
      for (const auto& sub : here().commands) list += " " + sub.name;
      throw usage_error(path_ + " wants a command:" + list, path_ + " --help");
    }
    assign();
    judge_spans();
    parsed_.command = &here();
    parsed_.path = path_;
    return std::move(parsed_);
  }

 private:
  const Command& here() const { return *levels_.back(); }

  void plain(const std::string& word) {
    if (here().commands.empty()) return arguments_.push_back(word);
    const auto& commands = here().commands;
    const auto it = std::ranges::find(commands, word, &Command::name);
    if (it == commands.end()) throw unknown_command(word);
    levels_.push_back(&*it);
    path_ += " " + word;
    for (const auto& parameter : it->parameters) parsed_.values.slot(key_of(parameter));
  }

  void option(const std::string& word) {
    if (word == "-h" || word == "--help") {
      help_ = true;
      return;
    }
    if (const std::string format = attached_format(word); !format.empty())
      return take(*find_option(levels_, "-o"), format);
    const auto equals = word.starts_with("--") ? word.find('=') : std::string::npos;
    const std::string name = word.substr(0, equals);
    const Parameter* parameter = find_option(levels_, name);
    if (!parameter) throw unknown_option(word, name);
    if (parameter->kind == Kind::flag) {
      if (equals != std::string::npos) throw usage_error(name + " takes no value", path_ + " --help");
      parsed_.values.slot(key_of(*parameter)).assign(1, "true");
    } else if (equals != std::string::npos) {
      take(*parameter, word.substr(equals + 1));
    } else if (at_ < words_.size()) {
      take(*parameter, words_[at_++]);
    } else {
      Words completed = words_;
      completed.push_back(parameter->value);
      throw usage_error(name + " wants a value: " + parameter->value, offer(completed));
    }
  }

  void take(const Parameter& parameter, const std::string& value) {
    auto& slot = parsed_.values.slot(key_of(parameter));
    if (!slot.empty() && parameter.kind != Kind::repeated_option)
      throw usage_error(key_of(parameter) + " is given twice", path_ + " --help");
    if (parameter.repeatable) repeatable_ = key_of(parameter);
    if (parameter.time == Parameter::Time::none) return slot.push_back(value);
    slot.push_back(time_of(parameter, value, path_ + " --help"));
    if (parameter.time != Parameter::Time::length && !is_span(value)) return;
    span_ = key_of(parameter);
    std::string& word = fixed_[at_ - 1];
    word.replace(word.size() - value.size(), value.size(), slot.back());
  }

  /// What may be repeated must be the same request each time, and a span is another time at each try.
  void judge_spans() const {
    if (repeatable_.empty() || span_.empty()) return;
    throw usage_error(span_ + " counts from now, and with " + repeatable_ +
                          " the same line sent again must say the same: give the time itself, or leave one of them out",
                      offer(fixed_));
  }

  /// Assigns the words between the options to the arguments in their order.
  void assign() {
    std::size_t next = 0;
    Words missing, completed = words_;
    const auto want = [&](const Parameter& parameter) {
      missing.push_back(key_of(parameter));
      if (parameter.kind == Kind::required_option) completed.push_back(key_of(parameter));
      completed.push_back(parameter.kind == Kind::required_option ? parameter.value : parameter.name);
    };
    for (const auto& parameter : here().parameters) {
      auto& slot = parsed_.values.slot(key_of(parameter));
      if (is_argument(parameter)) {
        const std::size_t most = parameter.kind == Kind::arguments ? arguments_.size() : 1;
        while (next < arguments_.size() && slot.size() < most) slot.push_back(arguments_[next++]);
      }
      if (is_required(parameter) && slot.empty()) want(parameter);
    }
    if (next < arguments_.size()) throw usage_error("one argument too many: " + arguments_[next], path_ + " --help");
    if (!missing.empty())
      throw usage_error(missing.front() + " is missing (" + usage_line(path_, here()) + ")", offer(completed));
  }

  // ---- remedies for mistakes --------------------------------------------------------------------------------------

  /// The caller's line put right, if this parser accepts it; else the line that shows help.
  std::string offer(const Words& words, const std::string& otherwise = {}) const {
    std::string line = root_.name;
    for (const auto& word : words) line += " " + shell_quote(word);
    const std::string help = otherwise.empty() ? path_ + " --help" : otherwise;
    if (asking_ || line.size() > kRemedyBytesMax) return help;
    try {
      Walk trial(root_, words);
      trial.asking_ = true;
      trial.run();
      return line;
    } catch (const Failure&) {
      return help;
    }
  }

  Words replaced(const std::string& with) const {
    Words words = words_;
    words[at_ - 1] = with;
    return words;
  }

  Failure unknown_command(const std::string& word) const {
    Words names;
    for (const auto& sub : here().commands) names.push_back(sub.name);
    const auto near = all_nearest(word, names);
    if (near.size() > 1)
      return usage_error("there is no command " + word + "; did you mean " + either_of(near) + "?", path_ + " --help");
    if (near.empty()) return command_of_nexusd(word);
    return usage_error("there is no command " + word,
                       offer(replaced(near.front()), path_ + " " + near.front() + " --help"));
  }

  /// What the daemon's own command line does, because it needs the daemon's files.
  Failure command_of_nexusd(const std::string& word) const {
    const auto near = all_nearest(word, here().of_nexusd);
    const std::string there = "nexusd" + path_.substr(root_.name.size());
    if (near.empty()) return usage_error("there is no command " + word, path_ + " --help");
    Words lines;
    for (const auto& name : near) lines.push_back(there + " " + name);
    return usage_error(
        "there is no command " + word + " of nexusctl; where the daemon runs, there is " + either_of(lines),
        there + " --help");
  }

  bool takes_arguments() const { return std::ranges::any_of(here().parameters, is_argument); }

  Failure unknown_option(const std::string& word, const std::string& name) const {
    if (name == "--token") {
      return usage_error(
          "there is no --token: a token on a command line is seen by everybody on the machine; it stands in "
          "NEXUS_TOKEN, in a file (NEXUS_TOKEN_FILE, --token-file), or in a context",
          "nexusctl login < FILE");
    }
    std::string detail = "there is no option " + name;
    if (takes_arguments()) detail += "; a word that begins with - wants -- before it";
    if (const auto near = nearest_option(name))
      return usage_error(detail, offer(replaced(*near + word.substr(name.size()))));
    Words behind = words_;
    behind.insert(behind.begin() + static_cast<std::ptrdiff_t>(at_) - 1, "--");
    return usage_error(detail, takes_arguments() ? offer(behind) : path_ + " --help");
  }

  /// An option that narrows (--only-env) is close to one that writes (--envs), and more likely meant than a setting of
  /// the context.
  std::optional<std::string> nearest_option(const std::string& name) const {
    constexpr std::string_view prefix = "--only-", to_file[] = {"--out", "--output-file"};
    if (std::ranges::find(to_file, name) != std::end(to_file))
      for (const auto& option : option_names())
        if (std::ranges::find(to_file, option) != std::end(to_file)) return option;
    for (const auto& option : option_names())
      if (option.starts_with(prefix) && nearest(name, {"--" + option.substr(prefix.size())})) return option;
    return nearest(name, option_names());
  }

  Words option_names() const {
    Words names = {"--help"};
    for (const Command* level : levels_)
      for (const auto& parameter : level->parameters)
        if (!is_argument(parameter)) names.push_back(key_of(parameter));
    return names;
  }

  const Command& root_;
  const Words& words_;
  std::vector<const Command*> levels_;  // from the root to the command so far
  std::string path_;
  std::size_t at_ = 0;
  bool only_words_ = false;  // behind `--`
  bool help_ = false;
  bool asking_ = false;  // parses a remedy, which needs no remedy itself
  Words arguments_;
  std::string repeatable_, span_;  // options that were given, which contradict each other
  Words fixed_;                    // the words with times for spans
  Parsed parsed_;
};

/// A word that is no text would be replaced on its way, and something else would be done than was typed.
void require_text(const Words& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (is_utf8(words[i])) continue;
    throw usage_error("argument " + std::to_string(i + 1) + " is not UTF-8: " + escape_controls(words[i]),
                      "nexusctl --help");
  }
}

}  // namespace

Parsed parse(const Command& root, const std::vector<std::string>& argv) {
  require_text(argv);
  if (std::any_of(argv.begin(), argv.end(), looks_like_token)) {
    throw usage_error(
        "a token stands on the command line, where everybody on this machine can read it: not used; revoke it, and "
        "put a new one into NEXUS_TOKEN, a file (NEXUS_TOKEN_FILE, --token-file), or a context",
        "nexusctl login < FILE");
  }
  if (argv == Words{"--version"}) return {nullptr, root.name, "nexusctl " NEXUS_VERSION "\n", {}};
  if (argv == Words{"--version", "-o", "json"} || argv == Words{"--version", "--output", "json"})
    return {nullptr, root.name, {}, {}, true};
  if (argv.empty() || argv.front() != "help") return Walk(root, argv).run();
  Words asked(argv.begin() + 1, argv.end());  // `help tenant create` is `tenant create --help`
  asked.emplace_back("--help");
  return Walk(root, asked).run();
}

}  // namespace nexus::cli
