#include "daemon/gates/known.hpp"

#include "store/gates.hpp"

namespace nexus::gates {
namespace {

// ---- what a fact takes ---------------------------------------------------------------------------------------------

using nexus::heap_of;
std::size_t heap_of(std::int64_t) { return 0; }
std::size_t heap_of(store::Level) { return 0; }
std::size_t heap_of(const store::Votes&) { return 0; }
std::size_t heap_of(const store::MetricTotals&) { return 0; }

template <class... Texts>
std::size_t heap_of_all(const Texts&... texts) {
  return (heap_of(texts) + ...);
}

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
    : reader_(reader), realm_(realm), surface_(surface), facts_(facts), admission_(reader, facts) {
  held_.reserve(2);  // the two documents of kill switches, which is all that most decisions read
}

const store::GateMarks& Known::marks() const {
  if (!marks_) marks_ = store::find_gate_marks(reader_, realm_);
  return *marks_;
}

template <class Value, class Read, class Fits>
const Value& Known::fact(const FactKey& key, Read read, Fits fits) const {
  Facts::Value held = facts_.find(key);
  if (!held || !fits(*static_cast<const Value*>(held.get()))) {
    const auto made = std::make_shared<const Value>(read());
    facts_.keep(key, made, sizeof(Value) + heap_of(*made));
    held = made;
  }
  held_.push_back(std::move(held));
  return *static_cast<const Value*>(held_.back().get());
}

/// A clock that was set back may need again what had ended when the fact was read: then it is read anew.
template <class Value, class Read>
const Value& Known::fact_as_of(const FactKey& key, Micros now, Read read) const {
  using Dated = AsOf<Value>;
  return fact<Dated>(
             key,
             [&] {
               return Dated{now, read()};
             },
             [now](const Dated& known) { return now >= known.time; })
      .value;
}

const std::optional<store::KillSwitches>& Known::switches_of(std::string_view tenant) const {
  const auto document = admission_.kill_switches({.tenant = tenant, .env = realm_.env});
  held_.push_back(document);
  return *document;
}

std::optional<store::Level> Known::declared_level(std::string_view action) const {
  return fact<std::optional<store::Level>>(
      FactName(FactKind::level, marks().configuration, {realm_.tenant, realm_.env, action}),
      [&] { return store::find_declared_level(reader_, realm_, action); });
}

std::vector<store::Licence> Known::licences(std::string_view subject_type, std::string_view subject_id) const {
  return fact<std::vector<store::Licence>>(
      FactName(FactKind::licences, marks().configuration, {realm_.tenant, realm_.env, subject_type, subject_id}),
      [&] { return store::list_held_licences(reader_, realm_, subject_type, subject_id); });
}

const std::vector<store::ApprovedLock>& Known::locks(std::string_view action, Micros now) const {
  return fact_as_of<std::vector<store::ApprovedLock>>(
      FactName(FactKind::locks, marks().configuration, {realm_.tenant, realm_.env, action}), now,
      [&] { return store::list_approved_locks(reader_, realm_, action, now); });
}

const std::vector<store::LockSpan>& Known::lock_spans(Micros now) const {
  return fact_as_of<std::vector<store::LockSpan>>(
      FactName(FactKind::spans, marks().configuration, {realm_.tenant, realm_.env}), now,
      [&] { return store::list_lock_spans(reader_, realm_, now); });
}

store::Votes Known::votes(std::string_view question_id) const {
  return fact<store::Votes>(FactName(FactKind::votes, marks().configuration, {realm_.tenant, realm_.env, question_id}),
                            [&] { return store::count_votes(reader_, realm_, question_id); });
}

const std::vector<store::BudgetPolicy>& Known::budget_policies() const {
  return fact<std::vector<store::BudgetPolicy>>(
      FactName(FactKind::policies, marks().configuration, {realm_.tenant, realm_.env, surface_}),
      [&] { return store::budget_policies_of(reader_, realm_, surface_); });
}

const std::vector<store::KpiCorridor>& Known::kpi_corridors() const {
  return fact<std::vector<store::KpiCorridor>>(
      FactName(FactKind::corridors, marks().configuration, {realm_.tenant, realm_.env, surface_}),
      [&] { return store::corridors_of(reader_, realm_, surface_); });
}

const std::vector<store::TemperatureBound>& Known::temperature_bounds() const {
  return fact<std::vector<store::TemperatureBound>>(
      FactName(FactKind::bounds, marks().configuration, {realm_.tenant, realm_.env, surface_}),
      [&] { return store::list_bounds(reader_, realm_, surface_); });
}

std::int64_t Known::cost_micros(std::string_view surface, store::Span hours) const {
  return fact<std::int64_t>(
      FactName(FactKind::cost, marks().measures,
               {realm_.tenant, realm_.env, std::to_string(hours.first), std::to_string(hours.last), surface}),
      [&] { return store::read_cost(reader_, realm_, surface, hours).cost_micros; });
}

store::MetricTotals Known::metric(std::string_view surface, std::string_view source, std::string_view metric,
                                  store::Span hours) const {
  return fact<store::MetricTotals>(FactName(FactKind::metric, marks().measures,
                                            {realm_.tenant, realm_.env, std::to_string(hours.first),
                                             std::to_string(hours.last), surface, source, metric}),
                                   [&] { return store::read_window(reader_, realm_, surface, source, metric, hours); });
}

}  // namespace nexus::gates
