// Builds CLI11's parser from the command tree, runs it, and turns its complaints into ours.
#include "cli/parse.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <numeric>

#include "cli/failure.hpp"
#include "cli/settings.hpp"

namespace nexus::cli {
namespace {

using Kind = Parameter::Kind;

// CLI11 reads a word `[a,b]` as a list where several arguments may come. Such a word (a file may be named so) goes in
// behind a byte that no argument begins with, and comes out without it.
constexpr char kShield = '\x01';

std::string shielded(std::string word) {
  if (word.starts_with('[') && word.ends_with(']')) word.insert(0, 1, kShield);
  return word;
}

std::string unshielded(std::string word) {
  if (word.starts_with(kShield)) word.erase(0, 1);
  return word;
}

struct Node {
  const Command* command;
  std::string path;
};

class Parser {
 public:
  explicit Parser(const Command& root) : app_(root.summary, root.name) { build(app_, root, root.name); }

  Parsed run(std::vector<std::string> argv) {
    std::transform(argv.begin(), argv.end(), argv.begin(), shielded);
    std::reverse(argv.begin(), argv.end());  // CLI11 takes a vector last word first
    try {
      app_.parse(argv);
    } catch (const CLI::CallForHelp&) {
      const Node& node = deepest();
      return {nullptr, node.path, help_text(node.path, *node.command), {}};
    } catch (const CLI::ParseError& error) {
      throw complaint(error);
    }
    return take_values();
  }

 private:
  void build(CLI::App& app, const Command& command, const std::string& path) {
    nodes_[&app] = {&command, path};
    app.fallthrough();
    app.set_help_flag("-h,--help", "help");
    for (const auto& parameter : command.parameters) add(app, parameter);
    // One command a level and no more, so that a file named like a command is still a file.
    if (!command.commands.empty()) app.require_subcommand(1);
    for (const auto& sub : command.commands)
      build(*app.add_subcommand(sub.name, sub.summary), sub, path + " " + sub.name);
  }

  void add(CLI::App& app, const Parameter& parameter) {
    auto& slot = slots_[&app][key_of(parameter)];
    if (parameter.kind == Kind::flag) {
      app.add_flag_callback(parameter.name, [&slot] { slot.assign(1, "true"); });
      return;
    }
    // The raw words: CLI11's conversion into a vector reads `[a,b]`, `{}` and `%%` as its own notation.
    auto* made = app.add_option(parameter.name, [&slot](const CLI::results_t& words) {
      slot.resize(words.size());
      std::transform(words.begin(), words.end(), slot.begin(), unshielded);
      return true;
    });
    made->expected(1)->allow_extra_args(false);
    switch (parameter.kind) {
      case Kind::argument:
        made->required();
        break;
      case Kind::required_option:
        made->required();
        break;
      case Kind::arguments:
        made->required()->expected(1, 1 << 20)->allow_extra_args();
        break;
      case Kind::repeated_option:
        made->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
        break;
      default:
        break;
    }
  }

  const CLI::App& deepest_app() const {
    const CLI::App* app = &app_;
    while (!app->get_subcommands().empty()) app = app->get_subcommands().front();
    return *app;
  }

  const Node& deepest() const { return nodes_.at(&deepest_app()); }

  Parsed take_values() {
    const CLI::App& app = deepest_app();
    Parsed parsed{nodes_.at(&app).command, nodes_.at(&app).path, {}, {}};
    for (const CLI::App* level : {static_cast<const CLI::App*>(&app_), &app}) {
      for (const auto& [name, values] : slots_[level]) parsed.values.slot(name) = values;
    }
    return parsed;
  }

