// nexusctl card: texts with a YAML header.
#include "cli/commands/card_text.hpp"
#include "cli/engine/escape.hpp"
#include "cli/engine/local_file.hpp"
#include "cli/engine/one_request.hpp"

namespace nexus::cli {
namespace {

// The daemon's own limit for a card; sending more is useless.
constexpr std::size_t kCardBytesMax = 256 * 1024;

int run_card_create(Session& session, const Values& values) {
  session.print_answer(session.call({.method = "POST", .path = "/nexus/cards", .text = card_text(values)}), kCardShape);
  return 0;
}

int run_card_show(Session& session, const Values& values) {
  const bool text = values.given("--text");
  print_card(session, text, session.call(request_of({.path = "/nexus/cards/{CARD_ID}"}, session, values)).json);
  return 0;
}

constexpr const char* kCardDescription = R"(
A card is a YAML header, a line `---` and a body; it may begin with a line `---`, too. The header names the
`card_type` and holds whatever else its author likes; anchors, aliases and tags are refused, and so is a number that
would not be kept as it is written: `1.10` stands in quotes. A card never changes; its text comes back byte for byte.)";

}  // namespace

const Shape kCardShape = {"card_id", {"card_id", "card_type", "version", "created_at", "created_by"}};

Parameter card_argument() {
  return argument("FILE", "the card: a YAML header, a line ---, a body; - is standard input");
}

Parameter text_flag() { return flag("--text", "print the text alone, byte for byte as it was sent"); }

std::string card_text(const Values& values) { return read_text(values.text("FILE"), kCardBytesMax); }

void print_card(Session& session, bool as_text, const Json& card) {
  if (!as_text) return session.print_record(card, kCardShape);
  const auto& text = card.at("full_text").get_ref<const std::string&>();
  // Writes byte for byte into files and pipes. On a terminal it escapes, so that text of strangers drives nothing.
  session.print(session.view().terminal ? escape_lines(text) : text);
}

Command card_command() {
  const Parameter card = argument("CARD_ID", "the card");
  return {
      .name = "card",
      .topic = Topic::files_and_texts,
      .summary = "cards: texts with a YAML header; create, list, show, delete",
      .description = kCardDescription,
      .see_also = "nexusctl-search(1), nexusctl-settings(1)",
      .example = "nexusctl card create note.md",
      .commands = {
          {.name = "create",
           .summary = "create a card from a file; its header names its card_type",
           .example = "nexusctl card create note.md",
           .parameters = {card_argument()},
           .run = run_card_create},
          list_command("list", "list cards, newest first", "nexusctl card list --type note", {.path = "/nexus/cards"},
                       kCardShape, {option("--type", "TYPE", "only cards of this type")}, {{"--type", "card_type"}}),
          {.name = "show",
           .summary = "show a card",
           .example = "nexusctl card show CARD_ID --text",
           .parameters = {text_flag(), card},
           .run = run_card_show},
          delete_command("delete a card: its creator or an admin", "nexusctl card delete CARD_ID",
                         {.path = "/nexus/cards/{CARD_ID}"}, card),
      }};
}

}  // namespace nexus::cli
