// The keys of an installation: which ones the records need, and how one key succeeds another. A missing key that no
// record needs is made, as at the first start. A missing key that a record needs was lost, and neither a start nor a
// check replaces it in silence.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "daemon/app/installation.hpp"
#include "daemon/audit/note.hpp"
#include "daemon/config/config.hpp"

namespace nexus::app {

/// Where the keys are, their names, and what needs them.
struct KeyPlace {
  std::filesystem::path data_dir;
  std::string instance_id;
  bool local_blobs = true;  // objects are in the local store, which signs forms and links with its own key pair

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
  bool missing;      // false: a file is there, but holds another key
  std::string what;  // for people: the file and what needs it
};
/// The keys that the records need and that are missing or different. Throws std::runtime_error for a file that is no
/// key.
std::vector<KeyFault> find_key_faults(const store::Reader& reader, const KeyPlace& place);

/// Completes a succession that a crash interrupted. Then throws std::runtime_error, one line, if a needed key is
/// missing or different.
void require_keys(Installation& installation, const KeyPlace& place);

/// The keys that vouch for callers: those of the installation, the system token's digest, and the shared one of the
/// configuration. Throws std::runtime_error for a shared key that is too short, and as read_secret_bytes does.
Keyring trusted_keys(const Installation& installation, const Config& config);
/// The same at the start. Also throws as Installation::tell_keys does.
Keyring first_trusted_keys(Installation& installation, const Config& config);

/// The same for a daemon that runs: it makes no key. Also throws std::runtime_error where none signs tokens.
Keyring renewed_keys(const Installation& installation, const Config& config);

/// The key that signs notes. Makes and records it if there is none yet. Call after require_keys.
audit::SigningKey checkpoint_key(Installation& installation, const KeyPlace& place);
/// The same, after require_keys: before any other key is used or made, so that a lost key is not replaced in silence.
audit::SigningKey required_checkpoint_key(Installation& installation, const Config& config);

/// Replaces the key that signs notes. Each chain, and the store, gets a note that names the new key, signed by the old
/// key and the new one. Returns the new key.
audit::PublicKey succeed_checkpoint_key(Installation& installation, const KeyPlace& place);

/// Makes new keys for the lost ones, each with a row in every chain. Returns descriptions of what was made; empty if
/// nothing was lost. Throws std::runtime_error for a key file that holds another key.
std::vector<std::string> replace_lost_keys(Installation& installation, const KeyPlace& place);

}  // namespace nexus::app
