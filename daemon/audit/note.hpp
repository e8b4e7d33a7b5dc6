// Checkpoints as signed notes (C2SP signed-note and tlog-checkpoint): a text that says how large a tree is and what its
// root is, and one Ed25519 signature under it. The text:
//
//   nexusd/<instance>/<tenant>/<env>           the origin; `nexusd/<instance>` for the note over all chains
//   <size>
//   <base64 root>
//   prev <base64 SHA-256 of the whole note before it of this origin; 32 zero bytes before the first>
//   time <RFC 3339>
//   key <verifier key>                         of a succession alone: the key that signs from here on
//
// A note of a succession has two signatures: that of the old key, then that of the key it names. Keys are text too:
// `<name>+<8 hex digits of the id>+<base64 of 0x01 and the 32 bytes>`. A private key has the prefix `PRIVATE+KEY+`. The
// key's name is `nexusd/<instance>` for all origins of one installation.
#pragma once
#include <filesystem>

#include "daemon/audit/digest.hpp"

namespace nexus::audit {

/// The key that verifies notes; not secret.
struct PublicKey {
  std::string name;
  std::string bytes;  // 32

  /// Strict. Returns nothing when the id does not match name and key.
  static std::optional<PublicKey> parse(std::string_view text);
  std::string text() const;
  /// The first 4 bytes of SHA-256(name "\n" 0x01 key).
  std::string id() const;
};

struct Checkpoint {
  std::string origin;
  std::int64_t size = 0;
  Digest root{};
  Digest prev{};
  std::string time;
  std::optional<PublicKey> successor = {};  // the line `key`
};

class SigningKey {
 public:
  static SigningKey generate(std::string name);
  static std::optional<SigningKey> parse(std::string_view text);
  /// Reads keys/checkpoint.key; returns nothing when it is missing. Throws std::runtime_error, one line for the
  /// operator, when the key is damaged or another installation's.
  static std::optional<SigningKey> load(const std::filesystem::path& file, const std::string& name);
  /// Saves the key durably, with mode 0600.
  void save(const std::filesystem::path& file) const;

  std::string text() const;
  const PublicKey& public_key() const { return public_; }
  std::string sign(std::string_view message) const;

 private:
  SigningKey(std::string seed, PublicKey key) : seed_(std::move(seed)), public_(std::move(key)) {}
  std::string seed_;
  PublicKey public_;
};

/// The whole note: text, empty line, signature line.
std::string make_note(const Checkpoint& checkpoint, const SigningKey& key);
/// The same for a succession: `key` signs for the last time, and `next` from here on.
std::string make_succession_note(Checkpoint checkpoint, const SigningKey& key, const SigningKey& next);
/// Parses a well-formed note, whoever signed it; returns nothing for any other text.
std::optional<Checkpoint> parse_note(std::string_view note);
/// Whether the note has a valid signature of this key.
bool is_signed_by(std::string_view note, const PublicKey& key);

}  // namespace nexus::audit
