#include "store/query.hpp"

#include "store/work.hpp"

namespace nexus::store {

void Tx::require_named(Realm realm) const {
  if (allowed_ == nullptr || allowed_->has(realm)) return;
  throw std::logic_error("a unit writes in " + std::string(realm.tenant) + "/" + std::string(realm.env) +
                         ", which it did not name");
}

void Tx::touch(Realm realm) {
  require_named(realm);
  for (const Place& known : touched_)
    if (known.realm() == realm) return;
  touched_.push_back({std::string(realm.tenant), std::string(realm.env)});
}

void Tx::at_group_end(Left left) {
  if (heads_ == nullptr) return left.work(*this);
  left_.push_back(std::move(left));
}

}  // namespace nexus::store
