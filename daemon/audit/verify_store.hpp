// Verifies the audit log of a whole database: every chain, and the notes over all chains. For the command line, which
// reads a file without its daemon, and for backups.
//
// Threads: one; it computes on two.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "daemon/audit/export.hpp"

namespace nexus::audit {

struct ChainVerdict {
  Verifier::Chain chain;  // tenant "" for the notes over all chains
  Report report;
  bool judged = false;  // whether a key was known; without one, signatures were not judged
};

/// Which chains are verified: all, or those of the tenant and env named, and every other chain that a kept note names.
struct ChainFilter {
  std::optional<std::string> tenant = {}, env = {};
};

/// Verifies the chains of a store in one snapshot. `known` are the keys that signed notes there, oldest first. Calls
/// `progress` with the number of rows read so far of a chain. Throws store::Error.
std::vector<ChainVerdict> verify_store(const store::Reader& reader, const std::string& instance_id,
                                       std::vector<PublicKey> known, const Kept& kept, const ChainFilter& filter,
                                       const std::function<void(std::int64_t rows)>& progress);

}  // namespace nexus::audit
