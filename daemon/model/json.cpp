#include "daemon/model/json.hpp"

#include <stdexcept>

namespace nexus::model {
namespace {

template <class V>
Json one(const Spec& spec, const V& value) {
  if constexpr (detail::is_optional<V>) {
    return value ? one(spec, *value) : Json();
  } else if constexpr (std::is_same_v<V, std::int64_t>) {
    return spec.kind == Kind::time ? Json(to_rfc3339(value)) : Json(value);
  } else if constexpr (std::is_same_v<V, std::string>) {
    return spec.kind == Kind::document ? parse_own_json(value) : Json(value);
  } else {
    return Json(value);
  }
}

}  // namespace

Json value_json(const Spec& spec, ConstSlot value) {
  return std::visit([&](const auto* at) { return one(spec, *at); }, value);
}

}  // namespace nexus::model
