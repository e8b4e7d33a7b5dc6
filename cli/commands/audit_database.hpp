// Verifying a database file without its daemon: the one thing that nexusctl does with a store. Reads only; a daemon may
// be running on the file.
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
  bool judged = false;  // whether a key was known: else signatures were not judged
};

/// Chains: all, or those of the tenant and env named; and whatever else a kept note tells of, since a note that meets
/// no chain proves nothing. Throws a Failure when the file is none of ours.
std::vector<DatabaseVerdict> verify_database(const std::filesystem::path& file, const audit::Kept& kept,
                                             const std::optional<std::string>& tenant,
                                             const std::optional<std::string>& env,
                                             const std::function<void(std::int64_t rows)>& progress);

/// The public key beside the file, where its private key can be read.
std::optional<audit::PublicKey> key_beside(const std::filesystem::path& file);

}  // namespace nexus::cli
