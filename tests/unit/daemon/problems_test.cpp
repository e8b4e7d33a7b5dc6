// The table of problem codes, gathered from all slices.
#include "daemon/problems.hpp"

#include <set>

#include "tests/catch.hpp"

using namespace nexus;

TEST_CASE("every problem code has a page, a title, a name of its own and a status of its family", "[problems]") {
  std::set<std::string_view> names;
  CHECK(all_codes().size() > 90);
  for (const CodeInfo* row : all_codes()) {
    CAPTURE(row->code);
    CHECK(row->status >= 400);
    CHECK(row->status < 600);
    CHECK(row->title.size() > 3);
    CHECK(row->meaning.size() > 20);
    CHECK(names.insert(row->code).second);
    CHECK(find_code(row->code) == Code(*row));
  }
  CHECK(!find_code("no.such_code"));
}
