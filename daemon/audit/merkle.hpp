// The Merkle tree of RFC 6962 over the hashes of a chain: leaf i (from 0) holds the 32 raw bytes of hash(i+1). A chain
// grows only at its end, so only a compact range (the roots of its perfect subtrees, largest first) is kept.
#pragma once
#include <span>
#include <vector>

#include "daemon/audit/digest.hpp"

namespace nexus::audit {

/// MTH of RFC 6962 section 2.1.
Digest merkle_root(std::span<const std::string> leaves);

/// Reads the nodes of a compact range as store::AuditTree keeps them; nothing for any other text.
std::optional<std::vector<Digest>> parse_nodes(std::string_view range);

/// A tree that only grows, in log2(size) digests. Threads: one at a time.
class CompactRange {
 public:
  CompactRange() = default;
  /// Returns nothing unless there are as many digests as `size` has one-bits.
  static std::optional<CompactRange> restore(std::uint64_t size, std::vector<Digest> nodes);

  void append(Hasher& hasher, std::string_view leaf);
  Digest root(Hasher& hasher) const;
  std::uint64_t size() const { return size_; }
  /// From the largest subtree to the smallest.
  const std::vector<Digest>& nodes() const { return nodes_; }

 private:
  std::uint64_t size_ = 0;
  std::vector<Digest> nodes_;
};

}  // namespace nexus::audit
