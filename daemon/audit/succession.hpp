// The public keys that signed notes of this installation, oldest first: the last one signs now. Each is remembered
// before its first note. How one came after the other, the chains tell: a note of a succession, signed by both
// (note.hpp), or, where the older key was lost, a row `key_replace` in every chain whose subject
// {"type":"checkpoint_key"} is the newer.
#pragma once
#include <vector>

#include "daemon/audit/note.hpp"
#include "store/sqlite/query.hpp"

namespace nexus::audit {

/// What a row `key_replace` calls a key that signs notes.
inline constexpr std::string_view kCheckpointKey = "checkpoint_key";

/// Empty before the first key is remembered.
std::vector<PublicKey> list_checkpoint_keys(const store::Reader& reader);
/// Nothing happens where it is the last one already.
void remember_checkpoint_key(store::Tx& tx, const PublicKey& key);

}  // namespace nexus::audit
