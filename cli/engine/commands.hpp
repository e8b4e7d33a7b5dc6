// Every group of commands, one function and one file each. To add one: write its file, declare it here, name it in
// commands.cpp.
#pragma once
#include "cli/engine/command.hpp"
#include "cli/engine/session.hpp"

namespace nexus::cli {

Command status_command();
Command wait_command();
Command whoami_command();
Command version_command();
Command context_command();
Command login_command();
Command tenant_command();
Command user_command();
Command member_command();
Command token_command();
Command presign_command();
Command upload_command();
Command register_command();
Command asset_command();
Command kill_command();
Command gate_command();
Command firearms_command();
Command lock_command();
Command three_wise_command();
Command budget_command();
Command kpi_command();
Command temperature_command();
Command event_command();
Command privacy_command();
Command flags_command();
Command limits_command();
Command search_command();
Command pack_command();
Command audit_command();
Command media_command();
Command canvas_command();
Command atom_command();
Command runs_command();
Command card_command();
Command settings_command();
Command chat_command();
Command memory_command();
Command maybe_command();
Command smoke_command();

}  // namespace nexus::cli
