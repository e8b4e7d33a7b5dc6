#include "cli/engine/failure.hpp"

#include <algorithm>
#include <array>
#include <iostream>
#include <map>
#include <system_error>

#include "cli/engine/escape.hpp"
#include "cli/engine/output.hpp"
#include "daemon/base/shell.hpp"

namespace nexus::cli {
namespace {

// Every code that a gate refuses with. A code of a newer gate still exits 5, because its problem carries a decision.
constexpr std::array<std::string_view, 9> kGateCodes = {
    "kill_switch_blocked",         "firearms_licence_required", "strategy_lock_required",
    "three_wise_verdict_required", "budget_threshold_missing",  "budget_threshold_exceeded",
    "kpi_threshold_missing",       "kpi_corridor_breached",     "temperature_breach",
};

std::string text_of(const Json& object, const char* key) { return find_text(object, key).value_or(""); }

std::string detail_of(const Json& problem, int status) {
  for (const char* key : {"detail", "title"})
    if (auto text = text_of(problem, key); !text.empty()) return text;
  return "the server answered HTTP " + std::to_string(status);
}

std::string error_line(const std::string& text, bool colour) {
  return (colour ? "\x1b[1;31merror:\x1b[0m " : "error: ") + escape_controls(text) + "\n";
}

std::string field_lines(const Json& problem) {
  std::string out;
  for (const auto& error : problem.value("errors", Json()))
    if (error.is_object()) {
      const std::string pointer = text_of(error, "pointer");  // empty: the whole body
      out += "  " + (pointer.empty() ? "the body" : escape_controls(pointer)) + ": " +
             escape_controls(text_of(error, "detail")) + "\n";
    }
  return out;
}

std::string_view local_code(Exit exit) {
  static const std::map<Exit, std::string_view> kCodes = {{Exit::usage, "cli.usage"},
                                                          {Exit::unreachable, "cli.unreachable"},
                                                          {Exit::unauthenticated, "cli.unauthenticated"},
                                                          {Exit::not_ready, "cli.not_ready"}};
  const auto found = kCodes.find(exit);
  return found == kCodes.end() ? "cli.failed" : found->second;
}

// Adds `about`: before the detail, for programs also as a member of its own. People get the remedy with what they
// typed.
Refusal shown(const Refusal& refusal, const std::string& about, const Face& face) {
  Json problem = refusal.problem;
  if (!about.empty()) {
    problem["about"] = about;
    problem["detail"] = about + ": " + refusal.what();
  }
  if (const auto remedy = text_of(problem, "remedy"); !face.json && !remedy.empty())
    problem["remedy"] = with_typed(remedy, face.typed);
  return {refusal.status, std::move(problem), refusal.request_id, refusal.receipt};
}

Failure shown(const Failure& failure, const std::string& about, const Face& face) {
  return {failure.exit, (about.empty() ? "" : about + ": ") + failure.what(),
          face.json ? failure.remedy : with_typed(failure.remedy, face.typed)};
}

template <typename Problem>
Exit print_problem(const Problem& problem, Exit exit, const std::string& about, const Face& face) {
  const auto whole = shown(problem, about, face);
  if (exit != Exit::broken_pipe) std::cerr << (face.json ? for_programs(whole) : for_people(whole, face.colour));
  return exit;
}

/// Whether the line is for somebody else than whoever was refused: the operator, or another admin.
bool is_for_another(std::string_view rest) {
  constexpr std::string_view theirs[] = {" kill everywhere ", " kill user allow ", " kill autonomy on"};
  return std::ranges::any_of(theirs, [&](std::string_view command) { return rest.starts_with(command); });
}

/// The option as the line to try has it. Who acts as somebody else has a context and a token of his own.
std::string option_text(const std::string& name, const std::string& value, bool is_others) {
  if (is_others && name == "--context") return " --context CONTEXT";
  if (is_others && name == "--token-file") return " --token-file FILE";
  return " " + name + " " + shell_quote(value);
}

}  // namespace

std::string with_typed(std::string line, const std::vector<std::pair<std::string, std::string>>& typed) {
  constexpr std::string_view program = "nexusctl";
  // Contexts are named, not acted in.
  const std::string_view rest = std::string_view(line).substr(std::min(program.size(), line.size()));
  if (!line.starts_with(program) || !rest.starts_with(' ') || rest.starts_with(" context ")) return line;
  std::string options;
  for (const auto& [name, value] : typed)
    if ((line + " ").find(" " + name + " ") == std::string::npos &&
        !(name == "--token-file" && rest.starts_with(" login ")) &&
        !(name == "--tenant" && rest.starts_with(" kill everywhere ")))
      options += option_text(name, value, is_for_another(rest));
  if (line.find(" -- ") != std::string::npos) return line.insert(program.size(), options);
  return line.insert(std::min(line.find(" < "), line.size()), options);
}

Exit report_caught(const Face& face, const std::string& about) {
  try {
    throw;
  } catch (const Refusal& refusal) {
    return print_problem(refusal, refusal.exit(), about, face);
  } catch (const Failure& failure) {
    return print_problem(failure, failure.exit, about, face);
  } catch (const std::system_error& error) {
    // EPIPE: the reader of our output has closed it.
    const Exit exit = error.code() == std::errc::broken_pipe ? Exit::broken_pipe : Exit::negative;
    return print_problem(Failure(exit, error.what()), exit, about, face);
  } catch (const std::exception& error) {
    return print_problem(Failure(Exit::negative, error.what()), Exit::negative, about, face);
  }
}

Exit exit_for(std::string_view code, int status) {
  static const std::map<int, Exit> kExits = {
      {400, Exit::usage},           {413, Exit::usage},    {415, Exit::usage},     {422, Exit::usage},
      {401, Exit::unauthenticated}, {403, Exit::refused},  {404, Exit::not_found}, {409, Exit::conflict},
      {412, Exit::conflict},        {429, Exit::throttled}};
  if (std::ranges::find(kGateCodes, code) != kGateCodes.end()) return Exit::refused;
  if (const auto found = kExits.find(status); found != kExits.end()) return found->second;
  return status >= 500 ? Exit::server_error : Exit::negative;
}

Failure usage_error(std::string detail, std::string remedy) {
  return {Exit::usage, std::move(detail), std::move(remedy)};
}

Refusal::Refusal(int status_, Json problem_, std::string request_id_, std::string receipt_)
    : status(status_), problem(std::move(problem_)), request_id(std::move(request_id_)), receipt(std::move(receipt_)) {
  if (!problem.is_object()) problem = Json::object();
  if (request_id.empty()) request_id = text_of(problem, "request_id");
  detail_ = detail_of(problem, status);
}

std::string Refusal::code() const { return text_of(problem, "code"); }

Exit Refusal::exit() const {
  const bool by_gate = text_of(problem, "decision.result") == "BLOCK";
  return by_gate ? Exit::refused : exit_for(code(), status);
}

std::string for_people(const Failure& failure, bool colour) {
  std::string out = error_line(failure.what(), colour);
  if (!failure.remedy.empty()) out += "try: " + escape_controls(failure.remedy) + "\n";
  return out;
}

std::string for_people(const Refusal& refusal, bool colour) {
  const std::string code = refusal.code();
  // The detail may be no more than a cure: the title says what is wrong.
  const std::string title = text_of(refusal.problem, "title"), detail = refusal.what();
  const bool says_more = !title.empty() && title != detail;
  std::string out =
      error_line((says_more ? title + ": " : "") + detail + (code.empty() ? std::string() : " [" + code + "]"), colour);
  out += field_lines(refusal.problem);
  if (auto remedy = text_of(refusal.problem, "remedy"); !remedy.empty())
    out += "try: " + escape_controls(remedy) + "\n";
  const auto wait = refusal.problem.find("retry_after");
  if (wait != refusal.problem.end() && wait->is_number()) out += "retry after: " + wait->dump() + " s\n";
  if (!refusal.receipt.empty()) out += "audit row: " + escape_controls(refusal.receipt) + "\n";
  if (!refusal.request_id.empty()) out += "request id: " + escape_controls(refusal.request_id) + "\n";
  return out;
}

std::string for_programs(const Failure& failure) {
  Json document = {{"type", "about:blank"},
                   {"title", "nexusctl could not do it"},
                   {"code", local_code(failure.exit)},
                   {"detail", failure.what()}};
  if (!failure.remedy.empty()) document["remedy"] = failure.remedy;
  return json_text(document) + "\n";
}

std::string for_programs(const Refusal& refusal) {
  Json document = refusal.problem;
  // A proxy's page instead of a problem document is turned into one.
  if (!document.contains("status")) document["status"] = refusal.status;
  if (!document.contains("detail")) document["detail"] = refusal.what();
  return json_text(document) + "\n";
}

}  // namespace nexus::cli
