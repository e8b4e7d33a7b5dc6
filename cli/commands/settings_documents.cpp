// nexusctl settings: documents of a surface, its apps and its connectors, and their versions.
#include "cli/commands/settings_documents.hpp"

#include "cli/commands/card_text.hpp"
#include "cli/engine/difference.hpp"
#include "cli/engine/escape.hpp"
#include "cli/engine/one_request.hpp"

namespace nexus::cli {
namespace {

const Shape kVersionShape = {"card_id", {"version", "card_type", "header.name", "card_id", "created_at", "created_by"}};

int run_get(Session& session, const Values& values) {
  const std::string document = values.text("DOCUMENT");
  const std::string path = path_of_settings(document, true);
  if (document == "apps" || document == "connectors")
    return print_pages(session, values, {.path = path}, kVersionShape);
  const bool text = values.given("--text");
  const Json items = session.call({.path = path}).json.at("items");
  if (items.empty()) throw Failure(Exit::not_found, "there is no version of " + document + " yet");
  print_card(session, text, items[0]);
  return 0;
}

int run_put(Session& session, const Values& values) {
  ApiRequest request{
      .method = "PUT", .path = path_of_settings(values.text("DOCUMENT"), false), .text = card_text(values)};
  if (const auto card = values.find("--if-card")) request.headers.emplace_back("If-Match", "\"" + *card + "\"");
  session.print_answer(session.call(request), kVersionShape);
  return 0;
}

int run_document_history(Session& session, const Values& values) {
  return print_pages(session, values,
                     {.path = path_of_settings(values.text("DOCUMENT"), false), .query = {{"history", "true"}}},
                     kVersionShape);
}

/// The versions asked for, or the last two.
std::pair<Json, Json> versions_of(Session& session, const Values& values) {
  const auto from = values.find("FROM"), to = values.find("TO");
  const std::string path = path_of_settings(values.text("DOCUMENT"), false);
  Json old_card, new_card;
  each_page(session, {.path = path, .query = {{"history", "true"}, {"limit", "200"}}}, [&](Json& page) {
    for (const Json& card : page.at("items")) {
      if (to ? card.at("version") == *to : new_card.is_null())
        new_card = card;
      else if (!from && !new_card.is_null() && old_card.is_null())
        old_card = card;
      if (from && card.at("version") == *from) old_card = card;
    }
    return old_card.is_null() || new_card.is_null();
  });
  if (new_card.is_null()) throw Failure(Exit::not_found, "there is no such version of " + values.text("DOCUMENT"));
  if (old_card.is_null() && from)
    throw Failure(Exit::not_found, "there is no version " + *from + " of " + values.text("DOCUMENT"));
  return {std::move(old_card), std::move(new_card)};
}

int run_diff(Session& session, const Values& values) {
  const auto [old_card, new_card] = versions_of(session, values);
  const bool terminal = session.view().terminal;
  const auto text = [&](const Json& card) {
    const std::string full = card.is_null() ? std::string() : card.at("full_text").get<std::string>();
    return terminal ? escape_lines(full) : full;
  };
  const auto name = [&](const Json& card) {
    return card.is_null() ? std::string("/dev/null")
                          : values.text("DOCUMENT") + " version " + card.at("version").get<std::string>();
  };
  session.print(
      unified_difference(text(old_card), text(new_card), name(old_card), name(new_card), terminal && session.colour()));
  return 0;
}

constexpr const char* kDescription = R"(
A document is `surface`, `app/NAME` or `connector/NAME`. Each version of it is a card of type `surface_settings`,
`app_definition` or `connector_config`, whose header names the document. A write makes the next version; the newest is
in force, and every older one stays readable.)";

}  // namespace

std::string path_of_settings(const std::string& document, bool lists) {
  const std::size_t slash = document.find('/');
  const std::string kind = document.substr(0, slash);
  const bool named = slash != std::string::npos && slash + 1 < document.size();
  if (document == "surface") return "/nexus/settings/surface";
  for (const char* each : {"app", "connector"}) {
    if (named && kind == each) return "/nexus/settings/" + kind + "s/" + segment(document.substr(slash + 1));
    if (lists && document == std::string(each) + "s") return "/nexus/settings/" + document;
  }
  throw usage_error("DOCUMENT is surface, app/NAME or connector/NAME" +
                        std::string(lists ? ", or apps or connectors for all of them" : ""),
                    "nexusctl settings get DOCUMENT");
}

Command settings_command() {
  const Parameter document = argument("DOCUMENT", "surface, app/NAME or connector/NAME");
  return {.name = "settings",
          .topic = Topic::set_up,
          .summary = "settings of the surface, apps and connectors: get, put, history, diff",
          .description = kDescription,
          .see_also = "nexusctl-card(1)",
          .example = "nexusctl settings put app/helpdesk helpdesk.md",
          .commands = {
              {.name = "get",
               .summary = "show the version in force, or all apps or connectors",
               .example = "nexusctl settings get app/helpdesk --text",
               .parameters = list_parameters(
                   {text_flag(), argument("DOCUMENT", "surface, app/NAME, connector/NAME, apps or connectors")}),
               .run = run_get},
              {.name = "put",
               .summary = "write a new version; older ones stay readable",
               .example = "nexusctl settings put app/helpdesk helpdesk.md",
               .parameters = {option("--if-card", "CARD_ID", "only while this card is the version in force"), document,
                              card_argument()},
               .run = run_put},
              {.name = "history",
               .summary = "list all versions, newest first",
               .example = "nexusctl settings history app/helpdesk",
               .parameters = list_parameters({document}),
               .run = run_document_history},
              {.name = "diff",
               .summary = "compare two versions (the last two)",
               .example = "nexusctl settings diff app/helpdesk 1 3",
               .parameters = {document, optional_argument("FROM", "the older version"),
                              optional_argument("TO", "the newer version (the one in force)")},
               .run = run_diff,
               .beyond_curl = "compares here what several answers hold"},
          }};
}

}  // namespace nexus::cli
