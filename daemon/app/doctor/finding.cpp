#include "daemon/app/doctor/finding.hpp"

#include <algorithm>

namespace nexus::app::doctor {

std::string_view to_string(Severity severity) {
  static constexpr std::string_view kNames[] = {"ok", "note", "warning", "error"};  // in the order of Severity
  return kNames[static_cast<std::size_t>(severity)];
}

void Findings::ok(std::string id, std::string about, std::string found) {
  all_.push_back({std::move(id), std::move(about), Severity::ok, std::move(found), {}});
}

void Findings::note(std::string id, std::string about, std::string found, std::string remedy) {
  all_.push_back({std::move(id), std::move(about), Severity::note, std::move(found), std::move(remedy)});
}

void Findings::warning(std::string id, std::string about, std::string found, std::string remedy) {
  all_.push_back({std::move(id), std::move(about), Severity::warning, std::move(found), std::move(remedy)});
}

void Findings::error(std::string id, std::string about, std::string found, std::string remedy) {
  all_.push_back({std::move(id), std::move(about), Severity::error, std::move(found), std::move(remedy)});
}

bool Findings::found_fault() const {
  return std::ranges::any_of(all_, [](const Finding& finding) { return finding.severity >= Severity::warning; });
}

Json Findings::json() const {
  Json list = Json::array();
  for (const auto& finding : all_)
    list.push_back({{"id", finding.id},
                    {"severity", to_string(finding.severity)},
                    {"found", finding.found},
                    {"remedy", finding.remedy.empty() ? Json() : Json(finding.remedy)}});
  return {{"ok", !found_fault()}, {"findings", std::move(list)}};
}

}  // namespace nexus::app::doctor
