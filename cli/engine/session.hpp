// The tools of a command: the settings of this run, the connection to the daemon, and printing. Adds token, tenant, env
// and reason to requests; retries those that are safe to repeat; turns error answers into Refusal. Knows no route.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/engine/client.hpp"
#include "cli/engine/contexts.hpp"
#include "cli/engine/failure.hpp"
#include "cli/engine/output.hpp"
#include "cli/engine/settings.hpp"
#include "cli/engine/typed_line.hpp"
#include "cli/engine/witness.hpp"
#include "daemon/base/json.hpp"
#include "daemon/base/realm.hpp"

namespace nexus::cli {

/// The part of the caller's identity that a route needs.
enum class Scope { open, identity, tenant };

struct ApiRequest {
  std::string method = "GET";
  std::string path;  // encoded, with a leading slash
  std::vector<std::pair<std::string, std::string>> query = {};
  std::optional<Json> body = {};
  std::optional<std::string> text = {};  // a text (Markdown) instead of `body`, sent byte for byte
  Scope scope = Scope::tenant;
  Headers headers = {};      // replace those of the session, by name
  bool preliminary = false;  // sent even under --print curl, because the printed line needs its answer
  bool retry = true;
  bool redirect_expected = false;  // any other redirect means that the address is not the daemon's own
  std::optional<std::chrono::milliseconds> timeout = {};  // instead of the session's
  std::optional<BodySource> source = {};                  // a streamed body instead of `body`; knows its content type
  std::string curl_body = {};                             // under --print curl: replaces `source`, as words of curl
  std::string curl_options = {};                          // under --print curl: further options of curl
  std::function<void(std::string_view)> sink = {};        // takes the body of a 200 answer; `Answer` then has none
};

struct Answer {
  int status = 0;
  Json json;  // null without a JSON body
  Response http;
  std::string chain = {};  // "TENANT, env ENV" of its audit row, where that is not the context's; else empty

  /// Returns `{"receipt":{"seq":…,"hash":…}}` when a row was written, else `{}`.
  Json receipt() const;
};

/// Thrown once --print curl has printed: the run is done.
struct Printed {};

/// Whether a printed text was made in the form that --output or --field asks for, or has one form only.
enum class Form { asked, one };

class Session {
 public:
  Session(Settings settings, ContextStore contexts, TypedLine line = {});

  const Settings& settings() const { return settings_; }
  const ContextStore& contexts() const { return contexts_; }

  /// For requests that must not hold up what follows. While it lives, each is sent once, and all of them together end
  /// within `span`, or within half of what --timeout leaves, whichever is shorter. One at a time; the session must
  /// outlive it.
  class Hurry {
   public:
    Hurry(Session& session, std::chrono::milliseconds span);
    ~Hurry();
    Hurry(const Hurry&) = delete;
    Hurry& operator=(const Hurry&) = delete;

   private:
    Session& session_;
    std::optional<std::chrono::steady_clock::time_point> end_;  // the session's own
  };

  Answer call(const ApiRequest& request);     // a Refusal for 400 and above
  Answer attempt(const ApiRequest& request);  // whatever the status
  /// Returns the exchange of a request, for callers that run it themselves (streams). Under --print curl it is printed
  /// instead.
  Exchange prepare(const ApiRequest& request);
  /// An exchange that is no API call (presigned URLs). Adds only the deadline of this run and how servers are reached.
  /// Retries nothing.
  Response exchange(Exchange exchange);
  /// The request as --print curl shows it, for commands that print more around it.
  std::string curl_text(const ApiRequest& request);

  /// Returns the tenant or env of this run. Otherwise throws a usage error that says how to give it.
  const std::string& tenant() const;
  const std::string& env() const;
  /// The --reason of this run, for a command that sends it as a field of its own.
  friend const std::optional<std::string>& kept_reason(Session& session);
  /// Reads the token from its source; returns nothing when there is none.
  const std::optional<std::string>& token();
  std::chrono::milliseconds timeout() const;
  bool prints_curl() const { return settings_.print_curl; }

  /// Beside a text of one form, --output and --field are usage errors.
  void print(const std::string& text, Form form = Form::one);
  /// Throws that usage error: for commands whose text goes elsewhere, or comes after they have changed something.
  void require_no_form() const { line_.require_no_form(settings_); }
  void print_record(const Json& record, const Shape& shape, const Json& extra = Json::object());
  void print_answer(const Answer& answer, const Shape& shape) { print_record(answer.json, shape, answer.receipt()); }
  /// Prints a list. When the output does not show that the list was cut, a note on stderr says so, with --quiet too;
  /// `onward` says how to get the rest.
  void print_list(const Json& document, const Shape& shape, const std::string& onward = {});
  /// A remark for people on stderr, silent with --quiet.
  void note(const std::string& text);
  /// A message that is shown even with --quiet.
  void warn(const std::string& text);

  /// Passes a row of the audit log that an answer showed to the witness, and reports a contradiction.
  void saw(Realm realm, const SeenRow& row);
  /// Returns the id of the installation that answers; nothing when it does not say.
  const std::optional<std::string>& instance();

  bool json_output() const;
  bool progress_wanted() const;  // a terminal on stderr, and not --quiet
  View view() const;
  bool colour() const;

 private:
  Exchange build(const ApiRequest& request);
  Answer run(const Exchange& exchange, bool repeatable);
  Answer once(const Exchange& exchange);
  void witness(const ApiRequest& request, Answer& answer);
  /// A request of the witness and not of the command, once; --verbose shows it as such. Returns nothing when it failed.
  std::optional<Answer> ask_aside(ApiRequest request);
  using Moment = std::chrono::steady_clock::time_point;

  Settings settings_;
  ContextStore contexts_;
  std::optional<Moment> end_;  // of the whole run, when --timeout says so; of a Hurry, while one lives
  bool hurried_ = false;
  Client client_;
  std::optional<std::optional<std::string>> token_;  // outer: read yet?
  std::optional<std::optional<std::string>> instance_;
  bool told_of_token_ = false;
  TypedLine line_;
  bool csv_begun_ = false;  // its heading was printed
};

/// Writes to standard output, or throws a Failure: nobody must mistake silence for an answer. Whatever the text is, it
/// drives no terminal; files and pipes get it byte for byte.
void print_out(const std::string& text);

const std::optional<std::string>& kept_reason(Session& session);

/// The reader of this run's errors.
Face face_of(const Session& session);

/// How the servers of a run are reached.
Reach reach_of(const Settings& settings);

/// Makes a Refusal of an error answer.
Refusal refusal_of(const Answer& answer);

/// One path segment, encoded.
std::string segment(const std::string& text);

}  // namespace nexus::cli
