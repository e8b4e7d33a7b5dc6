// Several files, one after the other: what went in is told, in every format, and what did not is no reason to leave the
// rest out.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "cli/engine/session.hpp"

namespace nexus::cli {

/// Sends each file with `send` and prints its answer, as JSON and YAML all in one document. A file that fails is
/// reported on stderr; the exit code is that of the first one.
int send_each(Session& session, const std::vector<std::string>& files, const Shape& shape,
              const std::function<Answer(const std::string& file)>& send);

/// `--filename` and `--idempotency-key` stand for one file.
void require_one_file(const Session& session, const Values& values);

/// The answer, unless it names another digest than that of what was sent.
const Answer& require_digest(const Answer& answer, const std::string& sha256, const std::string& file);

}  // namespace nexus::cli
