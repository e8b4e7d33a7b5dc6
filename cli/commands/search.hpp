// The options and arguments of a search, for the commands that take one.
#pragma once
#include "cli/engine/command.hpp"

namespace nexus::cli {

/// --type, --top and QUERY….
std::vector<Parameter> search_parameters();
/// The SearchQuery of the API; words of several arguments are joined to one text.
Json search_query(const Values& values);

/// Makes plain text with `**` around found words safe for a terminal: bold where there is colour, unchanged elsewhere.
std::string highlighted(const std::string& snippet, bool colour);

}  // namespace nexus::cli
