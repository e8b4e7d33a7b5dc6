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

std::string insert_into_text(std::string_view table, std::span<const model::Spec> specs) {
  return std::string("INSERT INTO ").append(table).append(" (" + columns_text(specs) + ")");
}

std::string insert_text(std::string_view table, std::span<const model::Spec> specs) {
  std::string values;
  int number = 0;
  for (const model::Spec& spec : specs)
    if (spec.stored) values.append(values.empty() ? "" : ", ").append(parameter(++number));
  return insert_into_text(table, specs).append(" VALUES (" + values + ")");
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

std::string find_text(std::string_view table, std::span<const model::Spec> specs, std::string_view alive) {
  const std::string out = select_text(table, specs) + key_text(specs, 1);
  return alive.empty() ? out : (out + " AND ").append(alive);
}

std::int64_t seq_at(const Reader& reader, std::string_view sql, Realm realm, std::int64_t end, Micros at) {
  std::int64_t low = 1;
  while (low < end) {
    const std::int64_t middle = low + (end - low) / 2;
    const auto time = first(reader.query(sql, realm, middle), only_integer);
    if (time && *time < at)
      low = middle + 1;
    else
      end = middle;
  }
  return low;
}

namespace {

/// The column as a V; of an optional V, NULL is nothing.
template <class V>
V column_as(const Query& query, int column) {
  if constexpr (std::is_same_v<V, std::string>)
    return query.text(column);
  else if constexpr (std::is_same_v<V, std::vector<std::string>>)
    return parse_own_json(query.text_view(column)).get<V>();
  else if constexpr (std::is_same_v<V, bool>)
    return query.boolean(column);
  else if constexpr (std::is_same_v<V, std::int64_t>)
    return query.integer(column);
  else if constexpr (std::is_same_v<V, double>)
    return query.real(column);
  else
    return query.is_null(column) ? V() : column_as<typename V::value_type>(query, column);
}

}  // namespace

void read_column(const Query& query, int column, model::Slot value) {
  std::visit([&]<class V>(V* at) { *at = column_as<V>(query, column); }, value);
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
