// Settings are documents of a surface, of apps and of connectors. Each is a series of versions, and each version is a
// card. The newest version is in force, and the only one that search finds.
#pragma once
#include "daemon/domain/card.hpp"
#include "store/query.hpp"

namespace nexus::store {

/// Names a document of a tenant and env. `name` is "" for the surface's only one.
struct SettingsName {
  std::string card_type;
  std::string name;
};

struct SettingsVersion {
  domain::Card card;
  std::string name;
  std::int64_t revision = 0;
};

std::optional<SettingsVersion> settings_in_force(const Reader& reader, Realm realm, const SettingsName& document);
/// The versions in force of all documents of a type, by name, from after `after` ("" for the start).
std::vector<SettingsVersion> list_settings(const Reader& reader, Realm realm, std::string_view card_type,
                                           std::string_view after, int limit);
/// All versions of one document, newest first, from before the revision `before` (0 for the start).
std::vector<SettingsVersion> settings_history(const Reader& reader, Realm realm, const SettingsName& document,
                                              std::int64_t before, int limit);
/// Stores the card as the next version, and sets card.version to its number; `words` are the card's own. Returns
/// whether parts of it, or of the version before, are left for index_part or remove_part (card_index.hpp).
[[nodiscard]] bool put_settings(Tx& tx, Realm realm, const SettingsName& document, domain::Card& card,
                                const domain::CardWords& words);
/// Whether the card is a version of a document.
bool is_settings_version(const Reader& reader, const domain::Card& card);

}  // namespace nexus::store
