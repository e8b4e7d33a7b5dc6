// An activity event: an act in a tenant and env, as it is stored and shown. Its personal data are masked already.
#pragma once
#include "daemon/base/realm.hpp"
#include "daemon/model/field.hpp"

namespace nexus::domain {

struct Event {
  std::string tenant_id;
  std::string env;
  std::int64_t seq = 0;  // dense in its tenant and env; assigned when it is appended
  std::string event_id;
  std::string surface;
  std::optional<std::string> agent_id;
  std::string actor_id;
  std::string actor_type;
  std::string event_type;
  std::optional<std::string> asset_type;
  std::optional<std::string> asset_id;
  std::optional<std::string> thread_id = {};  // of a chat message
  std::string input;                          // JSON
  std::string output;                         // JSON
  std::string metadata;                       // JSON
  std::vector<std::string> pii_flags = {};
  bool train_ok = true;
  std::string trace_id;
  std::string request_id;
  std::optional<std::string> run_id;
  Micros created_at = 0;
  std::int64_t made = 1;  // number of cards or atoms it reports, for the counts of its run; not stored

  Realm realm() const { return {.tenant = tenant_id, .env = env}; }
};

inline constexpr std::string_view kPiiFlags[] = {"email",      "phone",       "payment_card",
                                                 "ip_address", "postal_code", "unscanned"};

inline constexpr model::Table kEvent{"Event", "events",
                                     std::array{model::tenant(&Event::tenant_id),
                                                model::env(&Event::env),
                                                model::hidden("seq", &Event::seq),
                                                model::made("event_id", &Event::event_id),
                                                model::made("surface", &Event::surface),
                                                model::made("agent_id", &Event::agent_id),
                                                model::made("actor_id", &Event::actor_id),
                                                model::made("actor_type", &Event::actor_type),
                                                model::made("event_type", &Event::event_type),
                                                model::made("asset_type", &Event::asset_type),
                                                model::made("asset_id", &Event::asset_id),
                                                model::hidden("thread_id", &Event::thread_id),
                                                model::made(model::document("input", &Event::input, {})),
                                                model::made(model::document("output", &Event::output, {})),
                                                model::made(model::document("metadata", &Event::metadata, {})),
                                                model::made("pii_flags", &Event::pii_flags, {.choices = kPiiFlags}),
                                                model::made("train_ok", &Event::train_ok),
                                                model::made("trace_id", &Event::trace_id),
                                                model::made("request_id", &Event::request_id),
                                                model::made("run_id", &Event::run_id),
                                                model::made_time("created_at", &Event::created_at)}};

}  // namespace nexus::domain
