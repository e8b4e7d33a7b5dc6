// The public keys that signed notes of this installation, oldest first; the last one signs now. Each is stored before
// its first note. The chains record each succession: as a note signed by both keys (note.hpp) or, if the older key was
// lost, as a row `key_replace` in every chain, whose subject {"type":"checkpoint_key"} is the newer key.
#pragma once

#include "daemon/audit/note.hpp"
#include "store/query.hpp"

namespace nexus::audit {

/// The subject type of a signing key in a row `key_replace`.
inline constexpr std::string_view kCheckpointKey = "checkpoint_key";

/// Empty before the first key is stored.
std::vector<PublicKey> list_checkpoint_keys(const store::Reader& reader);
/// Does nothing if the key is the last one already.
void remember_checkpoint_key(store::Tx& tx, const PublicKey& key);

}  // namespace nexus::audit
