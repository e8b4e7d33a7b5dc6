// Options of the command line, from the table of a resource (daemon/model/field.hpp): `source_type` is `--source-type
// SOURCE_TYPE`, a list is an option that may be repeated (`tags` is `--tag TAG`), a switch is a flag.
#pragma once
#include <initializer_list>
#include <span>
#include <string>

#include "cli/engine/command.hpp"
#include "daemon/base/json.hpp"
#include "daemon/model/field.hpp"

namespace nexus::cli {

/// A finite number, else a usage error that names `what`.
double number_of(const std::string& what, const std::string& text);

/// Which of the client's fields become options; `except` names those that a command takes in another way.
enum class Options { create, edit };
std::vector<Parameter> options_of(std::span<const model::Spec> specs, Options which,
                                  std::initializer_list<std::string_view> except = {});
/// The body that the given options make, with the same `except`. A field that the daemon reads as JSON is parsed; `-`
/// is standard input where the table says so. Throws a usage error that names the option.
Json body_of(const Values& values, std::span<const model::Spec> specs, Options which,
             std::initializer_list<std::string_view> except = {});

}  // namespace nexus::cli
