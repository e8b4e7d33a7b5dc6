#include "daemon/http/long_answer.hpp"

#include "daemon/log.hpp"

namespace nexus::http {

Pull judged_at_each_page(Common& common, const Admission& admission, const ExchangePtr& exchange, Pull pull) {
  return [&common, &admission, exchange, pull = std::move(pull)](std::string& page) {
    const bool more = pull(page);
    const auto refused = admission.refusal_now(common.database.read().reader(), *exchange->route, exchange->caller);
    if (!refused) return more;
    page.clear();
    log::info("a long answer was cut", {{"route", exchange->route->path},
                                        {"code", std::string(info(*refused).code)},
                                        {"request_id", exchange->caller.request_id}});
    common.answers.refuse(*exchange, Problem(*refused));
    common.answers.metrics().count_refusal(info(*refused).code);  // its answer was counted when it began
    throw Problem(*refused);
  };
}

}  // namespace nexus::http
