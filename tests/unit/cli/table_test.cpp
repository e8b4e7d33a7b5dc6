// Tables as people see them: what fits a terminal, what is cut, and what becomes a block.
#include "cli/engine/table.hpp"

#include <clocale>

#include "tests/catch.hpp"

using namespace nexus;
using namespace nexus::cli;

namespace {

/// Signs beyond ASCII depend on the locale, which another test may have set.
struct PlainLocale {
  PlainLocale() : before(std::setlocale(LC_CTYPE, nullptr)) { std::setlocale(LC_CTYPE, "C"); }
  ~PlainLocale() { std::setlocale(LC_CTYPE, before.c_str()); }
  std::string before;
};

const Shape kShape = {"id", {"id", "body.actor_id", "title", "size_bytes"}};
const Json kItems = {{{"id", "0123456789abcdef0123456789abcdef"},
                      {"body", {{"actor_id", "u_ann"}}},
                      {"title", "A title that goes on and on, and says no more than its beginning"},
                      {"size_bytes", 1536}}};

std::size_t widest(const std::string& text) {
  std::size_t most = 0, at = 0;
  for (auto end = text.find('\n'); end != std::string::npos; at = end + 1, end = text.find('\n', at))
    most = std::max(most, end - at);
  return most;
}

}  // namespace

TEST_CASE("a table elsewhere than on a terminal says what the daemon said", "[cli][table]") {
  const std::string text = table_of(kItems, kShape, {});
  CHECK(text.starts_with("ID                                ACTOR ID  TITLE"));
  CHECK(text.find("its beginning  1536") != std::string::npos);
}

TEST_CASE("headings are words, not paths", "[cli][table]") {
  const Shape shape = {"seq", {"seq", "body.actor.id", "body.subject.type", "body.at"}};
  CHECK(table_of(Json::array(), shape, {}) == "SEQ  ACTOR  SUBJECT TYPE  AT\n");
}

TEST_CASE("a table fits the terminal: long cells lose their ends, names never", "[cli][table]") {
  const PlainLocale plain;
  const View view{.terminal = true, .width = 80};
  const std::string text = table_of(kItems, kShape, view);
  CHECK(text.find("0123456789abcdef0123456789abcdef") != std::string::npos);
  CHECK(text.find("~") != std::string::npos);
  CHECK(text.find("1.5 KiB") != std::string::npos);
  CHECK(widest(text) <= 80);
}

TEST_CASE("what cannot be cut becomes a block a item; a command stays on one line", "[cli][table]") {
  const Shape shape = {"gate", {"gate", "verdict", "detail", "remedy"}};
  const std::string remedy = "nexusctl kpi corridor NAME --surface raw_storage --floor NUMBER --require-data --env dev";
  const Json items = {{{"gate", "kpi"},
                       {"verdict", "block"},
                       {"detail", "neither the surface raw_storage nor all surfaces together have a KPI corridor here"},
                       {"remedy", remedy}},
                      {{"gate", "temperature"}, {"verdict", "pass"}, {"detail", nullptr}, {"remedy", nullptr}}};
  const std::string text = table_of(items, shape, {.terminal = true, .width = 80, .colour = true});
  CHECK(text.find(remedy) != std::string::npos);
  CHECK(text.find("GATE     kpi\n") != std::string::npos);
  CHECK(text.find("\x1b[31mblock\x1b[0m") != std::string::npos);
  CHECK(text.find("\x1b[32mpass\x1b[0m") != std::string::npos);
  CHECK(text.find("DETAIL   neither the surface raw_storage nor all surfaces together have a KPI\n") !=
        std::string::npos);
  CHECK(table_of(items, shape, {.terminal = true, .width = 80}).find('\x1b') == std::string::npos);
}

TEST_CASE("hashes are cut in tables and whole in records; sizes and times are read", "[cli][table]") {
  const PlainLocale plain;
  const std::string hash(64, 'a');
  const Json record = {{"sha256", hash}, {"size_bytes", 5 << 20}, {"created_at", to_rfc3339(now_micros() - 3 * kHour)}};
  const Shape shape = {"sha256", {"sha256", "size_bytes", "created_at"}};
  const View view{.terminal = true};
  const std::string table = table_of(Json::array({record}), shape, view);
  CHECK(table.find("aaaaaaaaaaaa~  5.0 MiB") != std::string::npos);
  CHECK(table.find("3 h ago") != std::string::npos);
  const std::string lines = lines_of(record, shape, view);
  CHECK(lines.find(hash) != std::string::npos);
  CHECK(lines.find("5242880 (5.0 MiB)") != std::string::npos);
}

TEST_CASE("sizes and ages for people", "[cli][table]") {
  CHECK(size_for_people(0) == "0 B");
  CHECK(size_for_people(1023) == "1023 B");
  CHECK(size_for_people(1024) == "1.0 KiB");
  CHECK(size_for_people((1 << 20) - 1) == "1.0 MiB");
  const Micros now = *parse_rfc3339("2026-11-23T12:00:00Z");
  CHECK(age_for_people(now - 59 * kSecond, now) == "59 s ago");
  CHECK(age_for_people(now - 90 * kSecond, now) == "1 min ago");
  CHECK(age_for_people(now + 25 * kHour, now) == "in 1 d");
  CHECK(age_for_people(now - 40 * kDay, now) == "2026-10-14");
  const PlainLocale plain;
  CHECK(cut_to("größer als", 5) == "größ~");
  CHECK(cut_to("short", 5) == "short");
}

TEST_CASE("CSV has a header line and quotes what it must", "[cli][table]") {
  const Shape shape = {"id", {"id", "text"}};
  const Json document = {{"items", {{{"id", "a"}, {"text", "x, \"y\"\nz"}}, {{"id", "b"}, {"text", nullptr}}}},
                         {"next_cursor", nullptr}};
  CHECK(render_list(document, shape, {.format = Format::csv}) == "id,text\na,\"x, \"\"y\"\"\nz\"\nb,\n");
  CHECK(render_record(document["items"][0], {}, shape, {.format = Format::csv}) == "id,text\na,\"x, \"\"y\"\"\nz\"\n");
}
