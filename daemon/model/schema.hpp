// JSON Schemas (2020-12) of a resource, from its table. Whatever a request schema takes, the parser of draft.hpp takes:
// a limit in bytes is a `maxLength` of as many code points as surely fit it. Requests are closed, answers are open, so
// that a client of today reads the answers of tomorrow.
#pragma once
#include "daemon/base/json.hpp"
#include "daemon/model/field.hpp"

namespace nexus::model {

/// Of one field, as an answer holds it or as a request may send it.
Json answer_value_schema(const Spec& spec);
Json request_value_schema(const Spec& spec);

Json answer_schema(std::span<const Spec> specs);
/// The body of a POST: every field that the client says; those required are named.
Json create_schema(std::span<const Spec> specs);
/// The body of a PATCH: at least one of the fields that may change.
Json change_schema(std::span<const Spec> specs);

}  // namespace nexus::model
