// nexusctl search: cards by their words, best first.
#include "cli/commands/search.hpp"

#include "cli/engine/session.hpp"
#include "daemon/base/text.hpp"
#include "daemon/base/words.hpp"

namespace nexus::cli {
namespace {

const Shape kHitShape = {"id", {"score", "id", "metadata.card_type", "snippet"}};

std::string typed_query(const Values& values) {
  std::string text;
  for (const auto& word : values.list("QUERY")) text += (text.empty() ? "" : " ") + word;
  return text;
}

int run_search(Session& session, const Values& values) {
  Json found = session.call({.method = "POST", .path = "/nexus/search", .body = search_query(values)}).json;
  const View view = session.view();
  const bool bold = view.format == Format::table && !view.field && view.terminal && view.colour;
  if (bold)
    session.print(table_in_bold(std::move(found), kHitShape, view), Form::asked);
  else
    session.print_list(found, kHitShape);
  note_wordless(session, values);
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

void note_wordless(Session& session, const Values& values) {
  const std::string text = typed_query(values);
  if (!trim_ascii(text).empty() && words_of(text).empty())
    session.note("the query " + text + " holds no word, and so finds nothing: words are letters, digits and emoji");
}

Json search_query(const Values& values) {
  Json query = {{"query_text", typed_query(values)}};
  if (const auto type = values.find("--type")) query["filters"] = {{"card_type", *type}};
  if (const auto top = values.number("--top", 1, 100)) query["top_k"] = *top;
  return query;
}

/// While the table is made, each pair of stars is one character that no line break can part.
std::string table_in_bold(Json found, const Shape& shape, const View& view) {
  constexpr std::string_view stars = "**", mark = "\uE000";
  for (auto& item : found.at("items")) {
    auto& snippet = item.at("snippet").get_ref<std::string&>();
    for (auto at = snippet.find(stars); at != std::string::npos; at = snippet.find(stars, at))
      snippet.replace(at, stars.size(), mark);
  }
  std::string text = render_list(found, shape, view);
  bool inside = false;
  for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at)) {
    text.replace(at, mark.size(), inside ? "\033[0m" : "\033[1m");
    inside = !inside;
  }
  return inside ? text + "\033[0m" : text;
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
