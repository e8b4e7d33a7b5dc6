#include "daemon/guard/admission_facts.hpp"

#include "store/admission.hpp"

namespace nexus {
namespace {

std::size_t heap_of_fact(const store::Bearer&) { return 0; }
std::size_t heap_of_fact(const std::optional<store::RateLimit>&) { return 0; }
std::size_t heap_of_fact(const std::optional<store::Standing>& standing) {
  return standing ? heap_of(standing->status) : 0;
}
std::size_t heap_of_fact(const std::optional<store::KillSwitches>& document) {
  if (!document) return 0;
  std::size_t bytes = heap_of(document->reason) + heap_of(document->updated_by);
  bytes += document->entries.capacity() * sizeof(store::SwitchEntry);
  for (const auto& entry : document->entries)
    bytes += heap_of(entry.name) + heap_of(entry.reason) + heap_of(entry.set_by);
  return bytes;
}

bool is_kept(const auto&) { return true; }
bool is_kept(const std::optional<store::Standing>& standing) { return standing.has_value(); }  // else it was made up

}  // namespace

template <class Read>
auto AdmissionFacts::fact(FactKind kind, std::initializer_list<std::string_view> names, Read read) const {
  using Value = std::invoke_result_t<Read>;
  if (!mark_) mark_ = store::find_admission_mark(reader_);
  if (!mark_) return std::make_shared<const Value>(read());
  const FactName key(kind, mark_, names);
  if (auto held = facts_.find(key)) return std::static_pointer_cast<const Value>(std::move(held));
  auto made = std::make_shared<const Value>(read());
  if (is_kept(*made)) facts_.keep(key, made, sizeof(Value) + heap_of_fact(*made));
  return std::shared_ptr<const Value>(std::move(made));
}

store::Bearer AdmissionFacts::bearer(std::string_view user_id, std::string_view token_id) const {
  return *fact(FactKind::bearer, {user_id, token_id}, [&] { return store::find_bearer(reader_, user_id, token_id); });
}

std::optional<store::Standing> AdmissionFacts::standing(std::string_view tenant_id, std::string_view user_id) const {
  return *fact(FactKind::standing, {tenant_id, user_id},
               [&] { return store::find_standing(reader_, tenant_id, user_id); });
}

std::optional<store::RateLimit> AdmissionFacts::rate_limit(Realm realm, std::string_view action) const {
  return *fact(FactKind::rate_limit, {realm.tenant, realm.env, action},
               [&] { return store::find_rate_limit(reader_, realm, action); });
}

std::shared_ptr<const std::optional<store::KillSwitches>> AdmissionFacts::kill_switches(Realm realm) const {
  return fact(FactKind::switches, {realm.tenant, realm.env}, [&] { return store::find_kill_switches(reader_, realm); });
}

}  // namespace nexus
