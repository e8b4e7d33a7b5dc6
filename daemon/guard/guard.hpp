// The guard: turns a request head into a Caller, or refuses. In order: the token, or the ticket that stands for it on
// the route of a stream (401), the context of tenant and env (400), membership, role and the tenant's status (403).
// Everything it decides on is read from the store at that moment. What takes time is judged a second time at its end
// (`recheck`), a mutation inside its transaction: a revocation in between wins, and so does the end of a token's time.
#pragma once
#include <string>
#include <string_view>

#include "daemon/base/request_head.hpp"
#include "daemon/guard/bearer.hpp"
#include "daemon/guard/caller.hpp"
#include "daemon/guard/tickets.hpp"
#include "store/sqlite/query.hpp"

namespace nexus {

/// Who may call a route.
enum class Access {
  open,       // anybody
  token,      // any good token; the handler decides on the rest
  role,       // a member of the tenant with at least Demand::role
  system,     // the system token alone
  presigned,  // whoever holds a form or link that we signed: the blob routes judge it
};

/// Where a route's tenant comes from.
enum class Scope {
  none,    // the route has no tenant
  path,    // /tenants/{tenant_id}/…: stands in env prod
  header,  // X-Tenant-Id and X-Env
};

/// Which way a mutation goes. A stop never stops the brakes: what only tightens is done in a suspended tenant too.
enum class Direction {
  open,      // left open: a route of control or identity with it does not start
  either,    // it may give as well as take
  tightens,  // it only takes away: a right, a member, a token, kept details
  told,      // http::Write::tightens says it of each request
  none,      // it changes nothing of the tenant's, and counts as a read
};

/// What a route asks of its caller.
struct Demand {
  Access access = Access::system;
  Scope scope = Scope::none;
  Role role = Role::owner;
  bool mutates = false;                     // refused while the tenant is suspended, but for its direction
  Direction direction = Direction::either;  // of a mutation; set by the route table
  bool streams = false;                     // opens a stream: `?ticket=` may stand for token, tenant and env
  bool repairs_tenant = false;  // status, members, tokens, switches: the system token passes a stopped tenant
};

class Guard {
 public:
  Guard(Bearers& bearers, Tickets& tickets) : bearers_(bearers), tickets_(tickets) {}

  /// Throws Problem. `path_tenant` is the raw {tenant_id} of Scope::path. The caller's request and trace ids are
  /// already in `caller`, which is filled on the way, so that a refusal knows as much as was settled before it.
  void admit(const store::Reader& reader, const RequestHead& head, const Demand& demand, std::string_view path_tenant,
             Caller& caller) const;
  /// The same judgement of a caller that was admitted, from what the store says now: answers the caller with the role
  /// that holds at this moment. Throws Problem.
  Caller recheck(const store::Reader& reader, const Demand& demand, const Caller& caller) const;
  /// What a caller in a suspended tenant is told.
  [[noreturn]] static void refuse_suspended();
  /// For the few open routes that say more to the system token. Throws Problem.
  void require_system(const RequestHead& head) const;

 private:
  void authenticate(const store::Reader& reader, const RequestHead& head, Caller& caller) const;
  void take_ticket(const store::Reader& reader, const RequestHead& head, std::string_view ticket, Caller& caller) const;
  /// Answers the digest of the system token.
  std::string judge_root(std::string_view token) const;
  void judge_key(const Caller& caller) const;
  void enter_tenant(const RequestHead& head, const Demand& demand, std::string_view path_tenant, Caller& caller) const;
  void judge_bearer(const store::Reader& reader, const Caller& caller, bool shared) const;
  void judge_standing(const store::Reader& reader, const Demand& demand, Caller& caller) const;

  Bearers& bearers_;
  Tickets& tickets_;
};

}  // namespace nexus
