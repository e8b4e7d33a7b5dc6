#include "daemon/app/keys.hpp"

#include "daemon/app/secret_file.hpp"
#include "daemon/audit/checkpoints.hpp"
#include "daemon/audit/succession.hpp"
#include "daemon/base/file.hpp"
#include "daemon/blobs/backend.hpp"
#include "store/identity.hpp"

namespace nexus::app {
namespace {

namespace fs = std::filesystem;

bool holds_objects(const fs::path& blobs) {
  std::error_code unreadable;
  for (auto at = fs::recursive_directory_iterator(blobs, unreadable); at != fs::recursive_directory_iterator(); ++at)
    if (at->is_regular_file()) return true;
  return false;
}

std::optional<KeyFault> checkpoint_fault(const store::Reader& reader, const KeyPlace& place) {
  const auto known = audit::list_checkpoint_keys(reader);
  const auto note = known.empty() ? store::find_newest_audit_note(reader) : std::nullopt;
  const auto key = audit::SigningKey::load(place.checkpoint(), place.checkpoint_name());
  const std::string file = place.checkpoint().string();
  if (!key && (note || !known.empty()))
    return KeyFault{KeyKind::checkpoint, true, file + " is missing, and it signs the audit chains"};
  if (!key) return std::nullopt;
  const bool right = known.empty() ? !note || audit::is_signed_by(note->note, key->public_key())
                                   : known.back().text() == key->public_key().text();
  if (right) return std::nullopt;
  return KeyFault{KeyKind::checkpoint, false, file + " is not the key of the newest checkpoint"};
}

/// Adds the row to the chain of each head.
void append_everywhere(store::Tx& tx, std::string_view instance_id, std::string_view subject_type,
                       const std::string& subject_id) {
  for (const auto& head : store::list_audit_heads(tx)) {
    audit::Act act = audit::own_act(head.realm(), "key_replace", std::string(subject_type), subject_id);
    audit::append(tx, instance_id, act, now_micros());
  }
}

/// If the store knows the new key, it only has to replace the old one. Else it never signed anything.
void end_succession(Installation& installation, const KeyPlace& place) {
  const auto next = audit::SigningKey::load(place.next_checkpoint(), place.checkpoint_name());
  if (!next) return;
  const auto known = audit::list_checkpoint_keys(installation.database().read().reader());
  if (!known.empty() && known.back().text() == next->public_key().text())
    fs::rename(place.next_checkpoint(), place.checkpoint());
  else
    fs::remove(place.next_checkpoint());
  sync_directory(place.directory());
}

std::string replace_one(Installation& installation, const KeyPlace& place, KeyKind kind) {
  std::string type, id;
  std::optional<audit::SigningKey> checkpoint;
  switch (kind) {
    case KeyKind::checkpoint:
      checkpoint = audit::SigningKey::generate(place.checkpoint_name());
      checkpoint->save(place.next_checkpoint());
      type = audit::kCheckpointKey;
      id = checkpoint->public_key().text();
      break;
    case KeyKind::signing:
      type = "signing_key";
      id = Keyring::rotate(place.directory(), std::nullopt);
      break;
    case KeyKind::local_pair:
      type = "local_key_pair";
      id = blobs::load_or_create_credentials(place.local_pair()).access_key_id;
      break;
  }
  installation.database().writer().apply([&](store::Tx& tx) {
    append_everywhere(tx, installation.instance_id(), type, id);
    if (checkpoint) audit::remember_checkpoint_key(tx, checkpoint->public_key());
  });
  end_succession(installation, place);
  return type + " " + id;
}

}  // namespace

KeyPlace key_place(const Config& config, const fs::path& data_dir, std::string instance_id) {
  return {data_dir, std::move(instance_id), config.blobs == BlobBackend::local};
}

std::vector<KeyFault> find_key_faults(const store::Reader& reader, const KeyPlace& place) {
  std::vector<KeyFault> faults;
  if (auto fault = checkpoint_fault(reader, place)) faults.push_back(std::move(*fault));
  if (Keyring::kids(place.directory()).empty() && store::has_tokens(reader))
    faults.push_back(
        {KeyKind::signing, true,
         "no " + (place.directory() / "jwt-*.key").string() + " is there, and tokens on record are signed"});
  if (place.local_blobs && !fs::exists(place.local_pair()) && holds_objects(place.data_dir / "blobs"))
    faults.push_back({KeyKind::local_pair, true,
                      place.local_pair().string() + " is missing, and it signs forms and links of the stored files"});
  return faults;
}

void require_keys(Installation& installation, const KeyPlace& place) {
  end_succession(installation, place);
  const auto faults = find_key_faults(installation.database().read().reader(), place);
  if (faults.empty()) return;
  std::string what;
  bool lost = true;
  for (const auto& fault : faults) {
    what += (what.empty() ? "" : "; ") + fault.what;
    lost = lost && fault.missing;
  }
  std::string remedy = installation.file() != nullptr
                           ? ": restore keys/ from the backup that belongs to this database"
                           : ": give this daemon the keys/ that all daemons of this database have";
  if (lost) remedy += "; if it is lost for good: nexusd key replace-lost --confirm " + place.instance_id;
  throw std::runtime_error(what + remedy);
}

audit::SigningKey checkpoint_key(Installation& installation, const KeyPlace& place) {
  auto key = audit::SigningKey::load(place.checkpoint(), place.checkpoint_name());
  if (!key) {
    key = audit::SigningKey::generate(place.checkpoint_name());
    key->save(place.checkpoint());
  }
  const auto known = audit::list_checkpoint_keys(installation.database().read().reader());
  if (!known.empty()) return *key;
  installation.database().writer().apply([&](store::Tx& tx) {
    if (audit::list_checkpoint_keys(tx).empty()) audit::remember_checkpoint_key(tx, key->public_key());
  });
  require_keys(installation, place);  // another daemon may have been first, with another key
  return *key;
}

audit::SigningKey required_checkpoint_key(Installation& installation, const Config& config) {
  const auto place = key_place(config, installation.directory().path(), installation.instance_id());
  require_keys(installation, place);
  return checkpoint_key(installation, place);
}

Keyring renewed_keys(const Installation& installation, const Config& config) {
  if (Keyring::kids(installation.directory().keys()).empty())
    throw std::runtime_error("keys/ holds no jwt-*.key: put those back that were there");
  return trusted_keys(installation, config);
}

Keyring trusted_keys(const Installation& installation, const Config& config) {
  Keyring keys = installation.keys();
  keys.trust_root(installation.root_token_sha256());
  if (config.jwt_secret_file.empty()) return keys;
  std::string secret = read_secret_bytes("jwt-secret-file", config.jwt_secret_file);
  if (secret.size() < 32) throw std::runtime_error("jwt-secret-file: the shared key must have at least 32 bytes");
  keys.share(std::move(secret));
  return keys;
}

Keyring first_trusted_keys(Installation& installation, const Config& config) {
  Keyring keys = trusted_keys(installation, config);
  installation.tell_keys(keys, true);
  return keys;
}

audit::PublicKey succeed_checkpoint_key(Installation& installation, const KeyPlace& place) {
  require_keys(installation, place);
  audit::Checkpoints checkpoints(installation.database(), checkpoint_key(installation, place), place.instance_id);
  const auto next = audit::SigningKey::generate(place.checkpoint_name());
  // The new key is saved before the first note names it, and replaces the old one after the last note.
  next.save(place.next_checkpoint());
  checkpoints.succeed(next);
  end_succession(installation, place);
  return next.public_key();
}

std::vector<std::string> replace_lost_keys(Installation& installation, const KeyPlace& place) {
  end_succession(installation, place);
  const auto faults = find_key_faults(installation.database().read().reader(), place);
  for (const auto& fault : faults)
    if (!fault.missing)
      throw std::runtime_error(fault.what + ": restore the right one, or move this one away and replace it as lost");
  std::vector<std::string> made;
  for (const auto& fault : faults) made.push_back(replace_one(installation, place, fault.kind));
  return made;
}

}  // namespace nexus::app
