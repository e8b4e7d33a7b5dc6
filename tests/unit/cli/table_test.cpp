// Tables as people see them: what fits a terminal, what is cut or broken, and what becomes a block.
#include "cli/engine/table.hpp"

#include <algorithm>
#include <clocale>

#include "cli/engine/columns.hpp"
#include "daemon/base/text.hpp"
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

const Shape kItemShape = {"id", {"id", "body.actor_id", "title", "size_bytes"}};
const Json kItems = {{{"id", "0123456789abcdef0123456789abcdef"},
                      {"body", {{"actor_id", "u_ann"}}},
                      {"title", "A title that goes on and on, and says no more than its beginning"},
                      {"size_bytes", 1536}}};

constexpr std::string_view kUuid = "01a22dd1-127d-729f-ab18-e429a3b24657";
constexpr std::string_view kStory =
    "What is tea? It is a long story, and goes on for a while, so that it cannot stand on one line of a terminal.";

std::size_t widest(const std::string& text) { return widest_line(text); }

}  // namespace

TEST_CASE("a table elsewhere than on a terminal says what the daemon said", "[cli][table]") {
  const std::string text = table_of(kItems, kItemShape, {});
  CHECK(text.starts_with("ID                                ACTOR ID  TITLE"));
  CHECK(text.find("its beginning  1536") != std::string::npos);
}

TEST_CASE("headings are words, not paths", "[cli][table]") {
  const Shape shape = {"seq", {"seq", "body.actor.id", "body.subject.type", "body.at"}};
  CHECK(table_of(Json::array(), shape, {}) == "SEQ  ACTOR  SUBJECT TYPE  AT\n");
}

TEST_CASE("a table fits the terminal: names are whole, and what is read is broken into lines", "[cli][table]") {
  const PlainLocale plain;
  const View view{.terminal = true, .width = 80};
  const std::string text = table_of(kItems, kItemShape, view);
  CHECK(text.starts_with("ID\n  ACTOR  TITLE "));
  CHECK(text.find("\n0123456789abcdef0123456789abcdef\n  u_ann  A title that goes on and on, ") != std::string::npos);
  CHECK(text.find("beginning") != std::string::npos);
  CHECK(text.find("1.5 KiB") != std::string::npos);
  CHECK(text.find("~") == std::string::npos);
  CHECK(widest(text) <= 80);
}

TEST_CASE("ids of other things lose their ends before a table is wider than the terminal", "[cli][table]") {
  const PlainLocale plain;
  const Shape shape = {"seq", {"seq", "action", "subject"}};
  const Json items = {{{"seq", 1}, {"action", "kill_switch_update"}, {"subject", kUuid}}};
  CHECK(table_of(items, shape, {.terminal = true, .width = 40}) ==
        "SEQ  ACTION              SUBJECT\n"
        "1    kill_switch_update  01a22dd1-127d-~\n");
}

TEST_CASE("a digest is left out before anything breaks, and shown where there is room", "[cli][table]") {
  const PlainLocale plain;
  const Shape shape = {"seq", {"seq", "action", "hash"}};
  const Json items = {{{"seq", 1}, {"action", "kill_switch_update"}, {"hash", std::string(64, 'a')}}};
  CHECK(table_of(items, shape, {.terminal = true, .width = 40}).find("aaaaaaaaaaaa~") != std::string::npos);
  CHECK(table_of(items, shape, {.terminal = true, .width = 30}) ==
        "SEQ  ACTION\n"
        "1    kill_switch_update\n");
}

TEST_CASE("headings break before cells do", "[cli][table]") {
  const Shape shape = {"id", {"id", "window_days"}};
  CHECK(table_of({{{"id", "abcdefgh"}, {"window_days", 7}}}, shape, {.terminal = true, .width = 16}) ==
        "ID        WINDOW\n"
        "          DAYS\n"
        "abcdefgh  7\n");
}

TEST_CASE("a long name has a line of its own where its row needs the width", "[cli][table]") {
  const PlainLocale plain;
  const Shape shape = {"turn_id", {"turn_id", "role", "content"}};
  const Json items = {{{"turn_id", kUuid}, {"role", "user"}, {"content", kStory}}};
  const std::string text = table_of(items, shape, {.terminal = true, .width = 60});
  CHECK(text.starts_with("TURN ID\n  ROLE  CONTENT\n" + std::string(kUuid) + "\n  user  What is tea? It is a long"));
  CHECK(widest(text) <= 60);
  for (const auto word : split(kStory, ' ')) CHECK(text.find(word) != std::string::npos);
}

TEST_CASE("line breaks of a text stay on a terminal, and are escaped where a row is a line", "[cli][table]") {
  const Shape shape = {"id", {"id", "text"}};
  const Json items = {{{"id", "a"}, {"text", "one\ntwo\x1b[2J\n"}}};
  CHECK(table_of(items, shape, {.terminal = true}) == "ID  TEXT\na   one\n    two\\x1b[2J\n");
  CHECK(table_of(items, shape, {}) == "ID  TEXT\na   one\\x0atwo\\x1b[2J\\x0a\n");
}

