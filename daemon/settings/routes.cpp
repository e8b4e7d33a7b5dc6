// Routes of settings: documents for a surface, its apps and its connectors. A document is a series of versions, each a
// card: PUT adds one, nothing is overwritten.
#include "daemon/domain/new_card.hpp"
#include "daemon/domain/services.hpp"
#include "daemon/http/input.hpp"
#include "daemon/http/page.hpp"
#include "daemon/http/problems.hpp"
#include "daemon/http/schema.hpp"
#include "daemon/http/surface.hpp"
#include "store/settings.hpp"

namespace nexus::settings {
namespace {

using http::Applied;
using http::Input;
using http::Reply;
using store::SettingsName;
using store::SettingsVersion;
namespace schema = http::schema;

/// One of the three kinds of documents.
struct Kind {
  std::string_view path;
  std::string_view card_type;
  bool named = true;
};
constexpr Kind kSurface = {"/nexus/settings/surface", domain::kSurfaceSettings, false};
constexpr Kind kApps = {"/nexus/settings/apps", domain::kAppDefinition};
constexpr Kind kConnectors = {"/nexus/settings/connectors", domain::kConnectorConfig};

bool is_settings_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && name[0] != '_' && name[0] != '-' &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == std::string_view::npos;
}

/// The document that the path names. A name that no document can have is an unknown path, and reaches no event.
SettingsName name_of(Input& input, const Kind& kind) {
  if (!kind.named) return {std::string(kind.card_type), ""};
  const std::string& name = input.param("name");
  if (!is_settings_name(name)) throw Problem(problems::route_not_found);
  return {std::string(kind.card_type), name};
}

/// A version never changes, so its card's id is its ETag.
std::string etag_of(const domain::Card& card) { return "\"" + card.card_id + "\""; }

Json version_json(const SettingsVersion& version) { return domain::card_json(version.card); }

// ---- write ----------------------------------------------------------------------------------------------------------

struct Put {
  SettingsName document;
  domain::NewCardPtr made;
  std::optional<std::string> if_match;
  std::string location;
};

/// Compares the header with the path.
void judge_header(const domain::CardText& text, const Kind& kind, const std::string& name) {
  http::Faults faults;
  if (text.card_type != kind.card_type)
    faults.add("/header/card_type", "must be " + std::string(kind.card_type) + " here");
  const auto found = text.header.find("name");
  if (kind.named && (found == text.header.end() || *found != name))
    faults.add("/header/name", "must be the name in the path");
  faults.raise();
}

Put parse_put(Input& input, const Kind& kind) {
  SettingsName document = name_of(input, kind);
  const domain::CardText text = domain::parse_card_text(input.raw_body);
  judge_header(text, kind, document.name);
  std::string location = std::string(kind.path) + (kind.named ? "/" + document.name : "");
  return {std::move(document), domain::make_card(input, text), http::take_if_match(input), std::move(location)};
}

Applied put(store::Tx& tx, const Caller& caller, const Put& value) {
  const auto before = store::settings_in_force(tx, caller.realm(), value.document);
  if (value.if_match && !before) throw Problem(problems::precondition_failed, "there is no version of it yet");
  if (before) http::judge_if_match(value.if_match, etag_of(before->card));
  domain::Card card = value.made->card;
  const bool in_parts = store::put_settings(tx, caller.realm(), value.document, card, value.made->words);
  Applied applied = domain::card_stored_as(card.version, value.made, value.location);
  if (in_parts) applied.parts = domain::index_parts(value.made);
  applied.leaves_rest = in_parts;  // the parts of the version before
  applied.details["name"] = value.document.name;
  applied.status = before ? 200 : 201;
  applied.fields.emplace_back("ETag", etag_of(card));
  return applied;
}

// ---- read -----------------------------------------------------------------------------------------------------------

struct Get {
  SettingsName document;
  bool history = false;
  http::Page page;
};

Get parse_get(Input& input, const Kind& kind) {
  SettingsName document = name_of(input, kind);
  const bool history = input.query.optional_boolean("history").value_or(false);
  const std::string list = std::string(kind.path) + "\n" + document.name + (history ? "\nhistory" : "");
  return {std::move(document), history, http::take_page(input, list)};
}

/// Reads of settings leave events: who looked at which document.
http::Activity read_event(const SettingsName& document) {
  return {"settings_read", "settings", document.name, make_object({{"card_type", document.card_type}}), Json::object()};
}

Reply get(const store::Reader& reader, const Caller& caller, const Get& value) {
  Reply reply;
  if (value.history) {
    reply.json = http::page_json_in_pieces<SettingsVersion>(
        value.page,
        [&](const std::string& mark, int count) {
          return store::settings_history(reader, caller.realm(), value.document, http::number_of_mark(mark), count);
        },
        version_json, [](const SettingsVersion& row) { return std::to_string(row.revision); });
  } else {
    std::vector<SettingsVersion> rows;
    if (auto version = store::settings_in_force(reader, caller.realm(), value.document)) {
      reply.fields.emplace_back("ETag", etag_of(version->card));
      rows.push_back(std::move(*version));
    }
    reply.json = http::page_json<SettingsVersion>(value.page, std::move(rows), version_json,
                                                  [](const SettingsVersion& row) { return row.name; });
  }
  reply.events.push_back(read_event(value.document));
  return reply;
}

Get parse_list(Input& input, const Kind& kind) {
  return {{std::string(kind.card_type), ""}, false, http::take_page(input, kind.path)};
}

Reply list(const store::Reader& reader, const Caller& caller, const Get& value) {
  return {.json = http::page_json_in_pieces<SettingsVersion>(
              value.page,
              [&](const std::string& mark, int count) {
                return store::list_settings(reader, caller.realm(), value.document.card_type, mark, count);
              },
              version_json, [](const SettingsVersion& row) { return row.name; }),
          .events = {read_event(value.document)}};
}

// ---- routes ---------------------------------------------------------------------------------------------------------

const http::Surface kSettings{.name = "settings", .read_action = "settings_read", .writes = Role::admin};

void add_document_routes(http::RouteTable& routes, const Kind& kind, const std::string& path) {
  auto parameters = http::page_parameters();
  parameters.push_back({"history", "All versions, newest first", schema::defaults_to(schema::boolean(), false)});
  routes.add(kSettings.get(path, http::reads([kind](Input& input) { return parse_get(input, kind); }, get),
                           {.summary = "The version in force, or all versions",
                            .response = schema::page(domain::card_schema()),
                            .query = std::move(parameters)}));
  http::Route write = kSettings.create(
      path, "settings_write", http::writes([kind](Input& input) { return parse_put(input, kind); }, put),
      {.summary = "Write a new version", .response = domain::card_schema(), .refusals = {200, 412}});
  write.method = "PUT";
  routes.add(domain::takes_card(std::move(write)));
}

}  // namespace

void add_routes(http::RouteTable& routes, const domain::Services&) {
  routes.describe("settings", "Settings cards: surface, apps, connectors");
  add_document_routes(routes, kSurface, std::string(kSurface.path));
  for (const Kind& kind : {kApps, kConnectors}) {
    routes.add(kSettings.get(std::string(kind.path),
                             http::reads([kind](Input& input) { return parse_list(input, kind); }, list),
                             {.summary = "The newest version of each, by name",
                              .response = schema::page(domain::card_schema()),
                              .query = http::page_parameters()}));
    add_document_routes(routes, kind, std::string(kind.path) + "/{name}");
  }
}

}  // namespace nexus::settings
