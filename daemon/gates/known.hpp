// What the gates know of one tenant, env and surface, as of one snapshot. A fact is read from the store when it is
// first asked for, and remembered by the thread under the mark that its state bears (store/gate_marks.hpp); the marks
// are read again from the snapshot for every decision, so what is remembered is what a reading would answer now, in a
// write transaction too. Times are never remembered: whether something has begun or expired is judged with the facts.
//
// Refused: one number counted up per change. A unit that is rolled back would give its number to the next one, and
// what was remembered in between would pass for that one's state.
//
// Threads: a Known belongs to the thread that made it. What it answers by reference stands until the next question.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/realm.hpp"
#include "store/budget.hpp"
#include "store/firearms.hpp"
#include "store/gates_config.hpp"
#include "store/kpi.hpp"
#include "store/strategy_locks.hpp"
#include "store/temperature.hpp"
#include "store/three_wise.hpp"

namespace nexus::gates {

class Known {
 public:
  Known(const store::Reader& reader, Realm realm, std::string_view surface);

  const std::optional<store::KillSwitches>& kill_switches() const;
  /// The document of (t_system, this env), which holds for every tenant; read under a mark of its own.
  const std::optional<store::KillSwitches>& switches_everywhere() const;
  std::optional<store::Level> declared_level(std::string_view action) const;
  /// Not revoked; perhaps expired.
  std::vector<store::Licence> licences(std::string_view subject_type, std::string_view subject_id) const;
  /// Approved, of this surface or of none, and not over at `now`; perhaps not yet valid.
  const std::vector<store::ApprovedLock>& locks(Micros now) const;
  store::Votes votes(std::string_view question_id) const;
  /// Of this surface and of '*'.
  const std::vector<store::BudgetPolicy>& budget_policies() const;
  const std::vector<store::KpiCorridor>& kpi_corridors() const;
  /// Floors, ceilings and weights.
  const std::vector<store::TemperatureBound>& temperature_bounds() const;

  std::int64_t cost_micros(std::string_view surface, store::Span hours) const;
  store::MetricTotals metric(std::string_view surface, std::string_view source, std::string_view metric,
                             store::Span hours) const;

 private:
  struct Memory;
  static std::shared_ptr<Memory> remember(Realm realm, std::string_view surface);

  const store::Reader& reader_;
  Realm realm_;
  std::string_view surface_;
  std::shared_ptr<Memory> memory_;
};

}  // namespace nexus::gates
