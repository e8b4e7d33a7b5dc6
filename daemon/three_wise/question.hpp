// A three-wise question and the opinions on it. Neither changes after it was written. daemon/gates/strategy_lock.hpp
// derives the verdict.
#pragma once
#include "daemon/limits.hpp"
#include "daemon/model/field.hpp"

namespace nexus::three_wise {

inline constexpr std::string_view kVerdicts[] = {"APPROVE", "REJECT", "UNSURE"};

struct Question {
  std::string tenant_id;
  std::string env;
  std::string question_id;
  std::string question;
  std::optional<std::string> context;
  std::optional<std::string> verdict;  // nothing before the third opinion
  Micros created_at = 0;
  std::string created_by;
};

inline constexpr model::Table kQuestion{
    "Question", "three_wise_questions",
    std::array{
        model::tenant(&Question::tenant_id), model::env(&Question::env),
        model::id("question_id", &Question::question_id),
        model::field("question", &Question::question,
                     {.max = 4096, .required = true, .fixed = true, .help = "what is to be judged"}),
        model::field("context", &Question::context,
                     {.max = limits::metadata_bytes_max, .fixed = true, .help = "what one must know to judge it"}),
        model::computed("verdict", &Question::verdict, {.choices = kVerdicts}),
        model::made_time("created_at", &Question::created_at, {.fixed = true}),
        model::made("created_by", &Question::created_by, {.fixed = true})}};

/// The opinion of one user on one question; a second one is a unique violation.
struct Opinion {
  std::string tenant_id;
  std::string env;
  std::string question_id;
  std::string user_id;
  std::string verdict;
  std::string content;
  Micros created_at = 0;
};

inline constexpr model::Table kOpinion{
    "Opinion", "three_wise_opinions",
    std::array{model::hidden("tenant_id", &Opinion::tenant_id), model::hidden("env", &Opinion::env),
               model::hidden("question_id", &Opinion::question_id), model::made("user_id", &Opinion::user_id),
               model::field("verdict", &Opinion::verdict, {.choices = kVerdicts, .required = true}),
               model::field("content", &Opinion::content,
                            {.max = limits::metadata_bytes_max, .required = true, .help = "the reasons"}),
               model::made_time("created_at", &Opinion::created_at)}};

}  // namespace nexus::three_wise
