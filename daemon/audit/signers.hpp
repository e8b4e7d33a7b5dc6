// Whose turn it is to sign: the keys behind the notes of one origin, in their order.
//
// A key gives way to the next in two ways. By a note that names its successor and is signed by both: who trusts either
// key trusts the other. Or, where it was lost, by a row `key_replace`: nobody vouches for the next key then, and who
// trusts the older one alone is told of a bad signature.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/audit/note.hpp"

namespace nexus::audit {

/// A key that signed notes. Sizes are those of the notes.
struct Signer {
  PublicKey key;
  std::int64_t since = 0;      // of its first note
  std::int64_t rows = 0;       // of its last one
  bool replaces_lost = false;  // nobody vouches for it: the key before it was lost
};

/// Whose signatures count. Without any, signatures are not judged.
struct Keys {
  std::vector<PublicKey> known = {};      // of this installation, as the log itself says
  std::optional<PublicKey> trusted = {};  // what the verifier brought of its own
};

class Signers {
 public:
  explicit Signers(Keys keys) : keys_(std::move(keys)) {}

  bool judged() const { return !keys_.known.empty() || keys_.trusted; }
  bool is_signed_by_known(std::string_view note) const;
  /// The next note, in order. False when the signature is wrong, or it is another key's turn.
  bool take(std::string_view note, const Checkpoint& checkpoint);
  /// A row that says so: this key stands for a lost one from `size` on.
  void replaced(std::string_view key, std::int64_t size) { replaced_.emplace(key, size); }
  /// Once all notes and rows are in: tells of every bad signature that shows only now.
  void finish(const std::function<void(std::int64_t size)>& bad_signature) const;

  const std::vector<Signer>& all() const { return signers_; }
  const std::map<std::string, std::int64_t, std::less<>>& replacements() const { return replaced_; }
  /// Up to here notes of a lost key reach that nobody knows any more; its successor vouches for the rows.
  std::int64_t unknown_rows() const { return signers_.empty() || unknown_.empty() ? 0 : unknown_.back(); }

 private:
  const PublicKey* signer_of(std::string_view note) const;

  Keys keys_;
  std::vector<Signer> signers_;
  std::vector<std::int64_t> unknown_;  // sizes of the notes before the first one of a known key
  std::map<std::string, std::int64_t, std::less<>> replaced_;
};

}  // namespace nexus::audit
