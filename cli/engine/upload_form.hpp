// Uploads of the FILEs of a command, one after the other, and by a form to the daemon itself for media and canvases.
// Every success is reported, in every format; a failure does not stop the others.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "cli/engine/command.hpp"
#include "cli/engine/curl.hpp"
#include "cli/engine/local_file.hpp"
#include "cli/engine/session.hpp"

namespace nexus::cli {

/// Sends each FILE with `send` and prints its answer; as JSON and YAML, all answers are one document. A file that
/// fails, or whose answer names another digest, is reported on stderr. The exit code is that of the first failure.
int send_each(Session& session, const Values& values, const Shape& shape,
              const std::function<Answer(const LocalFile& file)>& send);

/// Refuses `--filename` and `--idempotency-key` with several files.
void require_one_file(const Session& session, const Values& values);

/// --filename, --content-type, then `more`, then FILE.
std::vector<Parameter> upload_parameters(std::vector<Parameter> more = {});

/// POSTs each FILE with these fields to `path`, and prints each answer as soon as it arrives (as JSON, all at once).
int upload_each(Session& session, const Values& values, const std::string& path, const FormFields& fields,
                const Shape& shape);

}  // namespace nexus::cli
