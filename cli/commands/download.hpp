// Downloads stored content into a file and checks its digest, for every plane that has a download route.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "cli/engine/one_request.hpp"

namespace nexus::cli {

/// --output-file and --force, then `more`.
std::vector<Parameter> download_parameters(std::vector<Parameter> more);

/// Prints a curl line that fetches `path`, for routes whose answer is the content itself. `name` is the file unless one
/// is given.
int print_curl_fetch(Session& session, const Values& values, const std::string& path, const std::string& name);

/// Where content goes. `streams`: to standard output, where nothing else is printed.
struct Target {
  std::optional<std::string> chosen;
  bool streams = false;
  bool replaces = false;
};
/// Takes --output-file and --force, and refuses what has no effect beside standard output. Call it before anything is
/// asked.
Target take_target(Session& session, const Values& values);

/// Stored content: `record` is what the daemon says of it, and `read` passes its bytes to the sink.
struct Content {
  std::string field, id;
  Json record;
  std::function<void(const std::function<void(std::string_view)>& sink)> read;
};
/// Writes the content into its target, compares its digest with that of the record, and prints what was kept.
int keep_content(Session& session, const Target& target, const Content& content);

/// Fetches `/download` below the record that `pattern` names (cli/engine/one_request.hpp), and prints the value of
/// `parameter` as `field`.
Handler downloads(std::string pattern, std::string parameter, std::string field);

}  // namespace nexus::cli
