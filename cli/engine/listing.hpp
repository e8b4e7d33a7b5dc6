// Lists: the options of every list, and following the cursor.
#pragma once
#include "cli/engine/command.hpp"
#include "cli/engine/session.hpp"

namespace nexus::cli {

/// `more` first, then --limit, --cursor and --all.
std::vector<Parameter> list_parameters(std::vector<Parameter> more = {});

/// Reads one page, or with --all every page into one document whose next_cursor is null. Prints it and returns 0.
/// `list` is the answer's member that holds the items.
int print_pages(Session& session, const Values& values, ApiRequest request, const Shape& shape,
                const char* list = "items");

}  // namespace nexus::cli
