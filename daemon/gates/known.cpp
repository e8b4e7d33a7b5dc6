#include "daemon/gates/known.hpp"

#include <map>
#include <tuple>
#include <unordered_map>
#include <variant>

#include "store/gates.hpp"

namespace nexus::gates {
namespace {

/// Bounds what clients can make a thread remember: they choose the names of surfaces, actions and subjects.
constexpr std::size_t kPlacesMax = 512;
constexpr std::size_t kFactsMax = 256;

/// Facts of one kind, by key. All are forgotten when there are too many.
template <class Key, class Value>
struct Kept {
  std::map<Key, Value> values;

  template <class Read>
  const Value& find(Key key, Read read) {
    const auto found = values.find(key);
    if (found != values.end()) return found->second;
    Value value = read();
    if (values.size() >= kFactsMax) values.clear();
    return values.insert_or_assign(std::move(key), std::move(value)).first->second;
  }
};

/// The one fact of a kind.
template <class Value>
using Once = Kept<std::monostate, Value>;

struct Locks {
  Micros as_of = 0;
  std::vector<store::ApprovedLock> list;
};

struct Configuration {
  std::optional<std::int64_t> mark;
  Once<std::optional<store::KillSwitches>> kill_switches;
  Kept<std::string, std::optional<store::Level>> levels;
  Kept<std::pair<std::string, std::string>, std::vector<store::Licence>> licences;
  std::optional<Locks> locks;
  Kept<std::string, store::Votes> votes;
  Once<std::vector<store::BudgetPolicy>> policies;
  Once<std::vector<store::KpiCorridor>> corridors;
  Once<std::vector<store::TemperatureBound>> bounds;
};

using CostKey = std::tuple<std::int64_t, std::int64_t, std::string>;                              // hours, surface
using MetricKey = std::tuple<std::int64_t, std::int64_t, std::string, std::string, std::string>;  // …, source, metric

struct Measures {
  std::optional<std::int64_t> mark;
  Kept<CostKey, std::int64_t> costs;
  Kept<MetricKey, store::MetricTotals> metrics;
};

/// Forgets the facts that were remembered under another mark.
template <class Facts>
void stand_under(Facts& facts, const std::optional<std::int64_t>& mark) {
  if (facts.mark == mark) return;
  facts = Facts();
  facts.mark = mark;
}

}  // namespace

struct Known::Memory {
  Configuration configuration;
  Measures measures;
};

std::shared_ptr<Known::Memory> Known::remember(Realm realm, std::string_view surface) {
  thread_local std::unordered_map<std::string, std::shared_ptr<Memory>> places;
  std::string place;
  place.reserve(realm.tenant.size() + realm.env.size() + surface.size() + 2);
  place.append(realm.tenant).append(1, '\n').append(realm.env).append(1, '\n').append(surface);
  if (const auto found = places.find(place); found != places.end()) return found->second;
  if (places.size() >= kPlacesMax) places.clear();
  return places.emplace(std::move(place), std::make_shared<Memory>()).first->second;
}

Known::Known(const store::Reader& reader, Realm realm, std::string_view surface)
    : reader_(reader), realm_(realm), surface_(surface), memory_(remember(realm, surface)) {
  const store::GateMarks marks = store::find_gate_marks(reader, realm);
  stand_under(memory_->configuration, marks.configuration);
  stand_under(memory_->measures, marks.measures);
}

const std::optional<store::KillSwitches>& Known::kill_switches() const {
  return memory_->configuration.kill_switches.find({}, [&] { return store::find_kill_switches(reader_, realm_); });
}

const std::optional<store::KillSwitches>& Known::switches_everywhere() const {
  // The thread remembers the returned fact, so it outlives this Known.
  return Known(reader_, {.tenant = TenantId::system().str(), .env = realm_.env}, {}).kill_switches();
}

std::optional<store::Level> Known::declared_level(std::string_view action) const {
  return memory_->configuration.levels.find(std::string(action),
                                            [&] { return store::find_declared_level(reader_, realm_, action); });
}

std::vector<store::Licence> Known::licences(std::string_view subject_type, std::string_view subject_id) const {
  return memory_->configuration.licences.find({std::string(subject_type), std::string(subject_id)}, [&] {
    return store::list_held_licences(reader_, realm_, subject_type, subject_id);
  });
}

const std::vector<store::ApprovedLock>& Known::locks(Micros now) const {
  auto& locks = memory_->configuration.locks;
  // The list lacks locks that had ended when it was read. A clock that was set back may need them again.
  if (!locks || now < locks->as_of) locks = Locks{now, store::list_approved_locks(reader_, realm_, surface_, now)};
  return locks->list;
}

store::Votes Known::votes(std::string_view question_id) const {
  return memory_->configuration.votes.find(std::string(question_id),
                                           [&] { return store::count_votes(reader_, realm_, question_id); });
}

const std::vector<store::BudgetPolicy>& Known::budget_policies() const {
  return memory_->configuration.policies.find({}, [&] { return store::budget_policies_of(reader_, realm_, surface_); });
}

const std::vector<store::KpiCorridor>& Known::kpi_corridors() const {
  return memory_->configuration.corridors.find({}, [&] { return store::corridors_of(reader_, realm_, surface_); });
}

const std::vector<store::TemperatureBound>& Known::temperature_bounds() const {
  return memory_->configuration.bounds.find({}, [&] { return store::list_bounds(reader_, realm_, surface_); });
}

std::int64_t Known::cost_micros(std::string_view surface, store::Span hours) const {
  return memory_->measures.costs.find({hours.first, hours.last, std::string(surface)},
                                      [&] { return store::read_cost(reader_, realm_, surface, hours).cost_micros; });
}

store::MetricTotals Known::metric(std::string_view surface, std::string_view source, std::string_view metric,
                                  store::Span hours) const {
  return memory_->measures.metrics.find(
      {hours.first, hours.last, std::string(surface), std::string(source), std::string(metric)},
      [&] { return store::read_window(reader_, realm_, surface, source, metric, hours); });
}

}  // namespace nexus::gates
