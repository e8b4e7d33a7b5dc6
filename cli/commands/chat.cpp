// nexusctl chat: threads and messages by HTTP. rail_tail.cpp follows a thread, chat_join.cpp talks in one.
#include "cli/engine/one_request.hpp"
#include "cli/rails/rail_tail.hpp"

namespace nexus::cli {
namespace {

const Shape kThreadShape = {"thread_id",
                            {"thread_id", "title", "participants", "created_at", "created_by"},
                            {{"participants", {"id", "display_name"}}}};
const Shape kMessageShape = {
    "message_id", {"message_id", "cursor", "sender.id", "role", "text", "created_at"}, {}, "text"};

/// Splits `NAME=VALUE`; a word without `=` has no value.
std::pair<std::string, std::optional<std::string>> split_word(const std::string& word) {
  const auto equals = word.find('=');
  if (equals == std::string::npos) return {word, std::nullopt};
  return {word.substr(0, equals), word.substr(equals + 1)};
}

Json new_thread(const Values& values) {
  Json body = texts_of(values, {"THREAD_ID", "--title"});
  for (const std::string& word : values.list("--participant")) {
    const auto [id, name] = split_word(word);
    Json participant = {{"id", id}};
    if (name) participant["display_name"] = *name;
    body["participants"].push_back(std::move(participant));
  }
  return body;
}

Json new_message(const Values& values) {
  Json body = texts_of(values, {"--role"});
  body["text"] = values.text_or_input("TEXT");
  for (const std::string& word : values.list("--scope")) {
    const auto [name, value] = split_word(word);
    if (!value) throw usage_error("--scope wants NAME=VALUE, not " + word);
    body["scope"][name] = *value;
  }
  return body;
}

int run_chat_tail(Session& session, const Values& values) {
  return run_tail(session, values,
                  {.request = {.path = "/sse/chat/" + segment(values.text("THREAD_ID"))},
                   .shape = kMessageEventShape,
                   .person = chat_line});
}

constexpr const char* kChatDescription = R"(
A thread belongs to one tenant and env. Whoever may read there may follow it; members post.)";

constexpr const char* kChatExitStatus = R"(
A stream ends with 130 after Ctrl-C, 143 after SIGTERM, 1 when events came and none had the --field, 4 when the token
expired, 5 when the membership ended or the stream was switched off, 6 for a thread that does not exist.)";

constexpr const char* kChatTailDescription = R"(
It follows the thread by server-sent events. It opens a stream that breaks again, after growing pauses, and goes on
where the stream ended. Messages that are no longer there are reported as a gap, on standard error, too. Ctrl-C ends
it, and so does the end of a pipe's reader, --count, --idle, --timeout, and with --no-follow the end of what is there;
the last cursor goes to standard error. `nexusctl chat messages` reads what was said, without a stream.)";

constexpr const char* kJoinDescription = R"(
It talks over a WebSocket. When the answer to a message is lost, it sends the message again under the same reference,
so that it is never posted twice. At the end of the input it leaves, once all that it sent has come back. The input
may be a pipe: `printf 'hello\nbye\n' | nexusctl chat join standup` posts two messages.)";

Command thread_commands() {
  return {.name = "thread",
          .summary = "threads: create, list, show",
          .example = "nexusctl chat thread create THREAD_ID --title 'Daily standup'",
          .commands = {
              {.name = "create",
               .summary = "make a thread",
               .example = "nexusctl chat thread create THREAD_ID --title 'Daily standup'",
               .parameters = {optional_argument("THREAD_ID", "an id of your own; without it the daemon makes one"),
                              option("--title", "TITLE", "what people call it"),
                              repeated_option("--participant", "ID[=NAME]", "who takes part")},
               .run = sends({.method = "POST", .path = "/chat/threads"}, kThreadShape, new_thread)},
              list_command("list", "list threads of this tenant and env, newest first",
                           "nexusctl chat thread list --all", {.path = "/chat/threads"}, kThreadShape),
              show_command("show one thread", "nexusctl chat thread show THREAD_ID",
                           {.path = "/chat/threads/{THREAD_ID}"}, kThreadShape, {argument("THREAD_ID", "the thread")}),
          }};
}

}  // namespace

Command chat_command() {
  const Parameter thread = argument("THREAD_ID", "the thread");
  return {
      .name = "chat",
      .topic = Topic::files_and_texts,
      .summary = "chat threads: create, send, read, follow, join",
      .description = kChatDescription,
      .exit_status = kChatExitStatus,
      .see_also = "nexusctl-audit(1), nexusctl-event(1)",
      .example = "nexusctl chat tail THREAD_ID --from earliest",
      .commands = {
          thread_commands(),
          {.name = "send",
           .summary = "post a message",
           .example = "nexusctl chat send THREAD_ID 'The build is green.'",
           .parameters = {thread, optional_argument("TEXT", "the message; without it, or as -, standard input"),
                          one_of({"user", "agent"}, option("--role", "ROLE", "user, or agent with an agent's token")),
                          repeated_option("--scope", "NAME=VALUE",
                                          "surface, app, federation, cluster, gang, agent, kind or target_id")},
           .run = sends({.method = "POST", .path = "/chat/threads/{THREAD_ID}/messages"}, kMessageShape, new_message)},
          list_command("messages", "read what was said in a thread, oldest first",
                       "nexusctl chat messages THREAD_ID --order newest --limit 20",
                       {.path = "/chat/threads/{THREAD_ID}/messages"}, kMessageShape,
                       {thread, one_of({"oldest", "newest"},
                                       option("--order", "ORDER", "which come first: oldest or newest (oldest)"))}),
          {.name = "delete",
           .summary = "delete a message: its sender or an admin",
           .example = "nexusctl chat delete THREAD_ID MESSAGE_ID",
           .parameters = {thread, argument("MESSAGE_ID", "the message")},
           .run = deletes({.path = "/chat/threads/{THREAD_ID}/messages/{MESSAGE_ID}"}, "MESSAGE_ID")},
          {.name = "tail",
           .summary = "follow a thread; reconnects and resumes by itself",
           .description = kChatTailDescription,
           .example = "nexusctl chat tail THREAD_ID --from earliest -o jsonl",
           .parameters = tail_parameters({thread}),
           .run = run_chat_tail},
          {.name = "join",
           .summary = "talk in a thread: each line of input is a message",
           .description = kJoinDescription,
           .example = "nexusctl chat join THREAD_ID",
           .parameters = {thread, option("--from", "CURSOR", "go on after this cursor; earliest: everything there is")},
           .run = run_join,
           .beyond_curl = "talks over a WebSocket"},
      }};
}

}  // namespace nexus::cli
