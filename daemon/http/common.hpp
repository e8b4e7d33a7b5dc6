// What the parts of the dispatcher share: what they know of the installation, how they run work that may block, how
// they ask the gates and how they answer.
#pragma once
#include <functional>
#include <string>

#include "daemon/gates/strictness.hpp"
#include "daemon/guard/rate_limit.hpp"
#include "daemon/http/answers.hpp"
#include "daemon/http/bounded_executor.hpp"
#include "daemon/http/gate_questions.hpp"

namespace nexus::http {

struct DispatcherOptions {
  OriginOptions origins;
  Quota default_quota;
  std::string instance_id;
  bool refuse_local_blobs_in_prod = true;
  gates::Strictness strict;
  /// Whether free space is below the reserve that is kept for refusals, kill switches and revocations. Cheap.
  std::function<bool()> disk_is_low = [] { return false; };
  /// On a full disk, frees the space reserved for kill switches and revocations. Returns whether there was any to free.
  std::function<bool()> make_room = [] { return false; };
  /// These run a function on a thread that may block: one for waiting on stored objects, one for computing. They are
  /// separate so that a store that hangs delays nothing else.
  std::function<void(std::function<void()>)> run_storage;
  std::function<void(std::function<void()>)> run_blocking;
  /// Called on the writer's thread when a membership, a token, a tenant, a kill switch or a flag changed.
  std::function<void()> permissions_changed = [] {};
};

struct Common {
  store::Database& database;
  Guard& guard;
  const DispatcherOptions options;
  const OriginRules origins{options.origins};
  const GateQuestions questions{options.strict};
  Answers answers{database, options.instance_id, origins};
  /// Half of the store's readers are left to other requests.
  BoundedExecutor long_reads{options.run_blocking, 2};
};

}  // namespace nexus::http
