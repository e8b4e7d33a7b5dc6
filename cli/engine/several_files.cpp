#include "cli/engine/several_files.hpp"

#include "cli/engine/failure.hpp"

namespace nexus::cli {

int send_each(Session& session, const std::vector<std::string>& files, const Shape& shape,
              const std::function<Answer(const std::string& file)>& send) {
  if (files.size() == 1) {
    session.print_answer(send(files.front()), shape);
    return 0;
  }
  const Format format = session.view().format;
  const bool one_document = !session.settings().field && (format == Format::json || format == Format::yaml);
  Json items = Json::array();
  Exit first = Exit::done;
  for (const auto& file : files) {
    Answer answer;
    try {
      answer = send(file);
    } catch (const std::exception&) {
      const Exit exit = report_caught(session.face(), file);
      if (first == Exit::done) first = exit;
      continue;
    }
    if (one_document)
      items.push_back(answer.json);
    else
      session.print_answer(answer, shape);
  }
  if (one_document) session.print_list({{"items", std::move(items)}, {"next_cursor", nullptr}}, shape);
  return static_cast<int>(first);
}

void require_one_file(const Session& session, const Values& values) {
  if (values.list("FILE").size() == 1) return;
  if (values.given("--filename")) throw usage_error("--filename names one file: upload it alone");
  if (session.settings().idempotency_key) throw usage_error("--idempotency-key stands for one file: upload it alone");
}

const Answer& require_digest(const Answer& answer, const std::string& sha256, const std::string& file) {
  const Json* digest = at_path(answer.json, "sha256");
  if (digest && digest->is_string() && *digest != sha256)
    throw Failure(Exit::server_error, "the daemon stored another digest than that of " + file);
  return answer;
}

}  // namespace nexus::cli
