// The guard: turns a request head into a Caller, or refuses. In order: the token, or the ticket that replaces it on a
// stream's route (401), the context of tenant and env (400), membership, role and the tenant's status (403). Everything
// that it decides on is what the reader's snapshot or transaction holds. Slow work is judged again at its end
// (`recheck`), a mutation inside its transaction. So a revocation in between wins, and so does a token's expiry.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "daemon/base/request_head.hpp"
#include "daemon/guard/admission_facts.hpp"
#include "daemon/guard/bearer.hpp"
#include "daemon/guard/caller.hpp"
#include "daemon/guard/tickets.hpp"
#include "store/query.hpp"

namespace nexus {

/// Who may call a route.
enum class Access {
  open,       // anybody
  token,      // any valid token; the handler decides on the rest
  role,       // a member of the tenant with at least Demand::role
  system,     // the system token alone
  presigned,  // the holder of a form or link that we signed; the blob routes judge it
};

/// Where a route's tenant comes from.
enum class Scope {
  none,    // the route has no tenant
  path,    // /tenants/{tenant_id}/…; the env is prod
  header,  // X-Tenant-Id and X-Env
};

/// The direction of a mutation. A mutation that only tightens is done in a suspended tenant too.
enum class Direction {
  open,      // unset: the daemon does not start on such a route of control or identity
  either,    // it may give rights as well as take them
  tightens,  // it only takes away, such as a right, a member, a token, or stored details
  told,      // http::Write::tightens decides for each request
  none,      // it changes nothing of the tenant's, and counts as a read
};

/// What a route demands of its caller.
struct Demand {
  Access access = Access::system;
  Scope scope = Scope::none;
  Role role = Role::owner;
  bool mutates = false;                     // refused while the tenant is suspended, unless its direction allows it
  Direction direction = Direction::either;  // of a mutation; set by the route table
  bool streams = false;                     // opens a stream: `?ticket=` may replace token, tenant and env
  bool wants_reason = false;                // the system token says why, though the route names no tenant
  bool repairs_tenant = false;  // status, members, tokens, switches: the system token may use it in a stopped tenant
};

class Guard {
 public:
  explicit Guard(Bearers& bearers) : bearers_(bearers) {}

  /// Throws Problem. `path_tenant` is the raw {tenant_id} of Scope::path. `caller` already holds request and trace ids.
  /// It is filled step by step, so that a refusal has everything that was determined before it. `ticket` gets the one
  /// that was found, also where the request is refused then: it must be used up before the request goes on.
  void admit(const store::Reader& reader, const RequestHead& head, const Demand& demand, std::string_view path_tenant,
             Caller& caller, std::optional<tickets::Found>& ticket) const;
  /// Judges an admitted caller again, by what the store says now. Returns the caller with the current role. Throws
  /// Problem.
  Caller recheck(const store::Reader& reader, const Demand& demand, const Caller& caller) const;
  /// Throws the Problem for a caller in a suspended tenant.
  [[noreturn]] static void refuse_suspended();
  /// For the few open routes that show more to the system token. Throws Problem.
  void require_system(const RequestHead& head) const;

 private:
  void authenticate(const AdmissionFacts& known, const RequestHead& head, Caller& caller) const;
  void enter_with(const AdmissionFacts& known, const std::optional<Identity>& by_header, const Caller& maker,
                  Caller& caller) const;
  std::optional<Identity> identity_beside_ticket(const AdmissionFacts& known, const RequestHead& head) const;
  /// Returns the digest of the system token. Throws Problem.
  std::string judge_root(std::string_view token) const;
  void judge_key(const Caller& caller) const;
  void enter_tenant(const RequestHead& head, const Demand& demand, std::string_view path_tenant, Caller& caller) const;
  void judge_bearer(const AdmissionFacts& known, const Caller& caller, bool shared) const;
  void judge_standing(const AdmissionFacts& known, const Demand& demand, Caller& caller) const;

  Bearers& bearers_;
};

}  // namespace nexus
