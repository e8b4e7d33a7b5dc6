// Values for shells that no list of the daemon holds as such: they are gathered from what other lists say. Each is a
// few requests, never one an item. What is not found is not offered.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cli/engine/completion.hpp"
#include "cli/engine/session.hpp"

namespace nexus::cli {

/// The newest `most` things of a list. Nothing where the token of the line may not read it, or only with an audit row.
/// Throws what Session::call throws.
std::vector<Json> listed(Session& session, ApiRequest request, int most = 200);

/// The offers for ATOM_ID, SESSION, and of settings DOCUMENT, FROM and TO: atoms of the assets that were cut last,
/// sessions of memory that had a turn lately, documents and their versions. Nothing for any other parameter.
std::optional<std::vector<Offer>> gathered_values(Session& session, const Cursor& cursor, const std::string& group,
                                                  const std::string& parameter);

}  // namespace nexus::cli
