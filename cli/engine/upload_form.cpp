#include "cli/engine/upload_form.hpp"

#include <map>

#include "cli/engine/escape.hpp"
#include "cli/engine/failure.hpp"
#include "cli/engine/media_types.hpp"
#include "cli/engine/transfer.hpp"
#include "daemon/base/text.hpp"

namespace nexus::cli {
namespace {

/// Tells of names that the daemon changed (blobs/filename.hpp says how).
class StoredNames {
 public:
  explicit StoredNames(Session& session) : session_(session) {}

  /// `key`: that of the answer; its last part is the stored name.
  void tell(const std::string& name, const std::string& key) {
    const std::string stored = key.substr(key.rfind('/') + 1);
    if (stored.empty()) return;
    if (stored != name) session_.note(name + ": stored as " + stored);
    const auto [first, is_new] = sent_.try_emplace(stored, name);
    if (!is_new && first->second != name)
      session_.warn(first->second + " and " + name + " are both stored as " + stored);
  }

 private:
  Session& session_;
  std::map<std::string, std::string> sent_;  // by stored name
};

Answer send_one(const std::string& path, const std::string& filename, const Send& send, StoredNames& names) {
  if (!is_utf8(path)) throw usage_error("a name that is not UTF-8 cannot be kept: rename the file");
  const LocalFile file = open_local(path, filename);
  Answer answer = send(path, file);
  if (find_text(answer.json, "sha256").value_or(file.sha256) != file.sha256)
    throw Failure(Exit::server_error, "the daemon stored another digest than that of " + path);
  names.tell(file.filename, find_text(answer.json, "key").value_or(""));
  return answer;
}

}  // namespace

FilesToSend files_to_send(const Values& values) {
  const auto& paths = values.list("FILE");
  return {.paths = paths, .filename = values.find("--filename").value_or(""), .several = paths.size() > 1};
}

int send_each(Session& session, const FilesToSend& files, const Shape& shape, const Send& send) {
  StoredNames names(session);
  if (!files.several) {
    session.print_answer(send_one(files.paths.front(), files.filename, send, names), shape);
    return 0;
  }
  const Format format = session.view().format;
  const bool one_document = !session.settings().field && (format == Format::json || format == Format::yaml);
  Json items = Json::array();
  Exit first = Exit::done;
  for (const auto& path : files.paths) {
    Answer answer;
    try {
      answer = send_one(path, files.filename, send, names);
    } catch (const std::exception&) {
      const Exit exit = report_caught(face_of(session), escape_controls(path));
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

void require_one_file(const Session& session, const FilesToSend& files) {
  if (!files.several) return;
  if (!files.filename.empty()) throw usage_error("--filename names one file: upload it alone");
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
  const FilesToSend files = files_to_send(values);
  require_one_file(session, files);
  const auto type_of = [&](const std::string& filename) {
    return values.find("--content-type").value_or(media_type_of(filename));
  };
  if (session.prints_curl()) {
    for (const auto& file : files.paths) {
      const std::string name = local_name(file, files.filename);
      const std::string form = curl_form(fields, file, name, type_of(name));
      session.print(session.curl_text({.method = "POST", .path = path, .curl_body = form}) + "\n");
    }
    return 0;
  }
  return send_each(session, files, shape, [&](const std::string&, const LocalFile& file) {
    return post_file(session, path, fields, file, type_of(file.filename));
  });
}

}  // namespace nexus::cli
