// Turns JSON into text for people and scripts: tables, records, tab-separated lines, CSV, JSON, JSON lines, YAML,
// names, plots. Pure functions from values to text: nothing here prints, asks whether there is a terminal, or knows a
// route.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/engine/settings.hpp"
#include "daemon/base/json.hpp"

namespace nexus::cli {

/// How records of a kind are shown: the fields of their table, and the field that names a record (`-o name`).
struct Shape {
  std::string name;
  std::vector<std::string> columns;  // paths such as `asset_id` or `receipt.seq`; tsv prints exactly these
  /// The columns of lists inside a record, by path; the first one names an item. Other lists show all that they hold.
  std::map<std::string, std::vector<std::string>> lists = {};
  std::string content = {};  // the column that a deletion empties: people then read `(deleted)`
};

struct View {
  Format format = Format::table;
  std::optional<std::string> field = {};
  bool terminal = false;  // for the eyes of a person
  std::size_t width = 0;  // columns of the terminal; 0: as wide as it comes
  bool colour = false;
  bool heading = true;  // of CSV: an output has one, however many parts it comes in
};

/// `document` is `{"items":[…],"next_cursor":…}`.
std::string render_list(const Json& document, const Shape& shape, const View& view);

/// One record. For people no value is JSON: a list of records inside it is a table below its name. `extra` (a receipt,
/// say) is shown to people and found by --field. It is not part of the JSON output, which is the daemon's answer
/// unchanged.
std::string render_record(const Json& record, const Json& extra, const Shape& shape, const View& view);

/// For readers of YAML 1.1 and 1.2 alike: what either could take for something else is quoted.
std::string to_yaml(const Json& value);

/// Returns the value at `a.b.0.c`, or null when there is none. A key that itself holds dots is found too.
const Json* at_path(const Json& value, std::string_view path);
/// The same; a JSON null when there is none.
const Json& value_at(const Json& value, std::string_view path);

/// The text at a path; nothing when there is none, or another value.
std::optional<std::string> find_text(const Json& value, std::string_view path);

/// Whether the value is `{"amount_micros","currency"}`. The currency is null before anything was recorded.
bool is_money(const Json& value);
/// A value as one cell: text without quotes, lists of scalars joined by commas, money as `0.5 USD`, anything else as
/// JSON.
std::string cell_text(const Json& value);
/// The cell of the value at a path; empty when there is none.
std::string cell_at(const Json& value, std::string_view path);

struct PlotPoint {
  std::string label;  // when
  double value = 0;
  bool marked = false;  // out of bounds
};

/// One line per point, in the order given: label, value, a bar between the least and the greatest value (0 is always
/// included), and `!` where marked. `width` is the bar's columns.
std::string plot(const std::vector<PlotPoint>& points, std::size_t width);

}  // namespace nexus::cli
