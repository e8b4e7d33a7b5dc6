"""Rules of business: requests that the document's schemas allow and the daemon refuses all the same, because no schema
can say so. Each is named with its reason; whatever is refused and not named here is a drift of the document. A rule
that no probe needs any more fails the tests too: the list only holds what is."""
import fnmatch
from dataclasses import dataclass

BODIES_NOT_PROBED = {
    "POST /blobs/{bucket}": "each field is part of a signed policy, which names what it must hold",
}


@dataclass(frozen=True)
class Rule:
    """Which refusals of which probes it excuses; each but `why` is a shell pattern."""
    keys: str       # operations: POST /nexus/*
    where: str      # the field: body /cost/currency
    code: str       # of the problem
    why: str
    detail: str = "*"   # what the refusal says of the field
    what: str = "*"     # the probe's value
    random: bool = False  # of several fields together: only random data meet it


RULES = [
    # What holds for every text, header and query.
    Rule("*", "body*", "validation.failed", "no text holds U+0000", detail="*must not hold U+0000*", what="a NUL"),
    Rule("*", "query*", "request.malformed", "no target holds U+0000", what="a NUL"),
    Rule("*", "query cursor", "request.invalid_cursor", "a cursor is next_cursor of the same list"),
    Rule("*", "header X-Run-Id", "run.not_found", "the run must be there"),
    Rule("*", "body*", "request.invalid_json", "a whole number has 64 bits", detail="*beyond 64 bits*", random=True),
    Rule("*", "body*", "request.invalid_json", "a number keeps 15 digits", detail="*than a double holds*", random=True),
    # Streams.
    Rule("GET /chat/*", "query after", "chat.cursor_invalid", "it is the cursor of a message"),
    Rule("GET /chat/*", "query cursor", "chat.cursor_invalid", "it is the cursor of a message"),
    Rule("POST /*chat/*", "body /sender*", "chat.sender_mismatch", "the sender is the user of the token"),
    Rule("POST /*chat/*", "body /role", "chat.sender_mismatch", "agents' and the system's tokens speak as such"),
    # Ids of what must be there.
    Rule("GET /nexus/atoms", "query raw_asset_id", "raw.not_found", "the asset must be there"),
    Rule("POST /nexus/atoms/create-from-raw", "body*", "raw.not_found", "the asset must be there"),
    Rule("POST /nexus/raw/register", "body*", "raw.not_found", "the asset must have been presigned"),
    Rule("POST /nexus/raw/register", "body /filename", "raw.filename_mismatch", "it is the presigned one"),
    Rule("POST /nexus/raw/register", "body /size_bytes", "raw.size_mismatch", "it is that of the stored object"),
    Rule("POST /nexus/raw/register", "body /sha256", "raw.digest_mismatch", "it is that of the stored object"),
    Rule("* /nexus/memory/session/{session_id}", "query user_id", "session.not_found", "that user must have one"),
    Rule("POST /nexus/memory/session/*", "body /session_id", "request.path_mismatch", "it is that of the path"),
    Rule("GET /privacy/training", "query user_id", "member.not_found", "the user must be a member"),
    Rule("GET /firearms/check", "query action", "dangerous_action.not_found", "the action must be declared"),
    Rule("POST /gates/explain", "body /as_user", "member.not_found", "the user must be a member"),
    Rule("P* /strategy-locks*", "body /three_wise_id", "validation.failed", "the question must be there"),
    Rule("PUT /kpi/corridors", "body*", "validation.failed", "the KPI must be defined", detail="*is no defined KPI*"),
    Rule("POST /kpi/observations", "body*", "validation.failed", "the KPI must be defined",
         detail="*is no defined KPI*"),
    Rule("POST /tenants", "body*", "tenant.exists", "ids are given once"),
    Rule("POST /auth/memberships/{tenant_id}", "body /role", "invitation.changed", "it is the role that is offered"),
    Rule("*", "header If-Match", "precondition.failed", "the version is the one that stands"),
    Rule("GET /firearms/check", "query*", "validation.failed", "a query has no schema for what goes together",
         detail="*go together*", random=True),
    Rule("PUT /limits", "body*", "validation.unknown_field", "the names are actions of the route table", random=True),
    Rule("PUT /kill-switches", "body*", "validation.failed", "a document is told by entries or by lists",
         detail="*entries stands alone*", random=True),
    Rule("POST /media-v2/assets/{asset_id}/artifacts", "body*", "validation.failed", "an end lies behind its start",
         detail="/end_ms *", random=True),
    # Times.
    Rule("GET *", "query*", "validation.failed", "a query has no schema for what goes together",
         detail="*must be after since*", random=True),
    Rule("*", "*expires_at", "validation.failed", "an end lies ahead", detail="*must lie ahead*"),
    Rule("*", "body */?bserved_at", "validation.failed", "neither old nor ahead", detail="*must lie at most*"),
    Rule("*", "body */?ccurred_at", "validation.failed", "neither old nor ahead", detail="*must lie at most*"),
    # Texts with a grammar of their own.
    Rule("*", "body*", "validation.failed", "in NFKC some marks, as U+00A8, hold a blank", random=True,
         detail="*must be a plain name*"),
    Rule("POST /nexus/*", "body /*query_text", "validation.failed", "a search has 32 words, and an emoji is one",
         detail="*must hold at most 32 words*"),
    Rule("POST /nexus/cards", "body", "*", "is no card, which is a YAML header, a line --- and a text"),
    Rule("PUT /nexus/settings/*", "body", "*", "is no card, which is a YAML header, a line --- and a text"),
    Rule("POST /media-v2/assets/{asset_id}/artifacts", "body*", "storage.foreign_prefix",
         "the object is one of this tenant and env"),
    Rule("POST /media-v2/assets", "body /tags", "validation.failed", "each once", detail="*same text twice*"),
    Rule("POST /media-v2/assets", "body /meta", "*", "the text is a JSON object", detail="*must be an object*"),
    # Rights that depend on who asks.
    Rule("GET /tokens", "query user_id", "auth.insufficient_role", "others' tokens are the system's to list"),
    Rule("POST /tokens", "body /user_id", "auth.insufficient_role", "others' tokens are the system's to make"),
    Rule("POST /tokens", "body /ttl_seconds", "auth.insufficient_role", "a token does not outlive its maker's"),
    Rule("POST /tokens", "body /tenants", "validation.failed", "one narrows to tenants of one's own",
         detail="*is no member*"),
    Rule("POST /tokens", "body /tenants/0", "validation.failed", "one narrows to tenants of one's own",
         detail="*is no member*"),
]


