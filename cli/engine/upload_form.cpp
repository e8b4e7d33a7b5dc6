#include "cli/engine/upload_form.hpp"

#include "cli/engine/failure.hpp"
#include "cli/engine/media_types.hpp"
#include "cli/engine/transfer.hpp"

namespace nexus::cli {
int send_each(Session& session, const Values& values, const Shape& shape,
              const std::function<Answer(const LocalFile& file)>& send) {
  const auto& files = values.list("FILE");
  const auto send_one = [&](const std::string& path) {
    const LocalFile file = open_local(path, values.find("--filename").value_or(""));
    Answer answer = send(file);
    if (find_text(answer.json, "sha256").value_or(file.sha256) != file.sha256)
      throw Failure(Exit::server_error, "the daemon stored another digest than that of " + path);
    return answer;
  };
  if (files.size() == 1) {
    session.print_answer(send_one(files.front()), shape);
    return 0;
  }
  const Format format = session.view().format;
  const bool one_document = !session.settings().field && (format == Format::json || format == Format::yaml);
  Json items = Json::array();
  Exit first = Exit::done;
  for (const auto& file : files) {
    Answer answer;
    try {
      answer = send_one(file);
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

std::vector<Parameter> upload_parameters(std::vector<Parameter> more) {
  std::vector<Parameter> all = {option("--filename", "NAME", "the name to store it under; needed for standard input"),
                                option("--content-type", "TYPE", "media type of the files (from their names)")};
  all.insert(all.end(), more.begin(), more.end());
  all.push_back(arguments("FILE", "files to upload; - is standard input"));
  return all;
}

int upload_each(Session& session, const Values& values, const std::string& path, const FormFields& fields,
                const Shape& shape) {
  require_one_file(session, values);
  const std::string given = values.find("--filename").value_or("");
  const auto type_of = [&](const std::string& filename) {
    return values.find("--content-type").value_or(media_type_of(filename));
  };
  if (session.prints_curl()) {
    for (const auto& file : values.list("FILE")) {
      const std::string name = local_name(file, given);
      const std::string form = curl_form(fields, file, name, type_of(name));
      session.print(session.curl_text({.method = "POST", .path = path, .curl_body = form}) + "\n");
    }
    return 0;
  }
  return send_each(session, values, shape, [&](const LocalFile& file) {
    return post_file(session, path, fields, file, type_of(file.filename));
  });
}

}  // namespace nexus::cli
