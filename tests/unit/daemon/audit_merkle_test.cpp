// The Merkle tree of the audit log, against the vectors that RFC 6962's reference implementations publish.
#include "daemon/audit/merkle.hpp"

#include <bit>

#include "daemon/base/bytes.hpp"
#include "tests/catch.hpp"

using namespace nexus;
using namespace nexus::audit;

namespace {

std::vector<std::string> reference_leaves() {
  std::vector<std::string> leaves;
  for (const char* text :
       {"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"})
    leaves.push_back(*unhex(text));
  return leaves;
}

std::string root_text(std::size_t count) {
  auto leaves = reference_leaves();
  leaves.resize(count);
  return hex(merkle_root(leaves));
}

/// MTH of RFC 6962 section 2.1, directly by its definition.
Digest defined_root(Hasher& hasher, std::span<const std::string> leaves) {
  if (leaves.empty()) return hasher.of({});
  if (leaves.size() == 1) return hasher.of({std::string_view("\x00", 1), leaves.front()});
  const std::size_t left = std::bit_floor(leaves.size() - 1);  // the largest power of two below the count
  const Digest first = defined_root(hasher, leaves.first(left)), rest = defined_root(hasher, leaves.subspan(left));
  return hasher.of({"\x01", as_text(first), as_text(rest)});
}

}  // namespace

TEST_CASE("the root of a tree is RFC 6962's", "[audit]") {
  CHECK(root_text(0) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(root_text(2) == "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125");
  CHECK(root_text(3) == "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77");
  CHECK(root_text(8) == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
}

TEST_CASE("a compact range has the same root at every size", "[audit]") {
  Hasher hasher;
  CompactRange range;
  std::vector<std::string> leaves;
  for (int i = 0; i < 130; ++i) {
    CHECK(range.root(hasher) == defined_root(hasher, leaves));
    CHECK(range.size() == leaves.size());
    leaves.push_back("leaf " + std::to_string(i));
    range.append(hasher, leaves.back());
  }
}

TEST_CASE("a compact range goes on from where it was stored", "[audit]") {
  Hasher hasher;
  CompactRange whole;
  for (int i = 0; i < 11; ++i) whole.append(hasher, std::to_string(i));
  auto half = CompactRange::restore(whole.size(), whole.nodes());
  REQUIRE(half);
  for (int i = 11; i < 30; ++i) {
    whole.append(hasher, std::to_string(i));
    half->append(hasher, std::to_string(i));
  }
  CHECK(half->root(hasher) == whole.root(hasher));
  CHECK(!CompactRange::restore(11, {}));
  CHECK(!CompactRange::restore(8, std::vector<Digest>(2)));
}
