// Determines which key must sign: the keys behind the notes of one origin, in order.
//
// A key is replaced in two ways. A succession is a note that names the next key and is signed by both, so that trust in
// either key extends to the other. For a lost key it is a row `key_replace`. Nothing vouches for the next key then, and
// a verifier that trusts only the older key reports a bad signature.
#pragma once
#include <functional>
#include <map>
#include <vector>

#include "daemon/audit/note.hpp"

namespace nexus::audit {

/// A key that signed notes. Sizes are those of the notes.
struct Signer {
  PublicKey key;
  std::int64_t since = 0;      // of its first note
  std::int64_t rows = 0;       // of its last one
  bool replaces_lost = false;  // nothing vouches for it: the key before it was lost
};

/// The keys whose signatures count. Without any, signatures are not checked.
struct Keys {
  std::vector<PublicKey> known = {};      // of this installation, according to the log itself
  std::optional<PublicKey> trusted = {};  // supplied by the verifier
};

class Signers {
 public:
  explicit Signers(Keys keys) : keys_(std::move(keys)) {}

  bool judged() const { return !keys_.known.empty() || keys_.trusted; }
  bool is_signed_by_known(std::string_view note) const { return signer_of(note) != nullptr; }
  /// Takes the next note, in order. False when the signature is wrong or of a key whose turn it is not.
  bool take(std::string_view note, const Checkpoint& checkpoint);
  /// Notes a row `key_replace`: this key replaces a lost one from `size` on.
  void replaced(std::string_view key, std::int64_t size) { replaced_.emplace(key, size); }
  /// Reports the bad signatures that can be detected only after all notes and rows.
  void finish(const std::function<void(std::int64_t size)>& bad_signature) const;

  const std::vector<Signer>& all() const { return signers_; }
  const std::map<std::string, std::int64_t, std::less<>>& replacements() const { return replaced_; }
  /// The last row under notes of a lost, now unknown key. Its successor vouches for these rows.
  std::int64_t unknown_rows() const { return signers_.empty() || unknown_.empty() ? 0 : unknown_.back(); }

 private:
  const PublicKey* signer_of(std::string_view note) const;

  Keys keys_;
  std::vector<Signer> signers_;
  std::vector<std::int64_t> unknown_;  // sizes of the notes before the first one of a known key
  std::map<std::string, std::int64_t, std::less<>> replaced_;
};

}  // namespace nexus::audit
