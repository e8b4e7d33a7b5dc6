// Contexts: named places to talk to (address, tenant, env, cacert), kept in config.toml; their tokens stand beside, in
// tokens.toml with mode 0600. contexts.cpp is the one file that knows toml++. Changes take a lock and replace the file
// whole, so that two terminals cannot undo each other and a crash leaves the old or the new one.
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

  /// Empty when there is no file. Throws a Failure naming file and line when it cannot be read, or holds a key that
  /// nobody knows: a misspelt tenant or address must not send commands elsewhere.
  ContextBook load() const;
  /// Loads, lets `change` alter, writes; under the lock.
  void change(const std::function<void(ContextBook&)>& change) const;

  std::optional<std::string> token(const std::string& context) const;
  void keep_token(const std::string& context, const std::string& token) const;
  /// Whether there was one.
  bool forget_token(const std::string& context) const;

  const std::filesystem::path& directory() const { return directory_; }

 private:
  std::filesystem::path directory_;
};

}  // namespace nexus::cli
