// Options of the command line, from the table of a resource (daemon/model/field.hpp): `source_type` is `--source-type
// SOURCE_TYPE`, a list is an option that may be repeated (`tags` is `--tag TAG`), a switch is a flag.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "cli/engine/command.hpp"
#include "cli/engine/one_request.hpp"
#include "daemon/base/json.hpp"
#include "daemon/model/field.hpp"

namespace nexus::cli {

/// Returns a finite number. Otherwise throws a usage error that names `what`.
double number_of(const std::string& what, const std::string& text);

/// A field that a command takes as an argument, or in another way of its own. A missing argument is read from standard
/// input where the table allows it.
struct Taken {
  Taken(const char* field_, const char* argument_ = "") : field(field_), argument(argument_) {}
  std::string_view field;
  std::string argument;
};

/// Makes options of the client's fields, except those `taken` otherwise; `more` follows them.
enum class Options { create, edit };
std::vector<Parameter> options_of(std::span<const model::Spec> specs, Options which,
                                  const std::vector<Taken>& taken = {}, std::vector<Parameter> more = {});
/// Returns the body of the given options and arguments, with the same `taken`. A field that the daemon reads as JSON is
/// parsed. `-` is standard input where the table says so. Throws a usage error that names the option.
Json body_of(const Values& values, std::span<const model::Spec> specs, Options which,
             const std::vector<Taken>& taken = {});
/// Completes a command that makes something by one request (one_request.hpp): its options and its body are those of
/// these fields, which must outlive it.
Command creates(Command command, std::span<const model::Spec> specs, ApiRequest request, const Shape& shape,
                const std::vector<Taken>& taken = {}, std::vector<Parameter> more = {});

}  // namespace nexus::cli
