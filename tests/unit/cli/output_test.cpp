// The output formats, from one list and one record.
#include "cli/engine/output.hpp"

#include "cli/engine/failure.hpp"
#include "daemon/domain/yaml.hpp"
#include "tests/catch.hpp"

using namespace nexus::cli;
using nexus::Json;
using nexus::parse_own_json;

namespace {

const Shape kShape = {"id", {"id", "name", "tags"}};

Json two() {
  return {{"items", Json::array({{{"id", "a"}, {"name", "One\t1"}, {"tags", {"x", "y"}}},
                                 {{"id", "bb"}, {"name", nullptr}, {"tags", Json::array()}, {"more", 1}}})},
          {"next_cursor", "c2"}};
}

View as(Format format) { return {format, std::nullopt, false}; }
View field(const std::string& path) { return {Format::tsv, path, false}; }

}  // namespace

TEST_CASE("lists", "[cli][output]") {
  CHECK(render_list(two(), kShape, as(Format::table)) ==
        "ID  NAME      TAGS\n"
        "a   One\\x091  x,y\n"
        "bb  -         -\n");
  CHECK(render_list(two(), kShape, as(Format::tsv)) == "a\tOne\\t1\tx,y\nbb\t\t\n");
  CHECK(render_list(two(), kShape, as(Format::name)) == "a\nbb\n");
  CHECK(parse_own_json(render_list(two(), kShape, as(Format::json))) == two());
  const std::string lines = render_list(two(), kShape, as(Format::jsonl));
  CHECK(std::count(lines.begin(), lines.end(), '\n') == 2);
  CHECK(render_list(two(), kShape, field("id")) == "a\nbb\n");
  CHECK(render_list(two(), kShape, field("next_cursor")) == "c2\n");
  CHECK(render_list(two(), kShape, field("items.1.id")) == "bb\n");
  CHECK_THROWS_AS(render_list(two(), kShape, field("nonsense")), Failure);
}

TEST_CASE("CSV has one heading, and what is no plain text is quoted", "[cli][output]") {
  CHECK(render_list(two(), kShape, as(Format::csv)) == "id,name,tags\na,One\t1,\"x,y\"\nbb,,\n");
  View more = as(Format::csv);
  more.heading = false;
  CHECK(render_list(two(), kShape, more) == "a,One\t1,\"x,y\"\nbb,,\n");
  CHECK(render_record({{"id", "c"}}, Json::object(), kShape, more) == "c,,\n");
}

TEST_CASE("a field is raw in a pipe, and drives no terminal", "[cli][output]") {
  const Json record = {{"id", "x"}, {"name", "a\x1b[2J\nb"}};
  View view = field("name");
  CHECK(render_record(record, Json::object(), kShape, view) == "a\x1b[2J\nb\n");
  view.terminal = true;
  CHECK(render_record(record, Json::object(), kShape, view) == "a\\x1b[2J\nb\n");
}

TEST_CASE("a record: known fields first, extras for eyes and --field, JSON untouched", "[cli][output]") {
  const Json record = {{"aaa", {{"deep", 1}}}, {"id", "x"}, {"name", "N"}};
  const Json receipt = {{"receipt", {{"seq", "7"}}}};
  CHECK(render_record(record, receipt, kShape, as(Format::table)) ==
        "id           x\n"
        "name         N\n"
        "aaa.deep     1\n"
        "receipt.seq  7\n");
  CHECK(parse_own_json(render_record(record, receipt, kShape, as(Format::json))) == record);
  CHECK(render_record(record, receipt, kShape, field("receipt.seq")) == "7\n");
  CHECK(render_record(record, receipt, kShape, field("aaa")) == "{\"deep\":1}\n");
}