  Failure complaint(const CLI::ParseError& error) const {
    const CLI::App& app = deepest_app();
    const Node& node = nodes_.at(&app);
    auto left_over = app_.remaining(true);
    std::transform(left_over.begin(), left_over.end(), left_over.begin(), unshielded);
    const bool unknown_option = !left_over.empty() && left_over.front().starts_with("-") && left_over.front() != "-";
    if (unknown_option) return unknown(left_over.front(), option_names(app), "option", node);
    if (!node.command->commands.empty()) {
      std::vector<std::string> names;
      for (const auto& sub : node.command->commands) names.push_back(sub.name);
      if (!left_over.empty()) return unknown(left_over.front(), names, "command", node);
      const std::string list = std::accumulate(names.begin(), names.end(), std::string(),
                                               [](auto sum, const auto& name) { return sum + " " + name; });
      return usage_error(node.path + " wants a command:" + list, node.path + " --help");
    }
    if (!left_over.empty())
      return usage_error("one argument too many: " + left_over.front(), usage_line(node.path, *node.command));
    for (const auto& parameter : node.command->parameters) {
      const bool wanted = parameter.kind == Kind::argument || parameter.kind == Kind::arguments ||
                          parameter.kind == Kind::required_option;
      if (wanted && app.get_option(key_of(parameter))->count() == 0) {
        return usage_error(key_of(parameter) + " is missing", usage_line(node.path, *node.command));
      }
    }
    return usage_error(error.what(), usage_line(node.path, *node.command));
  }

  Failure unknown(const std::string& word, const std::vector<std::string>& names, const std::string& kind,
                  const Node& node) const {
    const std::string bare = kind == "option" ? word.substr(0, word.find('=')) : word;
    if (bare == "--token") {
      return usage_error("there is no --token: a token on a command line is seen by everybody on the machine",
                         "NEXUS_TOKEN, NEXUS_TOKEN_FILE, --token-file FILE, or nexusctl login");
    }
    const std::string near = nearest(bare, names);
    const std::string remedy = near.empty() ? node.path + " --help" : kind == "option" ? near : node.path + " " + near;
    return usage_error("there is no " + kind + " " + bare, remedy);
  }

  std::vector<std::string> option_names(const CLI::App& app) const {
    std::vector<std::string> names = {"--help"};
    for (const CLI::App* level = &app; level; level = level->get_parent()) {
      for (const auto& parameter : nodes_.at(level).command->parameters) {
        if (key_of(parameter).starts_with("--")) names.push_back(key_of(parameter));
      }
    }
    return names;
  }

  CLI::App app_;
  std::map<const CLI::App*, Node> nodes_;
  std::map<const CLI::App*, std::map<std::string, std::vector<std::string>>> slots_;
};

}  // namespace

std::string nearest(const std::string& word, const std::vector<std::string>& candidates) {
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const auto& candidate : candidates) {
    std::vector<std::size_t> row(candidate.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= word.size(); ++i) {
      std::size_t diagonal = std::exchange(row[0], i);
      for (std::size_t j = 1; j <= candidate.size(); ++j) {
        const std::size_t substituted = diagonal + (word[i - 1] == candidate[j - 1] ? 0 : 1);
        diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, substituted}));
      }
    }
    if (row.back() < best_distance) {
      best = candidate;
      best_distance = row.back();
    }
  }
  return best;
}

Parsed parse(const Command& root, std::vector<std::string> argv) {
  for (const auto& word : argv) {
    if (!looks_like_token(word)) continue;
    throw usage_error("a token stands on the command line, where everybody on this machine can read it: not used",
                      "NEXUS_TOKEN, NEXUS_TOKEN_FILE, --token-file FILE, or nexusctl login; and revoke that token");
  }
  if (argv.size() == 1 && argv.front() == "--version") {
    return {nullptr, root.name, "nexusctl " NEXUS_VERSION "\n", {}};
  }
  if (!argv.empty() && argv.front() == "help") {  // `help tenant create` is `tenant create --help`
    argv.erase(argv.begin());
    argv.emplace_back("--help");
  }
  return Parser(root).run(std::move(argv));
}

}  // namespace nexus::cli
