// The digests of the audit format, and a SHA-256 that is cheap to reuse: a verifier computes five per row. chain.hpp
// defines the rows, merkle.hpp the tree over them.
//
//   genesis   = SHA256("nexus.audit.genesis.v1\n" instance_id "\n" tenant "\n" env "\n")
//   hash(seq) = SHA256("nexus.audit.v1\n" tenant "\n" env "\n" seq "\n" prev_hash "\n" SHA256(body) "\n")
//   prev_hash = hash(seq-1), genesis for seq 1;  all digests in lower-case hex
#pragma once
#include <initializer_list>
#include <optional>

#include "daemon/base/crypto.hpp"
#include "daemon/base/realm.hpp"

namespace nexus::audit {

/// One SHA-256 after another. For one thread at a time.
class Hasher {
 public:
  Hasher();
  ~Hasher();
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;
  Digest of(std::initializer_list<std::string_view> parts);

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

std::string genesis_hash(std::string_view instance_id, Realm realm);
std::string row_hash(Realm realm, std::int64_t seq, std::string_view prev_hash, std::string_view body);
/// The same for many rows, from the body's digest. Overwrites `out` with the 64 hex digits.
Digest row_hash(Hasher& hasher, Realm realm, std::int64_t seq, std::string_view prev_hash, const Digest& body,
                std::string& out);
/// The digest of 32 raw bytes; nothing for any other bytes.
std::optional<Digest> digest_of(const std::optional<std::string>& bytes);
/// Overwrites `out` with 64 hex digits.
void write_hex(const Digest& digest, std::string& out);

}  // namespace nexus::audit
