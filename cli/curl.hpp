// Requests as curl lines, for --print curl: what a person can paste, with "$NEXUS_TOKEN" where the secret would stand.
#pragma once
#include <string>
#include <string_view>

#include "cli/client.hpp"
#include "daemon/base/json.hpp"

namespace nexus::cli {

/// A word for a POSIX shell: as it is when harmless, else in single quotes.
std::string shell_quote(std::string_view text);

/// The request as one line. A header `Authorization` is written with "$NEXUS_TOKEN", whatever its value.
std::string curl_line(const Exchange& exchange);

/// A file name in curl's own quotes inside -F.
std::string curl_file_name(const std::string& path);

/// A line that uploads `path` with a presigned form.
std::string curl_upload_line(const std::string& url, const Json& fields, const std::string& path);

}  // namespace nexus::cli
