// Fetching stored content back into a file, checked against its digest: for every plane that has a download route.
#pragma once
#include <string>

#include "cli/engine/command.hpp"
#include "cli/engine/session.hpp"

namespace nexus::cli {

struct Downloadable {
  std::string id_name;  // "asset_id"
  std::string id;
  std::string path;  // of its record; the content is at `/download` below it
};

/// --output-file and --force, then `more`.
std::vector<Parameter> download_parameters(std::vector<Parameter> more);

/// Prints a curl line that fetches `path` where its answer is the content itself; `name` is the file unless one is
/// given.
int print_curl_fetch(Session& session, const Values& values, const std::string& path, const std::string& name);

int download(Session& session, const Values& values, const Downloadable& what);

}  // namespace nexus::cli
