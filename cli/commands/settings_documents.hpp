// Where the daemon has a document of settings.
#pragma once
#include <string>

namespace nexus::cli {

/// The path of `surface`, `app/NAME` or `connector/NAME`; with `lists` also of `apps` and `connectors`, all of them.
/// Throws a usage error for anything else.
std::string path_of_settings(const std::string& document, bool lists);

}  // namespace nexus::cli
