// One page or all of them.
#include "cli/engine/listing.hpp"

#include "cli/engine/failure.hpp"

namespace nexus::cli {

std::vector<Parameter> list_parameters(std::vector<Parameter> more) {
  more.push_back(option("--limit", "N", "at most N on a page, 1 to 200 (50)"));
  more.push_back(option("--cursor", "CURSOR", "go on from next_cursor of an earlier page"));
  more.push_back(flag("--all", "every page"));
  return more;
}

int print_pages(Session& session, const Values& values, ApiRequest request, const Shape& shape, const char* list) {
  const bool all = values.given("--all");
  if (all && session.prints_curl())
    throw usage_error("--all has no curl line: it is a request a page, each made from the answer before");
  const auto limit = values.number("--limit", 1, 200);
  if (limit || all) request.query.emplace_back("limit", std::to_string(limit.value_or(200)));
  const auto base = request.query;
  if (auto cursor = values.find("--cursor")) request.query.emplace_back("cursor", *cursor);

  Json document = session.call(request).json;
  std::string seen;
  while (all) {
    const Json* next = at_path(document, "next_cursor");
    if (!next || !next->is_string()) break;
    const std::string cursor = next->get<std::string>();
    // A server that returns the same cursor again would loop for ever.
    if (cursor == seen) throw Failure(Exit::server_error, "the list does not go on: its cursor repeats");
    seen = cursor;
    request.query = base;
    request.query.emplace_back("cursor", cursor);
    Json page = session.call(request).json;
    for (auto& item : page[list]) document[list].push_back(std::move(item));
    document["next_cursor"] = page["next_cursor"];
  }
  if (!document.contains("items"))
    document = {{"items", std::move(document[list])}, {"next_cursor", std::move(document["next_cursor"])}};
  session.print_list(document, shape);
  return 0;
}

}  // namespace nexus::cli
