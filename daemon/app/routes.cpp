#include "daemon/app/routes.hpp"

#include "daemon/analytics/routes.hpp"
#include "daemon/atoms/routes.hpp"
#include "daemon/audit_log/routes.hpp"
#include "daemon/budget/routes.hpp"
#include "daemon/canvas/routes.hpp"
#include "daemon/cards/routes.hpp"
#include "daemon/events/routes.hpp"
#include "daemon/feature_flags/routes.hpp"
#include "daemon/firearms/routes.hpp"
#include "daemon/gate_checks/routes.hpp"
#include "daemon/identity/routes.hpp"
#include "daemon/identity/tokens.hpp"
#include "daemon/kill_switches/routes.hpp"
#include "daemon/kpi/routes.hpp"
#include "daemon/maybes/routes.hpp"
#include "daemon/media/artifacts.hpp"
#include "daemon/media/assets.hpp"
#include "daemon/memory/routes.hpp"
#include "daemon/packs/routes.hpp"
#include "daemon/presigned/routes.hpp"
#include "daemon/privacy/routes.hpp"
#include "daemon/rails/chat.hpp"
#include "daemon/rails/streams.hpp"
#include "daemon/rails/ticket_routes.hpp"
#include "daemon/rails/ws_routes.hpp"
#include "daemon/rate_limits/routes.hpp"
#include "daemon/raw/routes.hpp"
#include "daemon/runs/routes.hpp"
#include "daemon/search/routes.hpp"
#include "daemon/settings/routes.hpp"
#include "daemon/strategy_locks/routes.hpp"
#include "daemon/temperature/routes.hpp"
#include "daemon/three_wise/routes.hpp"

namespace nexus::app {

http::RouteTable all_routes(const RouteServices& services) {
  http::RouteTable routes;
  system::add_system_routes(routes, services.system);
  identity::add_token_routes(routes, services.bearers);
  identity::add_tenant_routes(routes);
  identity::add_user_routes(routes);
  identity::add_member_routes(routes);
  identity::add_tenant_token_routes(routes);
  identity::add_membership_routes(routes);
  kill_switches::add_kill_switch_routes(routes);
  audit_log::add_audit_routes(routes, services.audit);
  budget::add_usage_routes(routes);
  budget::add_budget_policy_routes(routes, services.strict);
  kpi::add_kpi_routes(routes);
  kpi::add_corridor_routes(routes, services.strict);
  temperature::add_temperature_config_routes(routes);
  temperature::add_temperature_routes(routes);
  firearms::add_licence_routes(routes);
  firearms::add_dangerous_action_routes(routes);
  strategy_locks::add_strategy_lock_routes(routes);
  three_wise::add_three_wise_routes(routes);
  events::add_event_routes(routes);
  privacy::add_privacy_routes(routes);
  feature_flags::add_feature_flag_routes(routes);
  rate_limits::add_rate_limit_routes(routes, services.default_quota);
  gate_checks::add_gate_routes(routes, services.strict, services.refuse_local_blobs_in_prod);
  raw::add_raw_routes(routes, services.blobs, {services.upload_bytes_max, services.digest_required});
  atoms::add_atom_routes(routes, services.blobs);
  runs::add_run_routes(routes);
  cards::add_card_routes(routes);
  settings::add_settings_routes(routes);
  search::add_search_routes(routes);
  packs::add_pack_routes(routes);
  media::add_asset_routes(routes, services.blobs, services.upload_bytes_max);
  media::add_artifact_routes(routes, services.blobs);
  canvas::add_canvas_routes(routes, services.blobs, services.upload_bytes_max);
  rails::add_ticket_routes(routes, services.tickets);
  rails::add_thread_routes(routes);
  rails::add_message_routes(routes, services.rails);
  rails::add_stream_routes(routes, services.rails);
  rails::add_websocket_routes(routes, services.rails);
  memory::add_memory_routes(routes);
  maybes::add_maybe_routes(routes);
  analytics::add_analytics_routes(routes);
  if (services.local_blobs != nullptr)
    presigned::add_blob_routes(routes, *services.local_blobs, services.audit.database);
  routes.complete();
  return routes;
}

}  // namespace nexus::app
