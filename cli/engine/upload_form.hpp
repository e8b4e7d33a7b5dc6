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

/// Which files to send. `several`: answers are printed as a list, even that of a single file.
struct FilesToSend {
  std::vector<std::string> paths;
  std::string filename = {};  // to store it under; empty: the path's last part
  bool several = false;
};
/// The FILEs and the --filename of the command line.
FilesToSend files_to_send(const Values& values);

using Send = std::function<Answer(const std::string& path, const LocalFile& file)>;

/// Sends each file with `send` and prints its answer; as JSON and YAML, all answers are one document. A file that
/// fails, or whose answer names another digest, is reported on stderr. The exit code is that of the first failure. A
/// note says where a file is stored under another name than its own, a warning where two names became one.
int send_each(Session& session, const FilesToSend& files, const Shape& shape, const Send& send);

/// Refuses `--filename` and `--idempotency-key` where there may be several files.
void require_one_file(const Session& session, const FilesToSend& files);

/// --filename, --content-type, then `more`, then FILE.
std::vector<Parameter> upload_parameters(std::vector<Parameter> more = {});

/// POSTs each FILE with these fields to `path`, and prints each answer as soon as it arrives (as JSON, all at once).
int upload_each(Session& session, const Values& values, const std::string& path, const FormFields& fields,
                const Shape& shape);

}  // namespace nexus::cli
