#include "store/settings.hpp"

#include "store/card_index.hpp"
#include "store/model_rows.hpp"

namespace nexus::store {
namespace {

/// Selects versions of the type ?3, filtered by `rest`.
std::string select_settings(std::string_view rest) {
  return ("SELECT " + columns_text(domain::kCard.specs(), "c."))
      .append(
          ", s.name, s.revision FROM settings s JOIN cards c ON c.tenant_id = s.tenant_id AND c.env = s.env AND "
          "c.card_id = s.card_id WHERE s.tenant_id = ?1 AND s.env = ?2 AND s.card_type = ?3 AND ")
      .append(rest);
}

SettingsVersion version_of(const Query& q) {
  int column = 0;
  return {.card = row_at<domain::kCard>(q, column), .name = q.text(column), .revision = q.integer(column + 1)};
}

}  // namespace

std::optional<SettingsVersion> settings_in_force(const Reader& reader, Realm realm, const SettingsName& document) {
  static const std::string text = select_settings("s.name = ?4 AND s.newest = 1");
  return first(reader.query(text, realm, document.card_type, document.name), version_of);
}

std::vector<SettingsVersion> list_settings(const Reader& reader, Realm realm, std::string_view card_type,
                                           std::string_view after, int limit) {
  static const std::string text = select_settings("s.newest = 1 AND s.name > ?4 ORDER BY s.name LIMIT ?5");
  return all(reader.query(text, realm, card_type, after, limit), version_of);
}

std::vector<SettingsVersion> settings_history(const Reader& reader, Realm realm, const SettingsName& document,
                                              std::int64_t before, int limit) {
  static const std::string text =
      select_settings("s.name = ?4 AND (?5 = 0 OR s.revision < ?5) ORDER BY s.revision DESC LIMIT ?6");
  return all(reader.query(text, realm, document.card_type, document.name, before, limit), version_of);
}

bool put_settings(Tx& tx, Realm realm, const SettingsName& document, domain::Card& card,
                  const domain::CardWords& words) {
  const auto before = settings_in_force(tx, realm, document);
  const std::int64_t revision = before ? before->revision + 1 : 1;
  card.version = std::to_string(revision);
  bool more = insert_card(tx, card, words);
  if (before) {
    more = unindex_card(tx, realm, before->card.card_id) || more;
    tx.run(
        "UPDATE settings SET newest = 0 "
        "WHERE tenant_id = ?1 AND env = ?2 AND card_type = ?3 AND name = ?4 AND newest = 1",
        realm, document.card_type, document.name);
  }
  tx.run(
      "INSERT INTO settings (tenant_id, env, card_type, name, revision, newest, card_id) "
      "VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6)",
      realm, document.card_type, document.name, revision, card.card_id);
  return more;
}

bool is_settings_version(const Reader& reader, const domain::Card& card) {
  return reader
      .query("SELECT 1 FROM settings WHERE tenant_id = ?1 AND env = ?2 AND card_id = ?3", card.realm(), card.card_id)
      .next();
}

}  // namespace nexus::store
