#include "daemon/audit/merkle.hpp"

#include <bit>

#include "daemon/base/bytes.hpp"
#include "daemon/base/json.hpp"

namespace nexus::audit {
namespace {

constexpr std::string_view kLeaf{"\x00", 1};
constexpr std::string_view kNode{"\x01", 1};

Digest parent(Hasher& hasher, const Digest& left, const Digest& right) {
  return hasher.of({kNode, as_text(left), as_text(right)});
}

}  // namespace

Digest merkle_root(std::span<const std::string> leaves) {
  Hasher hasher;
  CompactRange range;
  for (const auto& leaf : leaves) range.append(hasher, leaf);
  return range.root(hasher);
}

std::optional<std::vector<Digest>> parse_nodes(std::string_view range) {
  std::vector<Digest> nodes;
  const Json stored = parse_or_discard(range);
  for (const auto& item : stored) {
    const auto node = item.is_string() ? digest_of(unhex(item.get<std::string>())) : std::nullopt;
    if (!node) return std::nullopt;
    nodes.push_back(*node);
  }
  return nodes;
}

std::optional<CompactRange> CompactRange::restore(std::uint64_t size, std::vector<Digest> nodes) {
  if (nodes.size() != static_cast<std::size_t>(std::popcount(size))) return std::nullopt;
  CompactRange range;
  range.size_ = size;
  range.nodes_ = std::move(nodes);
  return range;
}

void CompactRange::append(Hasher& hasher, std::string_view leaf) {
  Digest node = hasher.of({kLeaf, leaf});
  // Each one-bit at the low end of the size is a subtree as large as the new node: they become one.
  for (std::uint64_t left = size_; (left & 1) != 0; left >>= 1) {
    node = parent(hasher, nodes_.back(), node);
    nodes_.pop_back();
  }
  nodes_.push_back(node);
  ++size_;
}

Digest CompactRange::root(Hasher& hasher) const {
  if (nodes_.empty()) return hasher.of({});
  Digest root = nodes_.back();
  for (std::size_t i = nodes_.size() - 1; i-- > 0;) root = parent(hasher, nodes_[i], root);
  return root;
}

}  // namespace nexus::audit
