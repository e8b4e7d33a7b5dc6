// Requests as curl lines, for --print curl: lines to paste, with "$NEXUS_TOKEN" in place of the secret.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/engine/client.hpp"

namespace nexus::cli {

using FormFields = std::vector<std::pair<std::string, std::string>>;

/// How servers are reached and trusted, as curl's options with a blank before each; empty when the environment says it.
std::string curl_reach(const Reach& reach);

/// Returns the request as one line, with further `options` of curl's. A header `Authorization` is written with
/// "$NEXUS_TOKEN", whatever its value. Throws a Failure for a body that is too long for a command line.
std::string curl_line(const Exchange& exchange, const std::string& options = {});

/// A form with one file, as curl's words, equal to the form of transfer.cpp. `filename` and `content_type` are those of
/// the part.
std::string curl_form(const FormFields& fields, const std::string& path, const std::string& filename,
                      const std::string& content_type);

}  // namespace nexus::cli
