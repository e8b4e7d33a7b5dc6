#include "store/sqlite/copying.hpp"

#include <fcntl.h>

#include <string>

#include "daemon/base/file.hpp"
#include "daemon/base/text.hpp"

#include "store/sqlite/online_copy.hpp"

namespace nexus::store {
namespace {

/// The script in upper case, without comments and the content of literals, every white space one space.
std::string bare(std::string_view script) {
  std::string text;
  for (std::size_t i = 0; i < script.size(); ++i) {
    const char c = script[i];
    if (script.substr(i, 2) == "--") {
      while (i < script.size() && script[i] != '\n') ++i;
      text += ' ';
    } else if (c == '\'') {
      while (++i < script.size() && script[i] != '\'') {
      }
      text += "''";
    } else if (c == ' ' || c == '\n' || c == '\t' || c == '\r') {
      if (!text.empty() && text.back() != ' ') text += ' ';
    } else {
      text += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
  }
  return text;
}

bool has_word(std::string_view statement, std::string_view word) {
  for (const auto each : split(statement, ' '))
    if (each == word || each == "(" + std::string(word)) return true;
  return false;
}

bool statement_rewrites(std::string_view statement) {
  if (statement.starts_with("INSERT ")) return has_word(statement, "SELECT");
  if (statement.starts_with("ALTER TABLE ")) return statement.find(" DROP ") != std::string_view::npos;
  for (const std::string_view begin : {"UPDATE ", "DELETE ", "REPLACE ", "WITH ", "DROP TABLE "})
    if (statement.starts_with(begin)) return true;
  return false;
}

}  // namespace

bool rewrites_rows(std::string_view script) {
  bool in_trigger = false;
  const std::string text = bare(script);
  for (std::string_view statement : split(text, ';')) {
    statement = trim_ascii(statement);
    if (statement.starts_with("CREATE TRIGGER ") || statement.starts_with("CREATE TEMP TRIGGER ")) in_trigger = true;
    if (!in_trigger && statement_rewrites(statement)) return true;
    if (statement == "END") in_trigger = false;
  }
  return false;
}

void copy_database(Connection& source, const std::filesystem::path& to) {
  std::filesystem::remove(to);
  OnlineCopy copy(source, to);
  while (copy.step(std::chrono::seconds(1))) {
  }
  sync_file(open_file(to, O_RDONLY).get());
}

}  // namespace nexus::store
