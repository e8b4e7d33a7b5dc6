// A session of memory and its turns. A session belongs to its owner, or is shared in its tenant and env. A deleted one
// stays as a tombstone, and the next session of its id has the next generation.
#pragma once
#include "daemon/memory/limits.hpp"
#include "daemon/model/field.hpp"

namespace nexus::memory {

struct Session {
  std::string tenant_id;
  std::string env;
  std::string session_id;
  std::string owner_id;  // "": shared
  std::int64_t generation = 1;
  std::int64_t turns_count = 0;
  Micros last_turn_at = 0;
  Micros created_at = 0;
  std::string created_by;

  bool shared() const { return owner_id.empty(); }
  Realm realm() const { return {.tenant = tenant_id, .env = env}; }
};

/// Answers show the session in the same snapshot as its turns.
inline constexpr model::Table kSession{
    "SessionSnapshot", "memory_sessions",
    std::array{model::tenant(&Session::tenant_id), model::env(&Session::env),
               model::id("session_id", &Session::session_id), model::hidden("owner_id", &Session::owner_id),
               model::hidden("generation", &Session::generation), model::hidden("turns_count", &Session::turns_count),
               model::hidden("last_turn_at", &Session::last_turn_at),
               model::made_time("created_at", &Session::created_at), model::made("created_by", &Session::created_by)},
    "deleted_at IS NULL"};

struct Turn {
  std::string tenant_id;
  std::string env;
  std::string turn_id;  // also the id of its event
  std::string session_id;
  std::string owner_id;  // of its session, like the generation
  std::int64_t generation = 1;
  std::int64_t ordinal = 0;  // from 1, dense
  std::string role;
  std::string content;
  std::string metadata = "{}";
  bool shared = false;  // asks for a session that all share
  Micros created_at = 0;
  std::string created_by;
};

inline constexpr std::string_view kRoles[] = {"user", "agent", "system"};

inline constexpr model::Table kTurn{
    "SessionTurn", "memory_turns",
    std::array{
        model::tenant(&Turn::tenant_id), model::env(&Turn::env), model::id("turn_id", &Turn::turn_id),
        model::field("session_id", &Turn::session_id,
                     {.max = limits::client_id_chars_max,
                      .form = &model::kClientId,
                      .null_is_absent = true,
                      .help = "that of the path; a request may leave it out"}),
        model::hidden("owner_id", &Turn::owner_id), model::hidden("generation", &Turn::generation),
        model::hidden("ordinal", &Turn::ordinal),
        model::field("role", &Turn::role, {.choices = kRoles, .required = true, .help = "who speaks"}),
        model::field(
            "content", &Turn::content,
            {.max = limits::turn_content_bytes_max, .required = true, .from_input = true, .help = "what was said"}),
        model::document(
            "metadata", &Turn::metadata,
            {.max = limits::metadata_bytes_max, .null_is_absent = true, .help = "an object that is kept with it"}),
        model::asked(
            model::field("shared", &Turn::shared,
                         {.null_is_absent = true, .help = "open a session that the whole tenant shares in this env"})),
        model::made_time("created_at", &Turn::created_at), model::made("created_by", &Turn::created_by)}};

}  // namespace nexus::memory
