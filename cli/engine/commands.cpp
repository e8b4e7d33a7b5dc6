// The command tree of nexusctl.
#include "cli/engine/commands.hpp"

#include "cli/commands/settings.hpp"

namespace nexus::cli {

const Command& root_command() {
  static const Command kRoot = {
      .name = "nexusctl",
      .summary = "the command line of Nexus, a multi-tenant control plane",
      .example = "nexusctl upload report.pdf --tenant TENANT_ID --env dev",
      .parameters = global_parameters(),
      .commands = {status_command(),   wait_command(),        whoami_command(),     version_command(),
                   context_command(),  login_command(),       tenant_command(),     user_command(),
                   member_command(),   token_command(),       presign_command(),    upload_command(),
                   register_command(), asset_command(),       kill_command(),       gate_command(),
                   firearms_command(), lock_command(),        three_wise_command(), budget_command(),
                   kpi_command(),      temperature_command(), event_command(),      privacy_command(),
                   flags_command(),    limits_command(),      search_command(),     pack_command(),
                   audit_command(),    media_command(),       canvas_command(),     atom_command(),
                   runs_command(),     card_command(),        settings_command(),   chat_command(),
                   memory_command(),   maybe_command(),       smoke_command()},
  };
  return kRoot;
}

}  // namespace nexus::cli
