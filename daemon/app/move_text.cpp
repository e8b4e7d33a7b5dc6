// What a move tells the operator.
#include <cstdio>

#include "daemon/app/move.hpp"
#include "daemon/base/escape.hpp"

namespace nexus::app {
namespace {

std::string in_seconds(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f s", seconds);
  return text;
}

}  // namespace

std::vector<std::string> lines_of(const MoveReport& report) {
  std::vector<std::string> lines;
  for (const auto& each : report.replaced)
    lines.push_back("note U+0000 became U+FFFD in " + escape_controls(each.table + " " + each.key) + ", " +
                    each.column);
  if (report.completed_earlier)
    lines.push_back("an earlier run had moved everything, and only its last step was missing");
  else
    lines.push_back(std::to_string(report.rows) + " rows of " + std::to_string(report.tables.size()) +
                    " tables, and the index of " + std::to_string(report.cards) + " cards, in " +
                    in_seconds(report.copy_seconds) + "; compared, and " + std::to_string(report.audit_rows) +
                    " audit rows of " + std::to_string(report.chains) + " chains with " +
                    std::to_string(report.checkpoints) + " checkpoints verified, in " +
                    in_seconds(report.verify_seconds));
  lines.push_back("moved installation " + report.instance_id + " from " + report.from + " to " + report.to +
                  "; the old store is refused from now on");
  if (report.keys.empty())
    lines.push_back("note no key is in the data directory: copy keys/ and root.token of the old one there");
  if (report.files_stay)
    lines.push_back("note blobs/ of the data directory is empty: copy that of the old one there, files are not moved");
  for (const auto& file : report.keys) lines.push_back("the daemon needs " + file);
  return lines;
}

Json json_of(const MoveReport& report) {
  Json tables = Json::array(), replaced = Json::array();
  for (const auto& each : report.tables)
    tables.push_back({{"table", each.table}, {"rows", each.sum.rows()}, {"sum", each.sum.hex()}});
  for (const auto& each : report.replaced)
    replaced.push_back({{"table", each.table}, {"key", each.key}, {"column", each.column}});
  return {{"from", report.from},
          {"to", report.to},
          {"instance_id", report.instance_id},
          {"completed_earlier", report.completed_earlier},
          {"rows", report.rows},
          {"cards", report.cards},
          {"chains", report.chains},
          {"audit_rows", report.audit_rows},
          {"checkpoints", report.checkpoints},
          {"tables", tables},
          {"replaced", replaced},
          {"keys", report.keys},
          {"copy_seconds", report.copy_seconds},
          {"verify_seconds", report.verify_seconds},
          {"seconds", report.seconds}};
}

}  // namespace nexus::app
