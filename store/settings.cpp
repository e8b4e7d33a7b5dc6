#include "store/settings.hpp"

#include "store/card_search.hpp"

namespace nexus::store {
namespace {

SettingsVersion version_of(const Query& q) {
  return {.card = card_of(q), .name = q.text(11), .revision = q.integer(12)};
}

std::vector<SettingsVersion> all(Query q) {
  std::vector<SettingsVersion> rows;
  while (q.next()) rows.push_back(version_of(q));
  return rows;
}

}  // namespace

// A literal, so that every statement stays one cached literal too.
#define NEXUS_SELECT_SETTINGS                                                                                         \
  "SELECT " NEXUS_CARD_COLUMNS                                                                                        \
  ", s.name, s.revision FROM settings s JOIN cards c ON c.tenant_id = s.tenant_id AND c.env = s.env AND c.card_id = " \
  "s.card_id WHERE s.tenant_id = ?1 AND s.env = ?2 AND s.card_type = ?3 "

std::optional<SettingsVersion> settings_in_force(const Reader& reader, const SettingsName& document) {
  Query q = reader.query(NEXUS_SELECT_SETTINGS "AND s.name = ?4 AND s.newest = 1", document.tenant_id, document.env,
                         document.card_type, document.name);
  if (!q.next()) return std::nullopt;
  return version_of(q);
}

std::vector<SettingsVersion> list_settings(const Reader& reader, Realm realm, std::string_view card_type,
                                           std::string_view after, int limit) {
  return all(reader.query(NEXUS_SELECT_SETTINGS
                          "AND s.newest = 1 AND (?4 = '' OR s.name > ?4) ORDER BY s.name LIMIT ?5",
                          realm, card_type, after, limit));
}

std::vector<SettingsVersion> settings_history(const Reader& reader, const SettingsName& document, std::int64_t before,
                                              int limit) {
  return all(reader.query(NEXUS_SELECT_SETTINGS
                          "AND s.name = ?4 AND (?5 = 0 OR s.revision < ?5) ORDER BY s.revision DESC LIMIT ?6",
                          document.tenant_id, document.env, document.card_type, document.name, before, limit));
}

#undef NEXUS_SELECT_SETTINGS

std::int64_t put_settings(Tx& tx, const SettingsName& document, Card& card) {
  const auto before = settings_in_force(tx, document);
  const std::int64_t revision = before ? before->revision + 1 : 1;
  card.version = std::to_string(revision);
  insert_card(tx, card);
  if (before) {
    unindex_card(tx, document.realm(), before->card.card_id);
    tx.run(
        "UPDATE settings SET newest = 0 WHERE tenant_id = ?1 AND env = ?2 AND card_type = ?3 AND name = ?4 AND newest "
        "= "
        "1",
        document.tenant_id, document.env, document.card_type, document.name);
  }
  tx.run(
      "INSERT INTO settings (tenant_id, env, card_type, name, revision, newest, card_id) "
      "VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6)",
      document.tenant_id, document.env, document.card_type, document.name, revision, card.card_id);
  return revision;
}

bool is_settings_version(const Reader& reader, const Card& card) {
  Query q = reader.query("SELECT 1 FROM settings WHERE tenant_id = ?1 AND env = ?2 AND card_id = ?3", card.tenant_id,
                         card.env, card.card_id);
  return q.next();
}

}  // namespace nexus::store
