#include "cli/engine/one_request.hpp"

#include <algorithm>

#include "daemon/base/shell.hpp"
#include "daemon/base/text.hpp"

namespace nexus::cli {
namespace {

Answer answer_to(ApiRequest request, const Body& body, Session& session, const Values& values) {
  request = request_of(std::move(request), session, values);
  if (body) request.body = body(values);
  return session.call(request);
}

}  // namespace

Named::Named(const char* parameter_, std::string name_) : parameter(parameter_), name(std::move(name_)) {
  if (!name.empty()) return;
  name = lower_ascii(parameter.substr(parameter.starts_with("--") ? 2 : 0));
  std::ranges::replace(name, '-', '_');
}

std::string path_of(const std::string& pattern, const Session& session, const Values& values) {
  std::string path;
  std::size_t done = 0;
  for (auto open = pattern.find('{'); open != std::string::npos; open = pattern.find('{', done)) {
    const auto close = pattern.find('}', open);
    const std::string name = pattern.substr(open + 1, close - open - 1);
    path += pattern.substr(done, open - done) + segment(name == "tenant" ? session.tenant() : values.text(name));
    done = close + 1;
  }
  return path + pattern.substr(done);
}

ApiRequest request_of(ApiRequest request, const Session& session, const Values& values, const Names& query) {
  request.path = path_of(request.path, session, values);
  for (const auto& [parameter, name] : query)
    if (auto value = values.find(parameter)) request.query.emplace_back(name, std::move(*value));
  return request;
}

Json texts_of(const Values& values, const Names& names) {
  Json body = Json::object();
  for (const auto& [parameter, name] : names)
    if (auto value = values.find(parameter)) body[name] = std::move(*value);
  return body;
}

std::vector<Parameter> list_parameters(std::vector<Parameter> more) {
  more.push_back(option("--limit", "N", "at most N on a page, 1 to 200 (50)"));
  more.push_back(option("--cursor", "CURSOR", "go on from next_cursor of an earlier page"));
  more.push_back(flag("--all", "every page"));
  return more;
}

void each_page(Session& session, ApiRequest request, const std::function<bool(Json& page)>& take) {
  std::string cursor;
  while (true) {
    Json page = session.call(request).json;
    const Json next = value_at(page, "next_cursor");
    if (!take(page) || !next.is_string()) return;
    if (next == cursor) throw Failure(Exit::server_error, "the list does not go on: its cursor repeats");
    cursor = next.get<std::string>();
    std::erase_if(request.query, [](const auto& parameter) { return parameter.first == "cursor"; });
    request.query.emplace_back("cursor", cursor);
  }
}

int print_pages(Session& session, const Values& values, ApiRequest request, const Shape& shape, const char* list) {
  const bool all = values.given("--all");
  if (all && session.prints_curl())
    throw usage_error("--all has no curl line: it is a request a page, each made from the answer before");
  const auto limit = values.number("--limit", 1, 200);
  if (limit || all) request.query.emplace_back("limit", std::to_string(limit.value_or(200)));
  if (auto cursor = values.find("--cursor")) request.query.emplace_back("cursor", *cursor);

  Json document;
  each_page(session, std::move(request), [&](Json& page) {
    if (document.is_null()) {
      document = std::move(page);
    } else {
      for (auto& item : page[list]) document[list].push_back(std::move(item));
      document["next_cursor"] = page["next_cursor"];
    }
    return all;
  });
  if (!document.contains("items"))
    document = {{"items", std::move(document[list])}, {"next_cursor", std::move(document["next_cursor"])}};
  session.print_list(document, shape);
  return 0;
}

Handler shows(ApiRequest request, const Shape& shape, Names query) {
  return [=](Session& session, const Values& values) {
    session.print_record(session.call(request_of(request, session, values, query)).json, shape);
    return 0;
  };
}

Handler lists(ApiRequest request, const Shape& shape, Names query, const char* list) {
  return [=](Session& session, const Values& values) {
    return print_pages(session, values, request_of(request, session, values, query), shape, list);
  };
}

Handler sends(ApiRequest request, const Shape& shape, Body body) {
  return [=](Session& session, const Values& values) {
    session.print_answer(answer_to(request, body, session, values), shape);
    return 0;
  };
}

Handler sends_reason(const std::string& command, const std::string& of, ApiRequest request, const Shape& shape) {
  return [=](Session& session, const Values& values) {
    const auto& reason = kept_reason(session);
    if (!reason)
      throw usage_error("it needs a reason, which the log keeps",
                        "nexusctl " + command + " " + shell_quote(values.text(of)) + " --reason TEXT");
    ApiRequest reasoned = request;
    reasoned.body = Json{{"reason", *reason}};
    return sends(std::move(reasoned), shape)(session, values);
  };
}

Handler sends_map(ApiRequest request, const Shape& shape, Body body) {
  return [=](Session& session, const Values& values) {
    const Answer answer = answer_to(request, body, session, values);
    if (session.json_output() || session.settings().field || !answer.json.is_object()) {
      session.print_answer(answer, shape);
      return 0;
    }
    Json items = Json::array();
    for (const auto& [name, thing] : answer.json.items()) {
      Json& item = items.emplace_back(thing.is_object() ? thing : Json{{shape.columns.at(1), thing}});
      item[shape.name] = name;
    }
    session.print_list({{"items", std::move(items)}, {"next_cursor", nullptr}}, shape);
    return 0;
  };
}

Handler deletes(ApiRequest request, Named of, Names query) {
  request.method = "DELETE";
  return [=](Session& session, const Values& values) {
    const Answer answer = session.call(request_of(request, session, values, query));
    if (answer.receipt().empty()) throw Failure(Exit::server_error, "the answer names no audit row: is that nexusd?");
    session.print_record({{of.name, values.text(of.parameter)}}, {of.name, {of.name, "receipt.seq"}}, answer.receipt());
    return 0;
  };
}

Body texts(Names names) {
  return [names = std::move(names)](const Values& values) { return texts_of(values, names); };
}

Command list_command(std::string name, std::string summary, std::string example, ApiRequest request, const Shape& shape,
                     std::vector<Parameter> filters, const Names& renamed) {
  Names query;
  for (const Parameter& filter : filters) {
    const std::string key = key_of(filter);
    const auto named = std::ranges::find(renamed, key, &Named::parameter);
    if (request.path.find("{" + key + "}") == std::string::npos)
      query.push_back(named == renamed.end() ? Named(key.c_str()) : *named);
  }
  return {.name = std::move(name),
          .summary = std::move(summary),
          .example = std::move(example),
          .parameters = list_parameters(std::move(filters)),
          .run = lists(std::move(request), shape, std::move(query)),
          .columns = shape.columns};
}

Command show_command(std::string summary, std::string example, ApiRequest request, const Shape& shape,
                     std::vector<Parameter> parameters) {
  return {.name = "show",
          .summary = std::move(summary),
          .example = std::move(example),
          .parameters = std::move(parameters),
          .run = shows(std::move(request), shape),
          .columns = shape.columns};
}

Command delete_command(std::string summary, std::string example, ApiRequest request, Parameter of) {
  return {.name = "delete",
          .summary = std::move(summary),
          .example = std::move(example),
          .parameters = {of},
          .run = deletes(std::move(request), of.name.c_str())};
}

}  // namespace nexus::cli
