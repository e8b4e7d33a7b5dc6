// Options of the command line, from the table of a resource (daemon/model/field.hpp): `source_type` is `--source-type
// SOURCE_TYPE`, a list is an option that may be repeated (`tags` is `--tag TAG`), a switch is a flag.
#pragma once
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include "cli/engine/command.hpp"
#include "cli/engine/one_request.hpp"
#include "daemon/base/json.hpp"
#include "daemon/model/field.hpp"

namespace nexus::cli {

/// A finite number, else a usage error that names `what`.
double number_of(const std::string& what, const std::string& text);

/// A field that a command takes as an argument, or else in a way of its own. A missing argument is standard input where
/// the table says that the command line takes it.
struct Taken {
  Taken(const char* field_, const char* argument_ = "") : field(field_), argument(argument_) {}
  std::string_view field;
  std::string argument;
};

/// Which of the client's fields become options, but for those taken otherwise; `more` stands behind them.
enum class Options { create, edit };
std::vector<Parameter> options_of(std::span<const model::Spec> specs, Options which,
                                  std::initializer_list<Taken> taken = {}, std::vector<Parameter> more = {});
/// The body that the given options and arguments make, with the same `taken`. A field that the daemon reads as JSON is
/// parsed; `-` is standard input where the table says so. Throws a usage error that names the option.
Json body_of(const Values& values, std::span<const model::Spec> specs, Options which,
             std::span<const Taken> taken = {});
inline Json body_of(const Values& values, std::span<const model::Spec> specs, Options which,
                    std::initializer_list<Taken> taken) {
  return body_of(values, specs, which, std::span(taken.begin(), taken.end()));
}
/// The same as the body of a request that `sends` (one_request.hpp); `specs` must live as long.
Body fields(std::span<const model::Spec> specs, std::vector<Taken> taken = {}, Options which = Options::create);

}  // namespace nexus::cli
