#include "cli/commands/doctor_findings.hpp"

#include <algorithm>

namespace nexus::cli {

DoctorFindings::DoctorFindings(Json document) : document_(std::move(document)) {
  if (!value_at(document_, "findings").is_array())
    throw Failure(Exit::server_error, "the answer of /doctor holds no findings; is that a Nexus daemon?");
}

void DoctorFindings::add(const char* id, const char* severity, const std::string& found, const std::string& remedy) {
  document_["findings"].push_back(
      {{"id", id}, {"severity", severity}, {"found", found}, {"remedy", remedy.empty() ? Json() : Json(remedy)}});
}

bool DoctorFindings::found_fault() const {
  return std::ranges::any_of(document_["findings"], [](const Json& finding) {
    const std::string severity = cell_at(finding, "severity");
    return severity == "warning" || severity == "error";
  });
}

Json DoctorFindings::json() const {
  Json document = document_;
  document["ok"] = !found_fault();
  return document;
}

std::string DoctorFindings::text() const {
  std::string text;
  for (const auto& finding : document_["findings"]) {
    std::string severity = cell_at(finding, "severity");
    severity.resize(std::max<std::size_t>(severity.size(), 7), ' ');
    text += severity + " " + cell_at(finding, "id") + ": " + cell_at(finding, "found") + "\n";
    if (const auto remedy = find_text(finding, "remedy")) text += "        " + *remedy + "\n";
  }
  return text;
}

}  // namespace nexus::cli
