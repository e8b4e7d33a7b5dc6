#include "store/model_rows.hpp"

#include "daemon/base/json.hpp"

namespace nexus::store {
namespace {

std::string parameter(int number) { return "?" + std::to_string(number); }

/// The conditions on the key, with parameters numbered from `first`.
std::string key_text(std::span<const model::Spec> specs, int first) {
  std::string out;
  for (const model::Spec& spec : specs) {
    if (!spec.key) continue;
    out.append(out.empty() ? " WHERE " : " AND ").append(spec.name).append(" = ").append(parameter(first++));
  }
  return out;
}

/// The last column of the key.
std::string id_column(std::span<const model::Spec> specs) {
  std::string_view id;
  for (const model::Spec& spec : specs)
    if (spec.key) id = spec.name;
  return std::string(id);
}

}  // namespace

std::string columns_text(std::span<const model::Spec> specs, std::string_view prefix) {
  std::string out;
  for (const model::Spec& spec : specs)
    if (spec.stored) out.append(out.empty() ? "" : ", ").append(prefix).append(spec.name);
  return out;
}

std::string select_text(std::string_view table, std::span<const model::Spec> specs) {
  return ("SELECT " + columns_text(specs)).append(" FROM ").append(table).append(" ");
}

std::string select_text(std::string_view table, std::span<const model::Spec> specs, std::string_view alive) {
  std::string out = select_text(table, specs) + "WHERE tenant_id = ?1 AND env = ?2 ";
  if (!alive.empty()) out.append("AND ").append(alive).append(" ");
  return out;
}

std::string from_newest(std::string_view mark) {
  return std::string("coalesce(nullif(").append(mark).append(", ''), '~')");
}

std::string newest_text(std::span<const model::Spec> specs, std::string_view parent) {
  const std::string id = id_column(specs);
  std::string out;
  int number = 3;
  if (!parent.empty()) out.append("AND ").append(parent).append(" = ").append(parameter(number++)).append(" ");
  const std::string before = parameter(number++);
  return out + "AND " + id + " < " + from_newest(before) + " ORDER BY " + id + " DESC LIMIT " + parameter(number);
}

std::string by_key_text(std::span<const model::Spec> specs) {
  const std::string id = id_column(specs);
  return "AND " + id + " > ?3 ORDER BY " + id + " LIMIT ?4";
}

std::string exists_text(std::string_view table, std::span<const model::Spec> specs, std::string_view alive) {
  const std::string out = std::string("SELECT 1 FROM ").append(table) + key_text(specs, 1);
  return alive.empty() ? out : (out + " AND ").append(alive);
}

std::string insert_text(std::string_view table, std::span<const model::Spec> specs) {
  std::string out = "INSERT INTO ", values;
  out.append(table).append(" (");
  int number = 0;
  for (const model::Spec& spec : specs) {
    if (!spec.stored) continue;
    out.append(number == 0 ? "" : ", ").append(spec.name);
    values.append(number == 0 ? "" : ", ").append(parameter(number + 1));
    ++number;
  }
  return out.append(") VALUES (").append(values).append(")");
}

std::string put_text(std::string_view table, std::span<const model::Spec> specs) {
  std::string keys, changes;
  for (const model::Spec& spec : specs) {
    if (spec.key)
      keys.append(keys.empty() ? "" : ", ").append(spec.name);
    else if (spec.stored && !spec.rule.fixed)
      changes.append(changes.empty() ? "" : ", ").append(spec.name).append(" = excluded.").append(spec.name);
  }
  return insert_text(table, specs).append(" ON CONFLICT (").append(keys).append(") DO UPDATE SET ").append(changes);
}

std::string update_text(std::string_view table, std::span<const model::Spec> specs) {
  std::string out = "UPDATE ";
  out.append(table).append(" SET ");
  int number = 1;
  for (const model::Spec& spec : specs) number += spec.key ? 1 : 0;
  bool begun = false;
  for (const model::Spec& spec : specs) {
    if (spec.key || spec.rule.fixed || !spec.stored) continue;
    out.append(std::exchange(begun, true) ? ", " : "").append(spec.name).append(" = ").append(parameter(number++));
  }
  return out + key_text(specs, 1);
}

std::string next_seq_text(std::string_view table) {
  return std::string("SELECT COALESCE(MAX(seq), 0) + 1 FROM ")
      .append(table)
      .append(" WHERE tenant_id = ?1 AND env = ?2");
}

std::string find_text(std::string_view table, std::span<const model::Spec> specs, std::string_view alive) {
  const std::string out = select_text(table, specs) + key_text(specs, 1);
  return alive.empty() ? out : (out + " AND ").append(alive);
}

void read_column(const Query& query, int column, model::Slot value) {
  const auto read = [&](auto* at) {
    using V = std::remove_pointer_t<decltype(at)>;
    if constexpr (std::is_same_v<V, std::string>)
      *at = query.text(column);
    else if constexpr (std::is_same_v<V, std::optional<std::string>>)
      *at = query.optional_text(column);
    else if constexpr (std::is_same_v<V, std::vector<std::string>>)
      *at = parse_own_json(query.text_view(column)).get<std::vector<std::string>>();
    else if constexpr (std::is_same_v<V, std::optional<std::vector<std::string>>>)
      *at = query.is_null(column) ? V() : parse_own_json(query.text_view(column)).get<std::vector<std::string>>();
    else if constexpr (std::is_same_v<V, bool>)
      *at = query.boolean(column);
    else if constexpr (std::is_same_v<V, std::optional<bool>>)
      *at = query.is_null(column) ? V() : query.boolean(column);
    else if constexpr (std::is_same_v<V, std::int64_t>)
      *at = query.integer(column);
    else if constexpr (std::is_same_v<V, std::optional<std::int64_t>>)
      *at = query.optional_integer(column);
    else if constexpr (std::is_same_v<V, double>)
      *at = query.real(column);
    else
      *at = query.optional_real(column);
  };
  std::visit(read, value);
}

Argument argument_of(model::ConstSlot value, std::forward_list<std::string>& kept) {
  const auto make = [&](const auto* at) -> Argument {
    if constexpr (std::is_same_v<decltype(at), const std::vector<std::string>*>)
      return Argument(kept.emplace_front(to_text(*at)));
    else if constexpr (std::is_same_v<decltype(at), const std::optional<std::vector<std::string>>*>)
      return *at ? Argument(kept.emplace_front(to_text(**at))) : Argument(nullptr);
    else
      return Argument(*at);
  };
  return std::visit(make, value);
}

}  // namespace nexus::store
