// What the dispatcher and its parts are told about the installation, and how they run what may block.
#pragma once
#include <functional>
#include <string>

#include "daemon/gates/strictness.hpp"
#include "daemon/guard/rate_limit.hpp"
#include "daemon/http/origin.hpp"

namespace nexus::http {

struct DispatcherOptions {
  OriginOptions origins;
  Quota default_quota;
  std::string instance_id;
  bool refuse_local_blobs_in_prod = true;
  gates::Strictness strict;
  /// Whether free space is below the reserve that is kept for refusals, kill switches and revocations. Cheap.
  std::function<bool()> disk_is_low = [] { return false; };
  /// Gives up what is kept on a full disk for what stops things; answers whether there was something to give.
  std::function<bool()> make_room = [] { return false; };
  /// Run a function on a thread that may block: what waits for stored objects, and what only computes. Apart, so that
  /// a store that hangs holds up nobody else.
  std::function<void(std::function<void()>)> run_storage;
  std::function<void(std::function<void()>)> run_blocking;
  /// Told when a membership, a token, a tenant, a kill switch or a flag changed, on the writer's thread.
  std::function<void()> permissions_changed = [] {};
};

}  // namespace nexus::http
