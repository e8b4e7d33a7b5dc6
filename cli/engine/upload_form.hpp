// Uploads of files by a form to the daemon itself, for media and canvases, and the content type for a file name.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "cli/engine/command.hpp"
#include "cli/engine/form.hpp"
#include "cli/engine/session.hpp"

namespace nexus::cli {

/// Returns video/mp4 for `clip.MP4`, and application/octet-stream for an unknown ending.
std::string content_type_of(std::string_view filename);

/// --filename, --content-type, then `more`, then FILE.
std::vector<Parameter> upload_parameters(std::vector<Parameter> more = {});

/// POSTs each FILE with these fields to `path`, and prints each answer as soon as it arrives (as JSON, all at once).
int upload_each(Session& session, const Values& values, const std::string& path, const FormFields& fields,
                const Shape& shape);

}  // namespace nexus::cli
