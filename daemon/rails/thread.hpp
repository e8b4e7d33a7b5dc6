// Chat threads. Clients may choose a thread's id; `seq` keeps the order of creation.
#pragma once
#include "daemon/limits.hpp"
#include "daemon/model/field.hpp"

namespace nexus::rails {

struct Thread {
  std::string tenant_id;
  std::string env;
  std::string thread_id;
  std::int64_t seq = 0;
  std::optional<std::string> title;
  std::string participants = "[]";  // JSON array of {id, display_name?}
  Micros created_at = 0;
  std::string created_by;
};

/// The handlers read and write the participants, a list of objects, themselves.
inline constexpr model::Table kThread{
    "Thread", "chat_threads",
    std::array{model::tenant(&Thread::tenant_id), model::env(&Thread::env),
               model::key(model::field("thread_id", &Thread::thread_id,
                                       {.max = limits::client_id_chars_max,
                                        .form = &model::kClientId,
                                        .null_is_absent = true,
                                        .help = "its id (one is made without)"})),
               model::hidden("seq", &Thread::seq),
               model::field("title", &Thread::title, {.max = 512, .help = "what people call it"}),
               model::hidden("participants", &Thread::participants),
               model::made_time("created_at", &Thread::created_at), model::made("created_by", &Thread::created_by)}};

}  // namespace nexus::rails
