// One installation: the data directory, its database, its keys and its system token, opened and, at the first start,
// made. Every act of the first start has its audit row, as any other.
#pragma once
#include <filesystem>
#include <memory>
#include <string>

#include "daemon/audit/chain.hpp"
#include "daemon/guard/keyring.hpp"
#include "store/database.hpp"
#include "store/sqlite/directory.hpp"

namespace nexus::app {

class Installation {
 public:
  /// Takes the directory's lock. Throws DirectoryError, SchemaError, store::Error or std::system_error; all messages
  /// are lines for the operator.
  Installation(const std::filesystem::path& data_dir, store::Writer::Fatal on_fatal);

  store::DataDirectory& directory() { return directory_; }
  store::Database& database() { return *database_; }
  const std::string& instance_id() const { return instance_id_; }
  const std::string& root_token_sha256() const { return root_token_sha256_; }
  Keyring keys() const { return Keyring::load(directory_.keys()); }

  /// Writes a new system token to root.token and its digest to the store.
  void rotate_root();

 private:
  void found();
  void tell_cleared_switches();

  store::DataDirectory directory_;
  std::unique_ptr<store::Database> database_;
  std::string instance_id_;
  std::string root_token_sha256_;
};

}  // namespace nexus::app
