// The keys of an installation: which of them what is on record needs, and how one comes after another. A key that is
// missing is made where nothing on record needs it, at the first start that is; else it was lost, and neither a start
// nor a check takes a new one for it in silence.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "daemon/app/installation.hpp"
#include "daemon/audit/note.hpp"
#include "daemon/config/config.hpp"

namespace nexus::app {

/// Where the keys stand, what they are named, and what they are needed for.
struct KeyPlace {
  std::filesystem::path data_dir;
  std::string instance_id;
  bool local_blobs = true;  // objects are kept on the local store, which signs forms and links with a pair of its own

  std::filesystem::path directory() const { return data_dir / "keys"; }
  std::filesystem::path checkpoint() const { return directory() / "checkpoint.key"; }
  std::filesystem::path next_checkpoint() const { return directory() / "checkpoint.key.next"; }
  std::filesystem::path local_pair() const { return directory() / "local-s3.key"; }
  std::string checkpoint_name() const { return "nexusd/" + instance_id; }
};
KeyPlace key_place(const Config& config, const std::filesystem::path& data_dir, std::string instance_id);

enum class KeyKind { checkpoint, signing, local_pair };

struct KeyFault {
  KeyKind kind;
  bool missing;      // else it is there, and is not the one
  std::string what;  // in words, naming the file and what needs it
};
/// What what is on record needs of keys and does not find. Throws std::runtime_error for a file that is no key.
std::vector<KeyFault> find_key_faults(const store::Reader& reader, const KeyPlace& place);

/// Ends a succession that a crash cut short. Then throws std::runtime_error, one line, where a key that is needed is
/// missing or another.
void require_keys(Installation& installation, const KeyPlace& place);

/// The key that signs notes; made, and remembered, where there is none yet. After require_keys.
audit::SigningKey checkpoint_key(Installation& installation, const KeyPlace& place);

/// A new key signs notes from here on. Each chain, and the store, gets a note that names it, signed by the old key and
/// the new one. Answers the new key.
audit::PublicKey succeed_checkpoint_key(Installation& installation, const KeyPlace& place);

/// New keys in the place of those that are lost, each with a row in every chain. Answers what was made, in words; empty
/// where nothing is lost. Throws std::runtime_error for a key that is there but is not the one.
std::vector<std::string> replace_lost_keys(Installation& installation, const KeyPlace& place);

}  // namespace nexus::app
