#include "daemon/audit/events.hpp"

#include <utility>

#include "daemon/base/uuid.hpp"
#include "store/events.hpp"
#include "store/preferences.hpp"

namespace nexus::audit {
namespace {

/// An empty name is stored as NULL.
std::optional<std::string> named(std::string text) {
  return text.empty() ? std::nullopt : std::optional(std::move(text));
}

/// Masks a part into its text, and discards it; a discarded one has its text already.
void prepare_part(PiiScan& scan, Json& part, std::string& text, Names names) {
  if (part.is_discarded()) return;
  scan.mask(part, names);
  text = to_text(part);
  part = Json(Json::value_t::discarded);
}

}  // namespace

Activity prepared(Activity activity) {
  PreparedParts& parts = activity.parts;
  prepare_part(parts.scan, activity.input, parts.input, activity.input_names);
  prepare_part(parts.scan, activity.output, parts.output, Names::ours);
  prepare_part(parts.scan, activity.metadata, parts.metadata, Names::clients);
  if (!activity.content.empty()) parts.content = look_over(std::exchange(activity.content, {}));
  return activity;
}

Written write_event(store::Tx& tx, const Caller& caller, std::string_view surface, Activity activity, Micros now) {
  activity = prepared(std::move(activity));
  PreparedParts& parts = activity.parts;
  parts.scan.add(parts.content);
  const std::string tenant = caller.tenant().str();
  const std::string env(to_string(caller.env()));
  Written written;
  written.event_id = activity.event_id.empty() ? new_id(caller.tenant()) : std::move(activity.event_id);
  written.pii_flags = parts.scan.flags();
  written.train_ok =
      !parts.scan.found() && !store::training_opt_out(tx, {.tenant = tenant, .env = env}, caller.user_id).effective();
  written.seq =
      store::append_event(tx, {.tenant_id = tenant,
                               .env = env,
                               .event_id = written.event_id,
                               .surface = std::string(surface),
                               .agent_id = caller.actor_type == "agent" ? std::optional(caller.user_id) : std::nullopt,
                               .actor_id = caller.user_id,
                               .actor_type = caller.actor_type,
                               .event_type = std::move(activity.event_type),
                               .asset_type = named(std::move(activity.asset_type)),
                               .asset_id = named(std::move(activity.asset_id)),
                               .thread_id = std::move(activity.thread_id),
                               .input = std::move(parts.input),
                               .output = std::move(parts.output),
                               .metadata = std::move(parts.metadata),
                               .pii_flags = written.pii_flags.get<std::vector<std::string>>(),
                               .train_ok = written.train_ok,
                               .trace_id = caller.trace_id,
                               .request_id = caller.request_id,
                               .run_id = caller.run_id,
                               .created_at = now,
                               .made = activity.made});
  return written;
}

}  // namespace nexus::audit
