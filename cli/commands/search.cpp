// nexusctl search: cards by their words, best first.
#include "cli/commands/search.hpp"

#include <cstdio>

#include "cli/engine/escape.hpp"
#include "cli/engine/session.hpp"

namespace nexus::cli {
namespace {

const Shape kHitShape = {"id", {"score", "id", "metadata.card_type", "snippet"}};

std::string rounded(double score) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", score);
  return text;
}

/// The snippet is last, so that its colour codes shift no column.
std::string table_of_hits(const Json& items, bool colour) {
  std::vector<std::vector<std::string>> rows = {{"SCORE", "ID", "TYPE", "SNIPPET"}};
  for (const auto& item : items)
    rows.push_back({rounded(item.at("score").get<double>()), escape_controls(item.at("id").get<std::string>()),
                    escape_controls(item.at("metadata").at("card_type").get<std::string>()),
                    highlighted(item.at("snippet").get<std::string>(), colour)});
  return render_table(rows);
}

int run_search(Session& session, const Values& values) {
  const Json found = session.call({.method = "POST", .path = "/nexus/search", .body = search_query(values)}).json;
  if (session.view().format == Format::table && !session.view().field)
    session.print(table_of_hits(found.at("items"), session.view().terminal && session.settings().colour), Form::asked);
  else
    session.print_list(found, kHitShape);
  return 0;
}

constexpr const char* kSearchDescription = R"(
It searches the values of the headers and the bodies of the cards of one tenant and env. Other people's cards play no
part, not even in the ranking.

All words are literal, whatever they look like: `AND`, `NOT` and `tenant_id:x` are words. Two signs have a meaning:
words between double quotes are found in this order, and `word*` finds everything that begins so; where very many words
do, it finds the first of them in the alphabet (nexus-limits(7)). A text without blanks such as `launch-plan` is found
in this order, too. The shell interprets quotes and stars: write them between single quotes.

Case, accents, strokes and widths do not matter: `lodz` finds the Polish town as it is spelt there. Arabic and Hebrew
are found without points. An emoji is a word. `C++`, `C#`, `A+` and `.NET` are found where they are written so; `C`
finds C++ and C# too. A Korean word finds those that begin with it, because particles follow it without a blank;
between double quotes it finds itself alone.

Cards with all the words come alone; when no card has them all, cards with any of them come. They are ranked by BM25:
a higher score is better, and of equal scores the newest comes first. An empty QUERY lists the newest cards.

On a terminal found words are bold; elsewhere they stand between `**`.)";

}  // namespace

std::vector<Parameter> search_parameters() {
  return {option("--type", "TYPE", "only cards of this type"),
          option("--top", "K", "at most the K best, 1 to 100 (10)"),
          arguments("QUERY", "words; \"in this order\" between quotes, or the beginning of one: word*")};
}

Json search_query(const Values& values) {
  std::string text;
  for (const auto& word : values.list("QUERY")) text += (text.empty() ? "" : " ") + word;
  Json query = {{"query_text", text}};
  if (const auto type = values.find("--type")) query["filters"] = {{"card_type", *type}};
  if (const auto top = values.number("--top", 1, 100)) query["top_k"] = *top;
  return query;
}

std::string highlighted(const std::string& snippet, bool colour) {
  std::string out = escape_controls(snippet);
  if (!colour) return out;
  bool inside = false;
  for (auto at = out.find("**"); at != std::string::npos; at = out.find("**", at)) {
    out.replace(at, 2, inside ? "\033[0m" : "\033[1m");
    inside = !inside;
  }
  return inside ? out + "\033[0m" : out;
}

Command search_command() {
  return {.name = "search",
          .topic = Topic::files_and_texts,
          .summary = "find cards by their words, best first",
          .description = kSearchDescription,
          .exit_status = "To find nothing is not a failure.",
          .see_also = "nexusctl-pack(1)",
          .example =
              "nexusctl search launch plan --type decision\n"
              "nexusctl search '\"launch plan\" spri*' --top 3 -o json",
          .parameters = search_parameters(),
          .run = run_search};
}

}  // namespace nexus::cli
