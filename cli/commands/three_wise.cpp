// nexusctl three-wise: questions on which three other users give their opinions.
#include "cli/engine/one_request.hpp"

namespace nexus::cli {
namespace {

const Shape kQuestionShape = {"question_id",
                              {"question_id", "question", "verdict", "created_by", "created_at"},
                              {{"opinions", {"user_id", "verdict", "content", "created_at"}}}};

constexpr const char* kThreeWiseDescription = R"(
A strategy lock can depend on a question, as nexusctl-lock(1) says; it lets pass only while the verdict is `APPROVE`.
Members ask and answer; everybody reads. Everybody has one opinion on a question, and its asker has none. Once there
are three, the verdict is `APPROVE` when approvals outnumber rejections and are not fewer than the unsure, `REJECT` by
the same rule, else `UNSURE`.)";

}  // namespace

Command three_wise_command() {
  const Parameter question_id = argument("QUESTION_ID", "the question");
  return {.name = "three-wise",
          .topic = Topic::decide,
          .summary = "questions that three others answer",
          .description = kThreeWiseDescription,
          .see_also = "nexusctl-lock(1)",
          .example = "nexusctl three-wise ask 'Is the spring launch ready?'",
          .commands = {
              {.name = "ask",
               .summary = "ask a question",
               .example = "nexusctl three-wise ask 'Is the spring launch ready?'",
               .parameters = {argument("QUESTION", "what is to be judged"),
                              option("--context-text", "TEXT", "what one must know to judge it")},
               .run = sends({.method = "POST", .path = "/three-wise/questions"}, kQuestionShape,
                            texts({"QUESTION", {"--context-text", "context"}}))},
              list_command("list", "list questions, newest first", "nexusctl three-wise list --all",
                           {.path = "/three-wise/questions"}, kQuestionShape),
              show_command("show a question, its opinions and its verdict", "nexusctl three-wise show QUESTION_ID",
                           {.path = "/three-wise/questions/{QUESTION_ID}"}, kQuestionShape, {question_id}),
              {.name = "opine",
               .summary = "give your opinion, once; the asker has none",
               .description = "The verdict follows from all opinions, once there are three.",
               .example = "nexusctl three-wise opine QUESTION_ID APPROVE 'tested twice'",
               .parameters = {question_id,
                              one_of({"APPROVE", "REJECT", "UNSURE"}, argument("VERDICT", "APPROVE, REJECT or UNSURE")),
                              argument("WHY", "your reasons")},
               .run = sends({.method = "POST", .path = "/three-wise/questions/{QUESTION_ID}/opinions"}, kQuestionShape,
                            texts({"VERDICT", {"WHY", "content"}}))},
          }};
}

}  // namespace nexus::cli
