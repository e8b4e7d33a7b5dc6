#include "daemon/gates/known.hpp"

#include <initializer_list>

#include "store/gates.hpp"

namespace nexus::gates {
namespace {

/// What is remembered; the first byte of its name.
enum class FactKind : char {
  switches = 'a',
  level,
  licences,
  locks,
  spans,
  votes,
  policies,
  corridors,
  bounds,
  cost,
  metric
};

/// Each part has its length before it, so that no two lists of parts have one name.
Facts::Key key_of(FactKind kind, Realm realm, std::optional<std::int64_t> mark,
                  std::initializer_list<std::string_view> names = {}) {
  std::string name(1, static_cast<char>(kind));
  const auto add = [&name](std::string_view part) {
    name.append(std::to_string(part.size())).append(1, ':').append(part);
  };
  add(realm.tenant);
  add(realm.env);
  for (const auto each : names) add(each);
  return {std::move(name), mark};
}

// ---- what a fact takes ---------------------------------------------------------------------------------------------

/// What the allocator and a vector's spare room add to a text.
constexpr std::size_t kTextBytes = 16;

std::size_t heap_of(std::int64_t) { return 0; }
std::size_t heap_of(store::Level) { return 0; }
std::size_t heap_of(const store::Votes&) { return 0; }
std::size_t heap_of(const store::MetricTotals&) { return 0; }
std::size_t heap_of(const std::string& text) {
  return text.capacity() < sizeof(std::string) / 2 ? 0 : text.capacity() + kTextBytes;
}
std::size_t heap_of(const std::optional<std::string>& text) { return text ? heap_of(*text) : 0; }

template <class... Texts>
std::size_t heap_of_all(const Texts&... texts) {
  return (heap_of(texts) + ...);
}

std::size_t heap_of(const store::SwitchEntry& entry) { return heap_of_all(entry.name, entry.reason, entry.set_by); }
std::size_t heap_of(const store::LockSpan& span) { return heap_of(span.surface); }
std::size_t heap_of(const store::ApprovedLock& lock) {
  return heap_of_all(lock.surface, lock.lock_id, lock.three_wise_id);
}
std::size_t heap_of(const store::TemperatureBound& bound) {
  return heap_of_all(bound.kind, bound.metric, bound.aggregate);
}
std::size_t heap_of(const store::BudgetPolicy& policy) {
  return heap_of_all(policy.tenant_id, policy.env, policy.surface, policy.currency, policy.updated_by);
}
std::size_t heap_of(const store::KpiCorridor& corridor) {
  return heap_of_all(corridor.tenant_id, corridor.env, corridor.surface, corridor.kpi_name, corridor.updated_by,
                     corridor.aggregate);
}
std::size_t heap_of(const store::Licence& licence) {
  return heap_of_all(licence.tenant_id, licence.env, licence.licence_id, licence.subject_type, licence.subject_id,
                     licence.scope, licence.level, licence.status, licence.revoked_by, licence.created_by);
}

template <class Item>
std::size_t heap_of(const std::vector<Item>& items) {
  std::size_t bytes = items.capacity() * sizeof(Item);
  for (const Item& item : items) bytes += heap_of(item);
  return bytes;
}
std::size_t heap_of(const store::KillSwitches& document) {
  return heap_of(document.entries) + heap_of_all(document.reason, document.updated_by);
}
template <class Item>
std::size_t heap_of(const std::optional<Item>& item) {
  return item ? heap_of(*item) : 0;
}

/// A fact that lacks what had ended at a time.
template <class Value>
struct AsOf {
  Micros time;
  Value value;
};
template <class Value>
std::size_t heap_of(const AsOf<Value>& fact) {
  return heap_of(fact.value);
}

}  // namespace

Known::Known(const store::Reader& reader, Realm realm, std::string_view surface, Facts& facts)
    : reader_(reader), realm_(realm), surface_(surface), facts_(facts), marks_(store::find_gate_marks(reader, realm)) {}

template <class Value, class Read, class Fits>
const Value& Known::fact(Facts::Key key, Read read, Fits fits) const {
  Facts::Value held = facts_.find(key);
  if (!held || !fits(*static_cast<const Value*>(held.get()))) {
    const auto made = std::make_shared<const Value>(read());
    facts_.keep(std::move(key), made, sizeof(Value) + heap_of(*made));
    held = made;
  }
  held_.push_back(std::move(held));
  return *static_cast<const Value*>(held_.back().get());
}

/// A clock that was set back may need again what had ended when the fact was read: then it is read anew.
template <class Value, class Read>
const Value& Known::fact_as_of(Facts::Key key, Micros now, Read read) const {
  using Dated = AsOf<Value>;
  return fact<Dated>(
             std::move(key),
             [&] {
               return Dated{now, read()};
             },
             [now](const Dated& known) { return now >= known.time; })
      .value;
}

const std::optional<store::KillSwitches>& Known::kill_switches() const {
  return fact<std::optional<store::KillSwitches>>(key_of(FactKind::switches, realm_, marks_.configuration),
                                                  [&] { return store::find_kill_switches(reader_, realm_); });
}

const std::optional<store::KillSwitches>& Known::switches_everywhere() const {
  const Known everywhere(reader_, {.tenant = TenantId::system().str(), .env = realm_.env}, {}, facts_);
  const auto& switches = everywhere.kill_switches();
  held_.push_back(everywhere.held_.back());
  return switches;
}

std::optional<store::Level> Known::declared_level(std::string_view action) const {
  return fact<std::optional<store::Level>>(key_of(FactKind::level, realm_, marks_.configuration, {action}),
                                           [&] { return store::find_declared_level(reader_, realm_, action); });
}

std::vector<store::Licence> Known::licences(std::string_view subject_type, std::string_view subject_id) const {
  return fact<std::vector<store::Licence>>(
      key_of(FactKind::licences, realm_, marks_.configuration, {subject_type, subject_id}),
      [&] { return store::list_held_licences(reader_, realm_, subject_type, subject_id); });
}

const std::vector<store::ApprovedLock>& Known::locks(std::string_view action, Micros now) const {
  return fact_as_of<std::vector<store::ApprovedLock>>(
      key_of(FactKind::locks, realm_, marks_.configuration, {action}), now,
      [&] { return store::list_approved_locks(reader_, realm_, action, now); });
}

const std::vector<store::LockSpan>& Known::lock_spans(Micros now) const {
  return fact_as_of<std::vector<store::LockSpan>>(key_of(FactKind::spans, realm_, marks_.configuration), now,
                                                  [&] { return store::list_lock_spans(reader_, realm_, now); });
}

store::Votes Known::votes(std::string_view question_id) const {
  return fact<store::Votes>(key_of(FactKind::votes, realm_, marks_.configuration, {question_id}),
                            [&] { return store::count_votes(reader_, realm_, question_id); });
}

const std::vector<store::BudgetPolicy>& Known::budget_policies() const {
  return fact<std::vector<store::BudgetPolicy>>(key_of(FactKind::policies, realm_, marks_.configuration, {surface_}),
                                                [&] { return store::budget_policies_of(reader_, realm_, surface_); });
}

const std::vector<store::KpiCorridor>& Known::kpi_corridors() const {
  return fact<std::vector<store::KpiCorridor>>(key_of(FactKind::corridors, realm_, marks_.configuration, {surface_}),
                                               [&] { return store::corridors_of(reader_, realm_, surface_); });
}

const std::vector<store::TemperatureBound>& Known::temperature_bounds() const {
  return fact<std::vector<store::TemperatureBound>>(key_of(FactKind::bounds, realm_, marks_.configuration, {surface_}),
                                                    [&] { return store::list_bounds(reader_, realm_, surface_); });
}

std::int64_t Known::cost_micros(std::string_view surface, store::Span hours) const {
  return fact<std::int64_t>(key_of(FactKind::cost, realm_, marks_.measures,
                                   {std::to_string(hours.first), std::to_string(hours.last), surface}),
                            [&] { return store::read_cost(reader_, realm_, surface, hours).cost_micros; });
}

store::MetricTotals Known::metric(std::string_view surface, std::string_view source, std::string_view metric,
                                  store::Span hours) const {
  return fact<store::MetricTotals>(
      key_of(FactKind::metric, realm_, marks_.measures,
             {std::to_string(hours.first), std::to_string(hours.last), surface, source, metric}),
      [&] { return store::read_window(reader_, realm_, surface, source, metric, hours); });
}

}  // namespace nexus::gates
