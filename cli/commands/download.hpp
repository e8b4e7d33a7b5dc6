// Downloads stored content into a file and checks its digest, for every plane that has a download route.
#pragma once
#include <string>

#include "cli/engine/one_request.hpp"

namespace nexus::cli {

/// --output-file and --force, then `more`.
std::vector<Parameter> download_parameters(std::vector<Parameter> more);

/// Prints a curl line that fetches `path`, for routes whose answer is the content itself. `name` is the file unless one
/// is given.
int print_curl_fetch(Session& session, const Values& values, const std::string& path, const std::string& name);

/// Fetches `/download` below the record that `pattern` names (cli/engine/one_request.hpp), and prints the value of
/// `parameter` as `field`.
Handler downloads(std::string pattern, std::string parameter, std::string field);

}  // namespace nexus::cli
