// A search as options and arguments give it, for the commands that take one.
#pragma once
#include "cli/engine/command.hpp"
#include "daemon/base/json.hpp"

namespace nexus::cli {

/// --type, --top and QUERY….
std::vector<Parameter> search_parameters();
/// The SearchQuery of the API; words of several arguments are one text.
Json search_query(const Values& values);

/// Plain text with `**` around found words, made fit for a terminal: in bold where there is colour, as it is elsewhere.
std::string highlighted(const std::string& snippet, bool colour);

}  // namespace nexus::cli
