// Contexts: named servers with tenant, env and cacert, kept in config.toml. Their tokens are in tokens.toml with mode
// 0600. contexts.cpp is the only file that knows toml++. A change takes a lock and replaces the file whole. So two
// terminals cannot undo each other, and a crash leaves the old file or the new one.
#pragma once
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace nexus::cli {

struct Context {
  std::string address;  // empty: not set
  std::string tenant;
  std::string env;
  std::string cacert = {};  // an absolute path
};

struct ContextBook {
  std::string current;  // empty: none
  std::map<std::string, Context> contexts;
};

class ContextStore {
 public:
  explicit ContextStore(std::filesystem::path directory) : directory_(std::move(directory)) {}

  /// Returns an empty book when there is no file. Throws a Failure naming file and line when the file cannot be read,
  /// or holds an unknown key: a misspelt tenant or address must not send commands elsewhere.
  ContextBook load() const;
  /// Loads the file, lets `change` alter it and writes it, under the lock.
  void change(const std::function<void(ContextBook&)>& change) const;

  std::optional<std::string> token(const std::string& context) const;
  void keep_token(const std::string& context, const std::string& token) const;
  /// Returns whether there was one.
  bool forget_token(const std::string& context) const;

  const std::filesystem::path& directory() const { return directory_; }

 private:
  std::filesystem::path directory_;
};

}  // namespace nexus::cli