TEST_CASE("money is a decimal for people and in tables, and whole micro-units in JSON", "[cli][output]") {
  const Json money = {{"amount_micros", 500'001}, {"currency", "USD"}};
  const Json record = {{"id", "x"}, {"name", money}};
  CHECK(cell_text(money) == "0.500001 USD");
  CHECK(cell_text({{"amount_micros", 0}, {"currency", nullptr}}) == "0");
  CHECK(cell_text({{"amount_micros", 1}, {"currency", "USD"}, {"more", 1}}).starts_with("{"));
  CHECK(render_record(record, Json::object(), kShape, as(Format::table)) == "id    x\nname  0.500001 USD\n");
  CHECK(render_record(record, Json::object(), kShape, as(Format::tsv)) == "x\t0.500001 USD\t\n");
  CHECK(parse_own_json(render_record(record, Json::object(), kShape, as(Format::json))) == record);
}

TEST_CASE("wide characters keep columns straight", "[cli][output]") {
  std::setlocale(LC_CTYPE, "C.UTF-8");
  const Json items = {{{"id", "日本"}, {"name", "x"}}, {{"id", "abcd"}, {"name", "y"}}};
  const Shape two = {"id", {"id", "name"}};
  CHECK(render_list({{"items", items}}, two, as(Format::table)) == "ID    NAME\n日本  x\nabcd  y\n");
}

TEST_CASE("paths", "[cli][output]") {
  const Json value = {{"a", {{"b.c", 1}, {"list", {10, 20}}}}};
  CHECK(*at_path(value, "a.b.c") == 1);
  CHECK(*at_path(value, "a.list.1") == 20);
  CHECK(at_path(value, "a.list.2") == nullptr);
  CHECK(at_path(value, "a.list.x") == nullptr);
  CHECK(at_path(value, "a.none") == nullptr);
  CHECK(at_path(value, ".") == nullptr);
  CHECK(at_path(Json(1), "a") == nullptr);
}

TEST_CASE("YAML quotes what YAML would misread", "[cli][output]") {
  const Json value = {{"list", {"plain", "no", "12", "a: b", ""}}, {"map", {{"k", nullptr}}}, {"none", Json::array()}};
  CHECK(to_yaml(value) ==
        "list:\n  - plain\n  - \"no\"\n  - \"12\"\n  - \"a: b\"\n  - \"\"\nmap:\n  k: null\nnone: []\n");
}

TEST_CASE("what readers of YAML 1.1 take for something else is quoted, and read back", "[cli][output]") {
  Json value = {{"texts",
                 {"yes",
                  "Off",
                  "y",
                  "1:30",
                  "0o7",
                  "0x1F",
                  "1_000",
                  "2026-01-01",
                  "~",
                  "<<",
                  "=",
                  ".inf",
                  "+1",
                  "1e3",
                  "",
                  " x",
                  "a: b",
                  "# c",
                  "- d",
                  "\u00e9",
                  "\xC2\x85\xE2\x80\xA8",
                  "\xF0\x9F\x98\x80",
                  "\xEF\xBF\xBE\xEF\xBF\xBF\xEF\xBB\xBF\x7f",
                  "line\nline\n",
                  "tab\t",
                  "\x01"}},
                {"numbers", {0, -7, 18446744073709551615U, 1.5, -0.25, 100.0}},
                {"others", {true, false, nullptr, Json::array(), Json::object()}},
                {"no", {{"1:30", {{"", 1}}}}},
                {std::string(200, 'k'), "v"},
                {std::string(2000, 'l'), {{std::string(200, 'm'), {1, {{"deep", "x"}}}}}}};
  const std::string yaml = to_yaml(value);
  INFO(yaml);
  CHECK(nexus::domain::read_yaml(yaml, 16).value == value);
  CHECK(yaml.find("- \"1:30\"\n") != std::string::npos);
  CHECK(yaml.find("\"\\ufffe\\uffff\\ufeff\\u007f\"") != std::string::npos);
  CHECK(yaml.find("? " + std::string(200, 'k') + "\n: v\n") != std::string::npos);
  CHECK(to_yaml({1e20, 1.5e-7, 1e300}) == "- 1.0e+20\n- 1.5e-07\n- 1.0e+300\n");  // without a dot 1.1 reads text
}
