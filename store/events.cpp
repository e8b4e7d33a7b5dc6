#include "store/events.hpp"

namespace nexus::store {

std::int64_t append_event(Tx& tx, const Event& event) {
  std::int64_t seq = 0;
  {
    Query q = tx.query(
        "INSERT INTO event_heads (tenant_id, env, seq) VALUES (?1, ?2, 1) "
        "ON CONFLICT (tenant_id, env) DO UPDATE SET seq = seq + 1 RETURNING seq",
        event.tenant_id, event.env);
    q.next();
    seq = q.integer(0);
  }
  tx.run("INSERT INTO events (tenant_id, env, seq, event_id, surface, agent_id, actor_id, actor_type, event_type, "
         "asset_type, asset_id, input, output, metadata, pii_flags, train_ok, trace_id, request_id, run_id, created_at) "
         "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)",
         event.tenant_id, event.env, seq, event.event_id, event.surface, event.agent_id, event.actor_id,
         event.actor_type, event.event_type, event.asset_type, event.asset_id, event.input, event.output,
         event.metadata, event.pii_flags, event.train_ok, event.trace_id, event.request_id, event.run_id,
         event.created_at);
  return seq;
}

}  // namespace nexus::store
