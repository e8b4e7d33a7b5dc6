#include "daemon/app/routes.hpp"

#include "daemon/control/audit.hpp"
#include "daemon/control/budget.hpp"
#include "daemon/control/events.hpp"
#include "daemon/control/feature_flags.hpp"
#include "daemon/control/firearms.hpp"
#include "daemon/control/gates.hpp"
#include "daemon/control/kill_switches.hpp"
#include "daemon/control/kpi.hpp"
#include "daemon/control/privacy.hpp"
#include "daemon/control/rate_limits.hpp"
#include "daemon/control/strategy_locks.hpp"
#include "daemon/control/temperature.hpp"
#include "daemon/control/tenants.hpp"
#include "daemon/control/three_wise.hpp"
#include "daemon/control/tokens.hpp"
#include "daemon/media/artifacts.hpp"
#include "daemon/media/assets.hpp"
#include "daemon/media/canvas.hpp"
#include "daemon/nexus/analytics.hpp"
#include "daemon/nexus/atoms.hpp"
#include "daemon/nexus/blob_routes.hpp"
#include "daemon/nexus/cards.hpp"
#include "daemon/nexus/maybes.hpp"
#include "daemon/nexus/memory.hpp"
#include "daemon/nexus/packs.hpp"
#include "daemon/nexus/raw.hpp"
#include "daemon/nexus/runs.hpp"
#include "daemon/nexus/search.hpp"
#include "daemon/nexus/settings.hpp"
#include "daemon/rails/chat.hpp"
#include "daemon/rails/streams.hpp"
#include "daemon/rails/ticket_routes.hpp"
#include "daemon/rails/ws_routes.hpp"

namespace nexus::app {

http::RouteTable all_routes(const RouteServices& services) {
  http::RouteTable routes;
  control::add_system_routes(routes, services.system);
  control::add_token_routes(routes, services.bearers);
  control::add_tenant_routes(routes);
  control::add_user_routes(routes);
  control::add_member_routes(routes);
  control::add_tenant_token_routes(routes);
  control::add_membership_routes(routes);
  control::add_kill_switch_routes(routes);
  control::add_audit_routes(routes, services.audit);
  control::add_usage_routes(routes);
  control::add_budget_policy_routes(routes, services.strict);
  control::add_kpi_routes(routes);
  control::add_corridor_routes(routes, services.strict);
  control::add_temperature_config_routes(routes);
  control::add_temperature_routes(routes);
  control::add_licence_routes(routes);
  control::add_dangerous_action_routes(routes);
  control::add_strategy_lock_routes(routes);
  control::add_three_wise_routes(routes);
  control::add_event_routes(routes);
  control::add_privacy_routes(routes);
  control::add_feature_flag_routes(routes);
  control::add_rate_limit_routes(routes, services.default_quota);
  control::add_gate_routes(routes, services.strict, services.refuse_local_blobs_in_prod);
  plane::add_raw_routes(routes, services.blobs, {services.upload_bytes_max, services.digest_required});
  plane::add_atom_routes(routes, services.blobs);
  plane::add_run_routes(routes);
  plane::add_card_routes(routes);
  plane::add_settings_routes(routes);
  plane::add_search_routes(routes);
  plane::add_pack_routes(routes);
  media::add_asset_routes(routes, services.blobs, services.upload_bytes_max);
  media::add_artifact_routes(routes, services.blobs);
  media::add_canvas_routes(routes, services.blobs, services.upload_bytes_max);
  rails::add_ticket_routes(routes, services.tickets);
  rails::add_thread_routes(routes);
  rails::add_message_routes(routes, services.rails);
  rails::add_stream_routes(routes, services.rails);
  rails::add_websocket_routes(routes, services.rails);
  plane::add_memory_routes(routes);
  plane::add_maybe_routes(routes);
  plane::add_analytics_routes(routes);
  if (services.local_blobs != nullptr) plane::add_blob_routes(routes, *services.local_blobs, services.audit.database);
  routes.complete();
  return routes;
}

}  // namespace nexus::app
