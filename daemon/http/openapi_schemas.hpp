// The schemas of the OpenAPI document. A named schema is moved into components.schemas and replaced by a reference.
// Objects of answers are open there, so that a client still works when an answer grows. Objects of requests are closed,
// as the parser demands.
#pragma once
#include <map>
#include <set>
#include <string>

#include "daemon/base/json.hpp"

namespace nexus::http {

class NamedSchemas {
 public:
  /// Must be called for every answer before the first request is taken. A closed object of a request becomes
  /// "<name>Input" when an answer has an open one of the same name.
  void expect_answer(const Json& schema);

  /// The schema as the document shows it. Throws std::logic_error where two different ones have one name: the daemon
  /// does not start.
  Json answer(Json schema) { return moved(std::move(schema), Side::answer); }
  Json request(Json schema) { return moved(std::move(schema), Side::request); }

  /// The schema that a reference into components.schemas leads to; any other schema unchanged.
  const Json& resolved(const Json& schema) const;
  /// components.schemas
  Json all() const;

 private:
  enum class Side { answer, request };
  Json moved(Json schema, Side side);
  Json keep(Json schema, Side side);

  std::set<std::string> answered_;
  std::map<std::string, Json> schemas_;
};

}  // namespace nexus::http
