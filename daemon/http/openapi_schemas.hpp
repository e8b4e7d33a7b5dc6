// The schemas of the OpenAPI document: a named one is moved into components.schemas and replaced by a reference,
// wherever it came from. Objects of answers stand open there, so that a client goes on when an answer grows; those of
// requests stand closed, as the daemon takes them.
#pragma once
#include <map>
#include <set>
#include <string>

#include "daemon/base/json.hpp"

namespace nexus::http {

class NamedSchemas {
 public:
  /// To be told of every answer before the first request is taken: a closed object that an answer knows open under the
  /// same name becomes "<name>Input" in requests.
  void expect_answer(const Json& schema);

  /// The schema as the document shows it. Throws std::logic_error where two different ones have one name: the daemon
  /// does not start.
  Json answer(Json schema) { return moved(std::move(schema), Side::answer); }
  Json request(Json schema) { return moved(std::move(schema), Side::request); }

  /// What a reference into components.schemas leads to; any other schema is itself.
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
