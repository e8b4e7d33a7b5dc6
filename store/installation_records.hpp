// Queries for checking a whole installation: the records of tokens, audit notes and stored objects.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/sqlite/query.hpp"

namespace nexus::store {

/// Whether any token was ever made in this installation.
bool has_tokens(const Reader& reader);
/// The newest note of all origins. Reads all notes.
std::optional<std::string> find_newest_audit_note(const Reader& reader);

/// The note of the largest size of each chain. The note over all chains has tenant "" and env "".
struct NewestNote {
  std::string tenant_id, env;
  std::int64_t size = 0;
  std::string note;
};
std::vector<NewestNote> list_newest_audit_notes(const Reader& reader);

/// Passes key and size of every object that a row of any plane names to `take`.
void scan_object_records(const Reader& reader, const std::function<void(std::string_view, std::int64_t)>& take);

}  // namespace nexus::store
