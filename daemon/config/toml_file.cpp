// toml++ behind plain strings.
#include "daemon/config/toml_file.hpp"

#include <toml++/toml.h>
#include <system_error>

#include "daemon/base/file.hpp"

namespace nexus {
namespace {

constexpr std::size_t kFileBytesMax = 1024 * 1024;

class Flattener {
 public:
  explicit Flattener(std::string path) : path_(std::move(path)) {}

  void table(const toml::table& table, const std::string& prefix) {
    for (const auto& [key, node] : table) {
      const std::string name = prefix + std::string(key.str());
      if (const auto* inner = node.as_table()) {
        this->table(*inner, name + ".");
      } else {
        entries.push_back(entry(name, node));
      }
    }
  }

  std::vector<TomlEntry> entries;

 private:
  TomlEntry entry(const std::string& name, const toml::node& node) {
    TomlEntry result{name, {}, node.is_array(), static_cast<int>(node.source().begin.line)};
    if (const auto* array = node.as_array()) {
      for (const auto& element : *array) result.values.push_back(scalar(name, element));
    } else {
      result.values.push_back(scalar(name, node));
    }
    return result;
  }

  std::string scalar(const std::string& name, const toml::node& node) {
    if (const auto* text = node.as_string()) return text->get();
    if (const auto* number = node.as_integer()) return std::to_string(number->get());
    if (const auto* boolean = node.as_boolean()) return boolean->get() ? "true" : "false";
    throw TomlError(path_ + ":" + std::to_string(node.source().begin.line),
                    name + " must be a string, an integer, a boolean or an array of them");
  }

  std::string path_;
};

}  // namespace

std::vector<TomlEntry> read_toml(const std::filesystem::path& path) {
  std::string text;
  try {
    text = read_file(path, kFileBytesMax);
  } catch (const std::system_error& error) {
    throw TomlError(path.string(), "cannot be read: " + error.code().message());
  }
  try {
    Flattener flattener(path.string());
    flattener.table(toml::parse(text, path.string()), "");
    return std::move(flattener.entries);
  } catch (const toml::parse_error& error) {
    throw TomlError(path.string() + ":" + std::to_string(error.source().begin.line),
                    "is not TOML: " + std::string(error.description()));
  }
}

}  // namespace nexus
