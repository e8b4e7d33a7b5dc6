// What a look at a whole installation asks of the store: what is on record that a key made or a file holds, and what
// the notes say of the chains.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/sqlite/query.hpp"

namespace nexus::store {

/// Whether any token was ever made here.
bool has_tokens(const Reader& reader);
/// The newest note of all origins. Reads all of them.
std::optional<std::string> find_newest_audit_note(const Reader& reader);

/// The note of the largest size of each chain; that over all chains is of tenant "" and env "".
struct NewestNote {
  std::string tenant_id, env;
  std::int64_t size = 0;
  std::string note;
};
std::vector<NewestNote> list_newest_audit_notes(const Reader& reader);

/// Every object that a row of any plane tells of, by key and size.
void scan_object_records(const Reader& reader, const std::function<void(std::string_view, std::int64_t)>& take);

}  // namespace nexus::store
