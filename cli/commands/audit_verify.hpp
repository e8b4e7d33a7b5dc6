// `nexusctl audit verify`: judges a running daemon's log, an export, or a database file, on this machine.
#pragma once
#include "cli/engine/session.hpp"
#include "daemon/audit/verify.hpp"

namespace nexus::cli {

std::vector<Parameter> verify_parameters();
int run_verify(Session& session, const Values& values);

/// Says, for people, which rows no checkpoint signs; empty when there are none.
std::string unsigned_rows_text(const audit::Report& report);

/// Reads the export of the session's tenant and env and passes it on in pieces.
void stream_export(Session& session, const std::function<void(std::string_view)>& take);

}  // namespace nexus::cli
