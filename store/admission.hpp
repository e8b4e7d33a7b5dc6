// The mark of what is read for every request: user and token (find_bearer), tenant and membership (find_standing), the
// limit of the rate (find_rate_limit) and the kill switches (find_kill_switches). Every change of their tables draws a
// new random mark in its own transaction (migrations/0036_admission_mark.sql). So equal marks mean an equal state, on
// every connection, whatever was rolled back in between.
#pragma once
#include "store/query.hpp"

namespace nexus::store {

/// The mark of the reader's snapshot or transaction. A lease reads it once. Nothing: no state may be remembered.
std::optional<std::int64_t> find_admission_mark(const Reader& reader);

/// The fact about the store (identity.hpp, meta) that each change draws anew which may end open streams. A daemon that
/// finds another one judges its streams.
inline constexpr std::string_view kRightsMark = "rights_mark";
/// Draws it, in the change's own transaction.
void mark_rights(Tx& tx);

}  // namespace nexus::store
