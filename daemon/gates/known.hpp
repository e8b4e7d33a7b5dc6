// The facts that the gates have of one tenant, env and surface, as of one snapshot. A fact is read from the store on
// first use, and remembered under the mark of its state (daemon/guard/facts.hpp). Every decision reads the marks that
// it needs from its snapshot, so a remembered fact equals a fresh reading, in a write transaction too.
//
// Clients choose the names of surfaces, actions and subjects. So what does not depend on a surface is remembered once
// for all of them, and all facts together are bounded (Facts).
//
// Threads: a Known belongs to the thread that made it. References that it returns are valid as long as it is.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/realm.hpp"
#include "daemon/guard/admission_facts.hpp"
#include "store/budget.hpp"
#include "store/gates.hpp"
#include "store/metrics.hpp"

namespace nexus::gates {

class Known {
 public:
  Known(const store::Reader& reader, Realm realm, std::string_view surface, Facts& facts = Facts::shared());

  const std::optional<store::KillSwitches>& kill_switches() const { return switches_of(realm_.tenant); }
  /// The document of (t_system, this env), which applies to every tenant.
  const std::optional<store::KillSwitches>& switches_everywhere() const {
    return switches_of(TenantId::system().str());
  }
  std::optional<store::Level> declared_level(std::string_view action) const;
  /// Licences that are not revoked; they may be expired.
  std::vector<store::Licence> licences(std::string_view subject_type, std::string_view subject_id) const;
  /// Approved locks of all surfaces that allow the action and have not ended at `now`; they may not have begun.
  const std::vector<store::ApprovedLock>& locks(std::string_view action, Micros now) const;
  /// Where and when any lock is in force that has not ended at `now`.
  const std::vector<store::LockSpan>& lock_spans(Micros now) const;
  store::Votes votes(std::string_view question_id) const;
  /// The policies of this surface and of '*'.
  const std::vector<store::BudgetPolicy>& budget_policies() const;
  const std::vector<store::KpiCorridor>& kpi_corridors() const;
  /// The floors, ceilings and weights.
  const std::vector<store::TemperatureBound>& temperature_bounds() const;

  std::int64_t cost_micros(std::string_view surface, store::Span hours) const;
  store::MetricTotals metric(std::string_view surface, std::string_view source, std::string_view metric,
                             store::Span hours) const;

 private:
  template <class Value, class Read, class Fits = bool (*)(const Value&)>
  const Value& fact(
      const FactKey& key, Read read, Fits fits = [](const Value&) { return true; }) const;
  template <class Value, class Read>
  const Value& fact_as_of(const FactKey& key, Micros now, Read read) const;
  const std::optional<store::KillSwitches>& switches_of(std::string_view tenant) const;
  const store::GateMarks& marks() const;

  const store::Reader& reader_;
  Realm realm_;
  std::string_view surface_;
  Facts& facts_;
  AdmissionFacts admission_;
  mutable std::optional<store::GateMarks> marks_;  // once they were needed
  mutable std::vector<Facts::Value> held_;         // what the returned references refer to
};

}  // namespace nexus::gates
