// What `audit verify` judges: an export, or a database, a file or one of PostgreSQL, which is verified without its
// daemon. Nothing else in nexusctl touches a store. Only reads; daemons may be running on it. Only an export or a
// database can be whole or broken. Any other file ends with exit 2, its kind, and how such a file is verified.
#pragma once
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "daemon/audit/verify_store.hpp"

namespace nexus::cli {

/// Passes an export in pieces to `take`; `-` is standard input. Throws a usage error when the file is not an export, or
/// does not exist.
void read_export(const std::string& file, const std::function<void(std::string_view)>& take);

/// A database: a file, or an address of PostgreSQL.
struct DatabaseName {
  std::string text;
  std::filesystem::path password_file = {};  // for PostgreSQL; empty: as libpq finds one
};

/// Verifies all chains, or those of the tenant and env named, and every other chain that a kept note names: a note that
/// meets no chain proves nothing. Throws a Failure when it is not a database of ours, or cannot be reached.
std::vector<audit::ChainVerdict> verify_database(const DatabaseName& database, const audit::Kept& kept,
                                                 const std::optional<std::string>& tenant,
                                                 const std::optional<std::string>& env,
                                                 const std::function<void(std::int64_t rows)>& progress);

/// The public key beside the file, where its private key can be read.
std::optional<audit::PublicKey> key_beside(const std::filesystem::path& file);

}  // namespace nexus::cli
