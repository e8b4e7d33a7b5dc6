// `nexusctl audit verify`: a running daemon's log, an export, or a database file, judged on this machine.
#pragma once
#include "cli/command.hpp"
#include "cli/session.hpp"

namespace nexus::cli {

std::vector<Parameter> verify_parameters();
int run_verify(Session& session, const Values& values);

/// Reads the export of the session's tenant and env and gives it away in pieces.
void stream_export(Session& session, const std::function<void(std::string_view)>& take);

}  // namespace nexus::cli
