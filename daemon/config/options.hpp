// The one table of options. The command line, the environment, the file, the manual's test and the explanation of a
// value are all derived from it. An option that is not here does not exist.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/config.hpp"

namespace nexus {

/// Where an option may be given.
enum class OptionReach {
  everywhere,    ///< flag, environment, file
  command_line,  ///< only as a flag: it changes what a start does, not how the installation is set up
  no_flag,       ///< environment and file: dotted names, set once
};

struct Option {
  std::string_view name;  ///< `data-dir`, `gates.strict_envs`
  OptionReach reach;
  bool many;                  ///< several values: the flag repeats, the variable has commas, the file has an array
  std::string_view value;     ///< the value's name in help: `ADDRESS`, `text|json`; empty: its presence is `true`
  std::string_view standard;  ///< the default as text; empty: none
  std::string_view doc;       ///< one line for --help
  void (*assign)(Config&, const std::vector<std::string>&);  ///< throws BadValue; one value unless `many`

  bool has_flag() const { return reach != OptionReach::no_flag; }
  std::string flag() const;      ///< `--data-dir`
  std::string variable() const;  ///< `NEXUSD_DATA_DIR`
  std::string key() const;       ///< `data_dir`, as in the file
};

/// All options, in the order of help and the manual.
std::span<const Option> all_options();
/// The option with this `name` or `key()`; nullptr if there is none.
const Option* find_option(std::string_view name_or_key);

}  // namespace nexus
