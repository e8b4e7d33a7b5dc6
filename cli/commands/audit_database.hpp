// Verifies a database file without its daemon. Nothing else in nexusctl touches a store. Only reads; a daemon may be
// running on the file.
#pragma once
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "daemon/audit/export.hpp"

namespace nexus::cli {

struct DatabaseVerdict {
  audit::Verifier::Chain chain;  // tenant "" for the notes over all chains
  audit::Report report;
  bool judged = false;  // whether a key was known; without one, signatures were not judged
};

/// Verifies all chains, or those of the tenant and env named, and every other chain that a kept note names: a note that
/// meets no chain proves nothing. Throws a Failure when the file is not a database of ours.
std::vector<DatabaseVerdict> verify_database(const std::filesystem::path& file, const audit::Kept& kept,
                                             const std::optional<std::string>& tenant,
                                             const std::optional<std::string>& env,
                                             const std::function<void(std::int64_t rows)>& progress);

/// The public key beside the file, where its private key can be read.
std::optional<audit::PublicKey> key_beside(const std::filesystem::path& file);

}  // namespace nexus::cli
