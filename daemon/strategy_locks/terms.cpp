#include "daemon/strategy_locks/terms.hpp"

#include "daemon/http/schema.hpp"
#include "daemon/model/json.hpp"
#include "daemon/model/schema.hpp"

namespace nexus::strategy_locks {
namespace {

namespace schema = http::schema;

Json terms_json(const Lock& lock) {
  Json all = model::json_of(kLock, lock), out = Json::object();
  for (const model::Spec& spec : model::specs_of<kLock>)
    if (spec.who == model::Who::client) out[std::string(spec.name)] = std::move(all[std::string(spec.name)]);
  return out;
}

}  // namespace

std::string draft_text(const Lock& lock) {
  Json out = Json::object();
  for (const auto& field : kLock.fields) {
    if (field.spec.who != model::Who::client) continue;
    const auto kept = [](const auto* value) -> Json {
      if constexpr (model::detail::is_optional<std::remove_cvref_t<decltype(*value)>>)
        return or_null(*value);
      else
        return *value;
    };
    out[std::string(field.spec.name)] = std::visit(kept, model::slot_of(field, lock));
  }
  return to_text(out);
}

Lock with_draft(Lock lock) {
  if (!lock.draft) return lock;
  const Json kept = parse_own_json(*lock.draft);
  for (const auto& field : kLock.fields) {
    if (field.spec.who != model::Who::client) continue;
    const Json& value = kept.at(std::string(field.spec.name));
    const auto read = [&](auto* at) {
      using Value = std::remove_pointer_t<decltype(at)>;
      if constexpr (!model::detail::is_optional<Value>)
        *at = value.get<Value>();
      else if (value.is_null())
        at->reset();
      else
        *at = value.get<typename Value::value_type>();
    };
    std::visit(read, model::slot_of(field, lock));
  }
  return lock;
}

bool is_over(const Lock& terms, Micros now) { return terms.valid_until && *terms.valid_until <= now; }

std::string status_of(const Lock& lock, Micros now) {
  return is_over(lock, now) && lock.status != "rejected" ? "expired" : lock.status;
}

Json lock_json(const Lock& lock) {
  Json out = model::json_of(kLock, lock);
  out["status"] = status_of(lock, now_micros());
  out["draft"] = lock.draft ? terms_json(with_draft(lock)) : Json();
  return out;
}

Json terms_schema(bool whole) {
  Json out = whole ? model::create_schema(kLock) : model::change_schema(kLock);
  out["properties"]["surface"]["pattern"] =
      "^(?![*]$)" + std::string(model::kPlainName).substr(1);  // as named() refuses it
  return out;
}

Json lock_schema() {
  return schema::with(model::answer_schema(kLock),
                      {{"draft", schema::nullable(schema::named("StrategyLockDraft", terms_schema(true)))}});
}

}  // namespace nexus::strategy_locks