TEST_CASE("a table fits every width from 80 columns on, and loses no id that names a row", "[cli][table]") {
  const PlainLocale plain;
  const Shape shape = {"id", {"id", "other_id", "kind", "content", "uri", "created_at"}};
  Json items = Json::array();
  for (int i = 0; i < 3; ++i)
    items.push_back({{"id", kUuid},
                     {"other_id", kUuid},
                     {"kind", "canvas_artifact_uploaded"},
                     {"content", kStory},
                     {"uri", "s3://nexus/tenants/t_dev/dev/raw/" + std::string(kUuid) + "/a.txt"},
                     {"created_at", "2026-01-01T00:00:00Z"}});
  for (std::size_t width = 80; width < 200; ++width) {
    const std::string text = table_of(items, shape, {.terminal = true, .width = width});
    INFO(width << "\n" << text);
    CHECK(widest(text) <= width);
    CHECK(text.find(kUuid) != std::string::npos);
    CHECK(std::ranges::count(text, '\n') < 60);
  }
  for (std::size_t width = 24; width < 80; ++width)
    CHECK(table_of(items, shape, {.terminal = true, .width = width}).find(kUuid) != std::string::npos);
}

TEST_CASE("a command stays on one line, below its row", "[cli][table]") {
  const Shape shape = {"gate", {"gate", "verdict", "detail", "remedy"}};
  const std::string remedy = "nexusctl kpi corridor NAME --surface raw_storage --floor NUMBER --require-data --env dev";
  const Json items = {{{"gate", "kpi"},
                       {"verdict", "block"},
                       {"detail", "neither the surface raw_storage nor all surfaces together have a KPI corridor here"},
                       {"remedy", remedy}},
                      {{"gate", "temperature"}, {"verdict", "pass"}, {"detail", nullptr}, {"remedy", nullptr}}};
  CHECK(table_of(items, shape, {.terminal = true, .width = 80}) ==
        "GATE         VERDICT  DETAIL\n"
        "kpi          block    neither the surface raw_storage nor all surfaces together\n"
        "                      have a KPI corridor here\n"
        "  try: " +
            remedy +
            "\n"
            "temperature  pass     -\n");
  const std::string coloured = table_of(items, shape, {.terminal = true, .width = 80, .colour = true});
  CHECK(coloured.find("\x1b[31mblock\x1b[0m") != std::string::npos);
  CHECK(coloured.find("\x1b[32mpass\x1b[0m") != std::string::npos);
  const std::string narrow = table_of(items, shape, {.terminal = true, .width = 30});
  CHECK(narrow.find("GATE     kpi\n") != std::string::npos);
  CHECK(narrow.find("REMEDY   " + remedy + "\n") != std::string::npos);
}

TEST_CASE("people never read JSON: a list of records is a table, and elsewhere words", "[cli][table]") {
  const Json record = {{"id", "x"},
                       {"env", "dev"},
                       {"empty", Json::object()},
                       {"entries",
                        {{{"kind", "action"}, {"name", "lock"}, {"by", "u_ann"}, {"end", nullptr}, {"env", "dev"}},
                         {{"kind", "user"}, {"name", "u_bob"}, {"by", "u_ann"}, {"end", nullptr}, {"env", "dev"}}}},
                       {"members", {{{"role", "owner"}, {"tenant_id", "t_a"}, {"more", {{"deep", {1, 2}}}}}}}};
  const Shape shape = {"id", {"id", "entries", "members"}, {{"members", {"tenant_id", "role"}}}};
  CHECK(lines_of(record, shape, {}) ==
        "id       x\n"
        "entries\n"
        "  KIND    NAME   BY\n"
        "  action  lock   u_ann\n"
        "  user    u_bob  u_ann\n"
        "members\n"
        "  TENANT ID  ROLE\n"
        "  t_a        owner\n"
        "empty    -\n"
        "env      dev\n");
  CHECK(table_of(Json::array({record}), {"id", {"id", "members", "entries", "empty"}}, {})
            .ends_with(
                "\nx   more.deep: 1,2, role: owner, tenant_id: t_a  "
                "by: u_ann, env: dev, kind: action, name: lock; by: u_ann, env: dev, kind: user, name: u_bob  -\n"));
}

TEST_CASE("what was deleted says so where its content stood", "[cli][table]") {
  const Shape shape = {"id", {"id", "text"}, {}, "text"};
  const Json items = {{{"id", "a"}, {"text", nullptr}, {"deleted_at", "2026-01-01T00:00:00Z"}},
                      {{"id", "b"}, {"text", "hello"}, {"deleted_at", nullptr}}};
  CHECK(table_of(items, shape, {}) == "ID  TEXT\na   (deleted)\nb   hello\n");
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
  CHECK(age_for_people(now - 90 * kSecond, now) == "2 min ago");
  CHECK(age_for_people(now - 119 * kMinute, now) == "2 h ago");
  CHECK(age_for_people(now - 47 * kHour, now) == "2 d ago");
  // An end is rounded to the minute, and from a day on to the hour.
  CHECK(age_for_people(now + 119 * kMinute, now) == "in 1 h 59 min");
  CHECK(age_for_people(now + 2 * kHour - 1, now) == "in 2 h");
  CHECK(age_for_people(now + kMinute - 1, now) == "in 1 min");
  CHECK(age_for_people(now + kHour - 1, now) == "in 1 h");
  CHECK(age_for_people(now + kDay - 1, now) == "in 1 d");
  CHECK(age_for_people(now + 25 * kHour, now) == "in 1 d 1 h");
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
