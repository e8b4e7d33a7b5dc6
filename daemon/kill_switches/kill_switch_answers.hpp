// What the routes of kill switches show: a document as it stands, what stops a thing all the same, and the answer to a
// change to several envs, also when it is made again later.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "daemon/gates/decision.hpp"
#include "daemon/kill_switches/kill_switch_document.hpp"

namespace nexus::kill_switches {

/// What the gate must know of one of the table's actions, to tell which switch stops it.
struct ActionRules {
  gates::Policy policy = gates::Policy::full;
  bool lifts_switches = false;
};
/// The table's actions. Filled once the table is complete.
using Actions = std::map<std::string, ActionRules, std::less<>>;
using ActionsPtr = std::shared_ptr<Actions>;

/// The document in force. Its ETag changes when a part of it ends.
struct Current {
  store::KillSwitches document;
  std::string etag;
};
Current current(const store::Reader& reader, const TenantId& tenant, Env env);

/// The document of the tenant and env, with what the operator stops there.
Json shown(const store::Reader& reader, const TenantId& tenant, Env env, const store::KillSwitches& document,
           const Actions& actions);
/// The lifted entries that are still stopped, and what stops each.
Json still_stopped(const store::Reader& reader, const TenantId& tenant, Env env, const store::KillSwitches& document,
                   const std::vector<WishedEntry>& allow, const Actions& actions);

/// Every action that a switch can stop, with the switch that does so now. Of acts outside Nexus, those that are
/// declared dangerous and those that a switch names.
Json stoppable_actions(const store::Reader& reader, const TenantId& tenant, Env env, const Actions& actions);

/// A change to several documents, as its answer tells it.
struct ChangedEnvs {
  std::vector<Env> envs;
  std::vector<WishedEntry> allow;
  bool changed = false;
};
/// The answer, with the documents as they stand.
Json changed_json(const store::Reader& reader, const TenantId& tenant, const ChangedEnvs& done, const Actions& actions);
/// The text from which the answer is made again, and back.
std::string reference_of(const ChangedEnvs& done);
ChangedEnvs changed_of(const std::string& reference);

}  // namespace nexus::kill_switches
