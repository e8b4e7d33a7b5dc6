// Sends several files, one after the other. Every success is reported, in every format; a failure does not stop the
// others.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "cli/engine/session.hpp"

namespace nexus::cli {

/// Sends each file with `send` and prints its answer; as JSON and YAML, all answers are one document. A file that fails
/// is reported on stderr. The exit code is that of the first failure.
int send_each(Session& session, const std::vector<std::string>& files, const Shape& shape,
              const std::function<Answer(const std::string& file)>& send);

/// Refuses `--filename` and `--idempotency-key` with several files.
void require_one_file(const Session& session, const Values& values);

/// Returns the answer. Throws when it names another digest than that of the sent file.
const Answer& require_digest(const Answer& answer, const std::string& sha256, const std::string& file);

}  // namespace nexus::cli
