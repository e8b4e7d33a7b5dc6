// `nexusd check` and `nexusd doctor`: examine an installation without serving or changing it, and print what was found.
#include <cstdio>

#include "daemon/app/commands.hpp"
#include "daemon/app/doctor/examine.hpp"

namespace nexus::app {
namespace {

using doctor::Finding;
using doctor::Severity;

const char* verdict_of(Severity severity) {
  if (severity == Severity::ok) return "ok  ";
  return severity == Severity::note ? "note" : "FAIL";
}

void print_checked(const Finding& finding) {
  const std::string remedy = finding.remedy.empty() ? "" : "; " + finding.remedy;
  std::printf("%s %s: %s%s\n", verdict_of(finding.severity), finding.about.c_str(), finding.found.c_str(),
              remedy.c_str());
}

void print_found(const Finding& finding) {
  const std::string severity(to_string(finding.severity));
  std::printf("%-7s %s: %s\n", severity.c_str(), finding.id.c_str(), finding.found.c_str());
  if (!finding.remedy.empty()) std::printf("        %s\n", finding.remedy.c_str());
}

}  // namespace

int check(const Config& config) {
  const auto findings = doctor::check_installation(config);
  for (const auto& finding : findings.all()) print_checked(finding);
  return findings.found_fault() ? 1 : 0;
}

int examine(const Config& config, bool deep, bool json) {
  const auto findings = doctor::examine(config, {.deep = deep});
  if (json)
    std::printf("%s\n", to_text(findings.json()).c_str());
  else
    for (const auto& finding : findings.all()) print_found(finding);
  return findings.found_fault() ? 1 : 0;
}

}  // namespace nexus::app
