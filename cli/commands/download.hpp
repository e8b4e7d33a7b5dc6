// Fetching stored content back into a file, checked against its digest: for every plane that has a download route.
#pragma once
#include <string>

#include "cli/engine/one_request.hpp"

namespace nexus::cli {

/// --output-file and --force, then `more`.
std::vector<Parameter> download_parameters(std::vector<Parameter> more);

/// Prints a curl line that fetches `path` where its answer is the content itself; `name` is the file unless one is
/// given.
int print_curl_fetch(Session& session, const Values& values, const std::string& path, const std::string& name);

/// Fetches what is at `/download` below the record that `pattern` names (cli/engine/one_request.hpp), and prints the
/// value of `parameter` as `field`.
Handler downloads(std::string pattern, std::string parameter, std::string field);

}  // namespace nexus::cli
