// Answers that are pulled page by page: the caller is judged again at each page.
#pragma once
#include "daemon/http/admission.hpp"

namespace nexus::http {

using Pull = std::function<bool(std::string&)>;

/// The same pages, none of them for a caller who lost access. The connection is cut before the parts that complete the
/// answer (an export's last line, the end of the chunks). The caller is judged after each page is read, in a snapshot
/// that is not older. So no page that they get holds data written after they lost access. Both must outlive the pull.
Pull judged_at_each_page(Common& common, const Admission& admission, const ExchangePtr& exchange, Pull pull);

}  // namespace nexus::http
