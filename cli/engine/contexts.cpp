#include "cli/engine/contexts.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <toml++/toml.h>

#include <algorithm>
#include <sstream>

#include "cli/engine/failure.hpp"
#include "daemon/base/file.hpp"
#include "daemon/base/nearest.hpp"

namespace nexus::cli {
namespace {

constexpr std::size_t kFileBytesMax = 1u << 20;

/// The texts of a context, under their keys in the file.
const std::map<std::string, std::string Context::*> kContextTexts = {
    {"address", &Context::address}, {"tenant", &Context::tenant}, {"env", &Context::env}, {"cacert", &Context::cacert}};

std::filesystem::path config_file(const std::filesystem::path& directory) { return directory / "config.toml"; }
std::filesystem::path token_file(const std::filesystem::path& directory) { return directory / "tokens.toml"; }

toml::table read_table(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) return {};
  try {
    return toml::parse(read_file(path, kFileBytesMax), path.string());
  } catch (const toml::parse_error& error) {
    throw Failure(Exit::usage, path.string() + " line " + std::to_string(error.source().begin.line) + ": " +
                                   std::string(error.description()));
  }
}

void write_table(const std::filesystem::path& path, const toml::table& table) {
  std::ostringstream text;
  text << table << "\n";
  replace_file(path, text.str(), 0600);
}

// A lock, held while a file is read, altered and replaced. It locks the directory itself.
Fd lock_directory(const std::filesystem::path& directory) {
  std::filesystem::create_directories(directory);
  Fd fd = open_file(directory, O_RDONLY | O_DIRECTORY);
  if (::flock(fd.get(), LOCK_EX) != 0) throw Failure(Exit::negative, "cannot lock " + directory.string());
  return fd;
}

void require_private(const std::filesystem::path& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0 && (info.st_mode & 077) != 0)
    throw Failure(Exit::usage, path.string() + " holds tokens and is open to others", "chmod 600 " + path.string());
}

std::string text_at(const toml::table& table, std::string_view key) { return table[key].value_or<std::string>({}); }

[[noreturn]] void bad_entry(const std::filesystem::path& path, const toml::node& node, const std::string& why) {
  throw usage_error(path.string() + " line " + std::to_string(node.source().begin.line) + ": " + why);
}

/// Every key must be one of `texts` and hold a text, or one of `tables` and hold a table.
void require_known(const std::filesystem::path& path, const toml::table& table, const std::vector<std::string>& texts,
                   const std::vector<std::string>& tables) {
  std::vector<std::string> names = texts;
  names.insert(names.end(), tables.begin(), tables.end());
  for (const auto& [key_, node] : table) {
    const std::string key(key_.str());
    const auto known = std::ranges::find(names, key);
    if (known == names.end()) {
      const auto near = nearest(key, names);
      bad_entry(path, node, "there is no key " + key + (near ? "; did you mean " + *near + "?" : ""));
    }
    const bool text = known - names.begin() < std::ssize(texts);
    if (text ? !node.is_string() : !node.is_table())
      bad_entry(path, node, key + " must be a " + (text ? "text" : "table"));
  }
}

}  // namespace

ContextBook ContextStore::load() const {
  const auto file = config_file(directory_);
  const toml::table table = read_table(file);
  require_known(file, table, {"current"}, {"contexts"});
  ContextBook book;
  book.current = text_at(table, "current");
  if (const auto* contexts = table["contexts"].as_table()) {
    for (const auto& [name, node] : *contexts) {
      const auto* entry = node.as_table();
      if (!entry) bad_entry(file, node, "context " + std::string(name.str()) + " must be a table");
      require_known(file, *entry, {"address", "tenant", "env", "cacert"}, {});
      Context& context = book.contexts[std::string(name.str())];
      for (const auto& [key, member] : kContextTexts) context.*member = text_at(*entry, key);
    }
  }
  return book;
}

void ContextStore::change(const std::function<void(ContextBook&)>& change) const {
  const Fd lock = lock_directory(directory_);
  ContextBook book = load();
  change(book);
  toml::table contexts;
  for (const auto& [name, context] : book.contexts) {
    toml::table entry;
    for (const auto& [key, member] : kContextTexts)
      if (!(context.*member).empty()) entry.insert(key, context.*member);
    contexts.insert(name, std::move(entry));
  }
  toml::table table;
  if (!book.current.empty()) table.insert("current", book.current);
  table.insert("contexts", std::move(contexts));
  write_table(config_file(directory_), table);
}

std::optional<std::string> ContextStore::token(const std::string& context) const {
  require_private(token_file(directory_));
  const toml::table table = read_table(token_file(directory_));
  require_known(token_file(directory_), table, {}, {"tokens"});
  return table["tokens"][context].value<std::string>();
}

void ContextStore::keep_token(const std::string& context, const std::string& token) const {
  const Fd lock = lock_directory(directory_);
  toml::table table = read_table(token_file(directory_));
  if (!table["tokens"].as_table()) table.insert_or_assign("tokens", toml::table{});
  table["tokens"].as_table()->insert_or_assign(context, token);
  write_table(token_file(directory_), table);
}

bool ContextStore::forget_token(const std::string& context) const {
  if (!std::filesystem::exists(token_file(directory_))) return false;
  const Fd lock = lock_directory(directory_);
  toml::table table = read_table(token_file(directory_));
  auto* tokens = table["tokens"].as_table();
  if (!tokens || tokens->erase(context) == 0) return false;
  write_table(token_file(directory_), table);
  return true;
}

}  // namespace nexus::cli
