// What is read of every request before its route does anything: its bearer, their standing in the tenant, the limit of
// its rate, and the kill switches. It is remembered under the admission mark (store/admission.hpp). So it costs no
// statement in a lease whose snapshot is known, and one in a write transaction, which has a mark of its own from its
// first change on. What is added here must be read from tables whose changes draw a new mark; a test looks which
// tables that is.
//
// Threads: belongs to the thread that made it.
#pragma once
#include "daemon/guard/facts.hpp"
#include "store/gates.hpp"
#include "store/identity.hpp"
#include "store/preferences.hpp"

namespace nexus {

class AdmissionFacts {
 public:
  /// Both must outlive it, and nothing may be written through `reader` meanwhile.
  explicit AdmissionFacts(const store::Reader& reader, Facts& facts = Facts::shared())
      : reader_(reader), facts_(facts) {}

  store::Bearer bearer(std::string_view user_id, std::string_view token_id) const;
  std::optional<store::Standing> standing(std::string_view tenant_id, std::string_view user_id) const;
  /// The limit that applies to the action.
  std::optional<store::RateLimit> rate_limit(Realm realm, std::string_view action) const;
  /// The document as stored; its entries may have expired. Never null.
  std::shared_ptr<const std::optional<store::KillSwitches>> kill_switches(Realm realm) const;

 private:
  template <class Read>
  auto fact(FactKind kind, std::initializer_list<std::string_view> names, Read read) const;

  const store::Reader& reader_;
  Facts& facts_;
  mutable std::optional<std::int64_t> mark_;  // once it was needed
};

}  // namespace nexus