# What the document refuses and the daemon takes.
TAKEN = [
    Rule("*", "body */0", "", "envs fold their case", what="not of the enum: 'DEV'"),
    Rule("GET /livez", "query", "", "what a probe adds does no harm", what="an unknown parameter"),
    Rule("GET /readyz", "query", "", "what a probe adds does no harm", what="an unknown parameter"),
    Rule("GET /metrics", "query", "", "what a scraper adds does no harm", what="an unknown parameter"),
    Rule("GET /problems/{code}", "query", "", "a page is served as it is linked", what="an unknown parameter"),
    Rule("* /blobs/*", "query", "", "objects are served as S3 serves them", what="an unknown parameter"),
]


def rule_for(probe, code, detail):
    """The rule that excuses the refusal of what is allowed, or that what is refused was taken; None without one."""
    for rule in RULES if probe.allowed else TAKEN:
        if (fnmatch.fnmatchcase(code, rule.code) and fnmatch.fnmatchcase(probe.key, rule.keys)
                and fnmatch.fnmatchcase(probe.where, rule.where) and fnmatch.fnmatchcase(probe.what, rule.what)
                and fnmatch.fnmatchcase(detail, rule.detail)):
            return rule
    return None


def excuses(key, code, details):
    """Whether a refusal of random data that the document allows is by rules of business alone: each of `details`, the
    texts of what it says of each field, is one's."""
    return all(any(fnmatch.fnmatchcase(code, rule.code) and fnmatch.fnmatchcase(key, rule.keys)
                   and fnmatch.fnmatchcase(detail, rule.detail) for rule in RULES) for detail in details)
