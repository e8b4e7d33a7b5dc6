// Requests as curl lines, for --print curl: what a person can paste, with "$NEXUS_TOKEN" where the secret would stand.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/engine/client.hpp"

namespace nexus::cli {

/// How servers are reached and trusted, as curl's options with a blank before each; empty when the environment says it.
std::string curl_reach(const Reach& reach);

/// The request as one line, with further `options` of curl's. A header `Authorization` is written with "$NEXUS_TOKEN",
/// whatever its value. A Failure for a body that is longer than a command line takes.
std::string curl_line(const Exchange& exchange, const std::string& options = {});

/// A form with one file, as curl's words: what form.hpp sends. `filename` and `content_type` are those of the part.
std::string curl_form(const std::vector<std::pair<std::string, std::string>>& fields, const std::string& path,
                      const std::string& filename, const std::string& content_type);

}  // namespace nexus::cli
