// The options and arguments of a search, for the commands that take one.
#pragma once
#include "cli/engine/command.hpp"
#include "cli/engine/output.hpp"
#include "cli/engine/session.hpp"

namespace nexus::cli {

/// --type, --top and QUERY….
std::vector<Parameter> search_parameters();
/// The SearchQuery of the API; words of several arguments are joined to one text.
Json search_query(const Values& values);

/// Notes that the QUERY has signs and no word, so that it finds nothing.
void note_wordless(Session& session, const Values& values);

/// The table of what a search found, for a terminal with colour: words between `**` in its snippets are bold.
std::string table_in_bold(Json found, const Shape& shape, const View& view);

}  // namespace nexus::cli
