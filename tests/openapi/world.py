"""A running nexusd for the probes of the API's document, with tenants of their own and, for every operation, a request
that succeeds: its subjects are there, its body is the least one that the schema allows, changed by what only the
daemon knows (an id that exists, a time that lies ahead). A new slice needs no line here where /things/{thing_id} is
made by POST /things, unless its least body would be refused by a rule of business."""
import http.client
import json
import os
import re
import sys
import urllib.parse
from dataclasses import dataclass, field, replace

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "s3"))
import nexus  # noqa: E402

SENTENCE = "A probe of the document."
CARD = "card_type: note\n---\n" + SENTENCE + "\n"
# Whoever probes at its bounds must not run into limits of rate.
CONTEXT_HEADERS = ("X-Tenant-Id", "X-Env", "Authorization")  # who asks, where: held by other tests
UNLIMITED = {"NEXUSD_LIMITS_DEFAULT_REQUESTS": "1000000000"}


@dataclass
class Request:
    """What is sent. `body`: a value of the schema (dict, list, text), or None; a form's file is bytes."""
    method: str
    path: str                 # a template: /nexus/raw/{asset_id}
    path_values: dict = field(default_factory=dict)
    query: dict = field(default_factory=dict)
    headers: dict = field(default_factory=dict)
    body: object = None
    media: str = ""
    who: str = "dev"          # dev, other, system, or nobody

    @property
    def target(self):
        path = re.sub(r"\{(\w+)(\.\.\.)?\}", self._filled, self.path)
        pairs = [(name, text(one)) for name, value in self.query.items()
                 for one in (value if isinstance(value, list) else [value])]
        return path + ("?" + urllib.parse.urlencode(pairs, quote_via=urllib.parse.quote) if pairs else "")

    def _filled(self, match):
        return urllib.parse.quote(str(self.path_values[match.group(1)]), safe="/" if match.group(1) == "key" else "")

    def encoded(self):
        """(the body's bytes, its Content-Type)"""
        if self.body is None:
            return None, None
        if self.media == "application/json":
            return json.dumps(self.body).encode(), self.media
        if self.media == "multipart/form-data":
            parts = [(name, value) for name, value in self.body.items() if name != "file"]
            return (nexus.form_body([(name, text(value)) for name, value in parts], self.body.get("file")),
                    f"{self.media}; boundary={nexus.BOUNDARY}")
        return text(self.body).encode(), self.media


def text(value):
    """A value as it stands in a query, a form or a header."""
    return value if isinstance(value, (str, bytes)) else json.dumps(value)


class World:
    """One daemon, one thread. `document` is the one that it serves."""

    def __init__(self):
        self.nexusd = nexus.Nexusd(more=UNLIMITED)
        try:
            self.furnish()
        except Exception:
            self.nexusd.stop()
            raise

    def furnish(self):
        parts = urllib.parse.urlsplit(self.nexusd.address)
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
        self.count, self.tenant = 0, "t_dev"
        with open(self.nexusd.variables["NEXUS_ROOT_TOKEN_FILE"], encoding="utf-8") as file:
            self.tokens = {"dev": self.nexusd.token, "system": file.read().strip()}
        self.document = json.loads(nexus.call("GET", self.nexusd.address + "/openapi.json").body)
        self.other = self.make("POST", "/users", {"user_id": self.name("u")})["user_id"]
        self.tokens["other"] = self.make("POST", "/tokens", {"user_id": self.other})["token"]
        self.tenant = self.new_tenant()

    def stop(self):
        self.connection.close()
        return self.nexusd.stop()

    def name(self, prefix):
        self.count += 1
        return f"{prefix}_{self.count}"

    def new_tenant(self):
        """Of which dev is the owner and other a member."""
        tenant = self.make("POST", "/tenants", {"tenant_id": self.name("t"), "name": "Probed"})["tenant_id"]
        for user, role in (("u_dev", "owner"), (self.other, "member")):
            self.make("PUT", f"/tenants/{tenant}/members/{user}", {"role": role})
        return tenant

    # ---- requests --------------------------------------------------------------------------------------------------

    def context(self, who, path):
        """The headers that say who asks, and where, unless the path itself says it."""
        if who == "nobody":
            return {}
        headers = {"Authorization": "Bearer " + self.tokens[who], **({"X-Reason": "probe"} if who == "system" else {})}
        if path.split("/")[1] not in ("tenants", "users", "tokens", "auth"):
            headers.update({"X-Tenant-Id": self.tenant, "X-Env": "dev"})
        return headers

    def send(self, request):
        """The answer, as nexus.Answer; a stream is left after its head."""
        body, media = request.encoded()
        headers = {**self.context(request.who, request.path), **request.headers}
        headers = {name: value.encode() for name, value in headers.items()}
        if media:
            headers["Content-Type"] = media
        if nexus.daemons() > 1:
            self.connection.close()  # the next one goes to the other daemon
        for attempt in (1, 2):
            try:
                self.connection.request(request.method, request.target, body, headers)
                answer = self.connection.getresponse()
                break
            except (http.client.HTTPException, OSError):  # an idle connection that the daemon closed
                self.connection.close()
                if attempt == 2:
                    raise
        names = {name.lower(): value for name, value in answer.getheaders()}
        if answer.status == 101 or names.get("content-type", "").startswith("text/event-stream"):
            self.connection.close()
            return nexus.Answer(answer.status, names, b"")
        return nexus.Answer(answer.status, names, answer.read())

    def make(self, method, path, body=None, who="system", media="application/json", **more):
        """Something that must be there before: the answer's JSON, or what the answer was when it is no success."""
        answer = self.send(Request(method, path, body=body, media=media, who=who, **more))
        if answer.status >= 400:
            raise AssertionError(f"{method} {path}: {answer.status} {answer.body.decode(errors='replace')}")
        return answer.json if answer.body else {}


# ---- subjects: what the last parameter of a path names --------------------------------------------------------------

def made_by(path, body, name, **more):
    return lambda world: {name: world.make("POST", path, body, who="dev", **more)[name]}


def raw_asset(world, register=True):
    presigned = world.make("POST", "/nexus/raw/presign-upload", {"filename": "probe.txt"}, who="dev")
    sent = nexus.post_form(presigned["url"], presigned["fields"], SENTENCE.encode())
    if sent.status != 204:
        raise AssertionError(sent)
    if register:
        world.make("POST", "/nexus/raw/register", {name: presigned[name] for name in ("asset_id", "filename")}, "dev")
    return {"asset_id": presigned["asset_id"]}


def atoms(world):
    asset = raw_asset(world)["asset_id"]
    made = world.make("POST", "/nexus/atoms/create-from-raw", {"raw_asset_id": asset, "op_type": "text_identity"},
                      "dev")
    return {"atom_id": made["items"][0]["atom_id"]}


def session(world):
    name = world.name("s")
    world.make("POST", f"/nexus/memory/session/{name}/turn", {"role": "user", "content": "said"}, who="dev")
    return {"session_id": name}


def settings(kind, card_type):
    def put(world):
        world.make("PUT", f"/nexus/settings/{kind}/probed", f"card_type: {card_type}\nname: probed\n---\n", "dev",
                   media="text/plain")
        return {"name": "probed"}
    return put


def message(world):
    thread = made_by("/chat/threads", {}, "thread_id")(world)
    return {**thread, **made_by(f"/chat/threads/{thread['thread_id']}/messages", {"text": "said"}, "message_id")(world)}


def media_artifact(world):
    asset = media_asset(world)
    return made_by(f"/media-v2/assets/{asset['asset_id']}/artifacts", artifact_body(world), "artifact_id")(world)


def artifact_body(world):
    return {"kind": "frame", "uri": f"s3://nexus/tenants/{world.tenant}/dev/media_v2/x/frame.png"}


def canvas_artifact(world):
    canvas = made_by("/canvas", {}, "canvas_id")(world)
    return {**canvas, **made_by(f"/canvas/{canvas['canvas_id']}/artifacts", {"file": b"a sketch"}, "artifact_id",
                                media="multipart/form-data")(world)}


def lock(world):
    """Made by somebody else, of a surface of its own: one of no surface would hold up every other probe."""
    body = {"surface": "probed_locks", "scope": "other", "title": "probed", "allowed_actions": ["probed_action"]}
    return {"lock_id": world.make("POST", "/strategy-locks", body, who="other")["lock_id"]}


def question(world):
    return {"question_id": world.make("POST", "/three-wise/questions", {"question": "why?"}, "other")["question_id"]}


def user(world):
    return {"user_id": world.make("POST", "/users", {"user_id": world.name("u")})["user_id"]}


def member(world):
    made = user(world)
    world.make("PUT", f"/tenants/{world.tenant}/members/{made['user_id']}", {"role": "viewer"})
    return made


def tenant(world):
    return {"tenant_id": world.tenant}


def invitation(world):
    """To a tenant whose owner is the other one."""
    made = world.make("POST", "/tenants", {"tenant_id": world.name("t"), "name": "Inviting"})["tenant_id"]
    world.make("PUT", f"/tenants/{made}/members/{world.other}", {"role": "owner"})
    world.make("PUT", f"/tenants/{made}/members/u_dev", {"role": "viewer"}, who="other")
    return {"tenant_id": made}


def token(world, **wish):
    made = world.make("POST", "/tokens", {"user_id": "u_dev", **wish})
    return {"token_id": made["token_id"]}


def stored_blob(world):
    asset = raw_asset(world)["asset_id"]
    answer = world.send(Request("GET", f"/nexus/raw/{asset}/download"))
    link = urllib.parse.urlsplit(answer.headers["location"])
    _, _, bucket, key = link.path.split("/", 3)
    return {"bucket": bucket, "key": urllib.parse.unquote(key), "?": dict(urllib.parse.parse_qsl(link.query))}


def audit_row(world):
    world.make("PUT", "/feature-flags", {"gesture_logging": True}, "dev")
    answer = world.send(Request("GET", "/audit", query={"limit": 1}))
    return {"seq": answer.json["items"][0]["seq"]}


def event(world):
    return {"event_id": world.make("POST", "/analytics/events/pageview", {"surface": "site"}, "dev")["event_id"]}


def budget_policy(world):
    surface = world.name("s")
    world.make("PUT", "/budget/policies", {"surface": surface, "window_days": 7,
                                           "threshold": {"amount_micros": 1, "currency": "USD"}}, "dev")
    return {"surface": surface}


def corridor(world):
    kpi = world.make("POST", "/kpi/definitions", {"name": world.name("kpi"), "aggregate": "sum"}, "dev")["name"]
    surface = world.name("s")
    world.make("PUT", "/kpi/corridors", {"kpi_name": kpi, "surface": surface}, "dev")
    return {"kpi_name": kpi, "surface": surface}


media_asset = made_by("/media-v2/assets", {"file": b"a frame"}, "asset_id", media="multipart/form-data")
SUBJECTS = {
    "/nexus/raw/{asset_id}": raw_asset, "/nexus/atoms/{atom_id}": atoms, "/audit/{seq}": audit_row,
    "/nexus/cards/{card_id}": made_by("/nexus/cards", CARD, "card_id", media="text/plain"),
    "/nexus/settings/apps/{name}": settings("apps", "app_definition"),
    "/nexus/settings/connectors/{name}": settings("connectors", "connector_config"),
    "/nexus/influence-pack/{pack_id}": made_by("/nexus/influence-pack", {"query": {"query_text": ""}}, "pack_id"),
    "/nexus/memory/session/{session_id}": session,
    "/nexus/runs/{run_id}": made_by("/nexus/runs", {"kind": "probe"}, "run_id"),
    "/chat/threads/{thread_id}/messages/{message_id}": message,
    "/chat/threads/{thread_id}": made_by("/chat/threads", {}, "thread_id"),
    "/sse/chat/{thread_id}": made_by("/chat/threads", {}, "thread_id"),
    "/ws/chat/{thread_id}": made_by("/chat/threads", {}, "thread_id"),
    "/media-v2/assets/{asset_id}": media_asset, "/media-v2/artifacts/{artifact_id}": media_artifact,
    "/canvas/{canvas_id}/artifacts/{artifact_id}": canvas_artifact,
    "/canvas/{canvas_id}": made_by("/canvas", {}, "canvas_id"),
    "/firearms/licences/{licence_id}": made_by(
        "/firearms/licences", {"subject_type": "tool", "subject_id": "probe", "level": "low"}, "licence_id"),
    "/budget/policies/{surface}": budget_policy, "/kpi/corridors/{kpi_name}/{surface}": corridor,
    "/strategy-locks/{lock_id}": lock, "/three-wise/questions/{question_id}": question,
    "/privacy/training/users/{user_id}": lambda world: {"user_id": "u_dev"},
    "/tenants/{tenant_id}/members/{user_id}": lambda world: {**tenant(world), **member(world)},
    "/tenants/{tenant_id}/tokens/{token_id}":
        lambda world: {**tenant(world), **token(world, tenants=[world.tenant])},
    "/tenants/{tenant_id}": tenant, "/auth/memberships/{tenant_id}": invitation, "/users/{user_id}": user,
    "/tokens/{token_id}": token, "/events/{event_id}": event,
    "/blobs/{bucket}/{key}": stored_blob, "/blobs/{bucket}/{key...}": stored_blob,
    "/blobs/{bucket}": lambda world: {"bucket": "nexus"}, "/problems/{code}": lambda world: {"code": "raw.not_found"},
}


# ---- bodies and queries: what the schema cannot know ----------------------------------------------------------------

def presigned_form(world):
    presigned = world.make("POST", "/nexus/raw/presign-upload", {"filename": "probe.txt"}, who="dev")
    return {**presigned["fields"], "file": SENTENCE.encode()}


def defined_kpi(world):
    return {"kpi_name": world.make("POST", "/kpi/definitions", {"name": world.name("kpi"), "aggregate": "sum"},
                                   "dev")["name"]}


SUBJECT = {"subject_type": "tool", "subject_id": "probe"}
SWITCH, LIFTED = {"kind": "action", "name": "probed"}, {"kind": "action", "name": "probed_before"}
BODIES = {
    "POST /blobs/{bucket}": presigned_form,
    "POST /nexus/raw/register": lambda world: {**raw_asset(world, register=False), "filename": "probe.txt"},
    "POST /nexus/atoms/create-from-raw":
        lambda world: {"raw_asset_id": raw_asset(world)["asset_id"], "op_type": "text_split"},
    "POST /nexus/cards": lambda world: CARD,
    "PUT /nexus/settings/surface": lambda world: "card_type: surface_settings\n---\n",
    "PUT /nexus/settings/apps/{name}": lambda world: "card_type: app_definition\nname: probed\n---\n",
    "PUT /nexus/settings/connectors/{name}": lambda world: "card_type: connector_config\nname: probed\n---\n",
    "POST /media-v2/assets": lambda world: {"source_uri": "https://example.org/film"},
    "POST /media-v2/assets/{asset_id}/artifacts": artifact_body,
    "POST /tickets": lambda world: {"route": "/sse/events"},
    "POST /tenants": lambda world: {"tenant_id": world.name("t"), "name": "Probed"},
    "POST /users": lambda world: {"user_id": world.name("u")},
    "POST /auth/memberships/{tenant_id}": lambda world: {"role": "viewer"},
    "POST /analytics/events/pageview": lambda world: {"surface": "site"},
    "POST /analytics/events/cta-click": lambda world: {"surface": "site"},
    "PUT /temperature/floors": lambda world: {"surface": "probed", "performance_floors": {"views": 1}},
    "PUT /temperature/ceilings": lambda world: {"surface": "probed", "ceilings": {"views": 1}},
    "PUT /temperature/weights": lambda world: {"surface": "probed", "weights": {"views": 1}},
    "PUT /temperature/config": lambda world: {"surface": "probed", "weights": {"views": 1}},
    "POST /temperature/snapshots": lambda world: {"surface": "probed"},
    "POST /gates/check": lambda world: {"action": "probed_act", "surface": "probed_acts", **SUBJECT},
    "POST /gates/explain": lambda world: {"action": "probed_act", "surface": "probed_acts", **SUBJECT},
    "PUT /kpi/corridors": lambda world: {**defined_kpi(world), "surface": "probed"},
    "POST /kpi/observations": lambda world: {**defined_kpi(world), "value": 1},
    "POST /kpi/definitions": lambda world: {"name": world.name("kpi"), "aggregate": "sum"},
    "PATCH /strategy-locks/{lock_id}": lambda world: {"title": "probed again"},
    "PATCH /nexus/raw/{asset_id}": lambda world: {"metadata": {"probed": True}},
    "PATCH /maybes/items/{item_id}": lambda world: {"pinned": True},
    "PATCH /tenants/{tenant_id}": lambda world: {"name": "Renamed"},
    "PUT /kill-switches": lambda world: {"entries": [SWITCH], "reason": "probe"},
    "PATCH /kill-switches": lambda world: {"block": [SWITCH], "allow": [LIFTED], "reason": "probe"},
    "POST /tenants/{tenant_id}/kill-switches":
        lambda world: {"envs": ["dev"], "block": [SWITCH], "allow": [LIFTED], "reason": "probe"},
    "POST /strategy-locks": lambda world: {"surface": "probed_locks", "scope": "other", "title": "probed",
                                           "allowed_actions": ["probed_action"]},
}
QUERIES = {
    "GET /nexus/atoms": lambda world: {"raw_asset_id": raw_asset(world)["asset_id"]},
    "GET /firearms/check": lambda world: {"action": "publish_sensitive", **SUBJECT},
    "GET /temperature/config": lambda world: {"surface": "probed"},
    "GET /temperature/current": lambda world: {"surface": "probed"},
    "GET /temperature/history": lambda world: {"surface": "probed"},
}
HEADERS = {"GET /ws/chat/{thread_id}": {
    "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="}}
SYSTEM = ("POST /tenants", "PATCH /tenants/{tenant_id}", "POST /users", "GET /users", "GET /users/{user_id}",
          "DELETE /users/{user_id}/tokens", "GET /metrics", "GET /doctor", "POST /backup")


def created(world, document, path):
    """The subject of a path /things/{thing_id}, made by POST /things with the least body; nothing for other paths."""
    match = re.match(r"(.*)/\{(\w+)\}", path)
    if not match:
        return {}
    collection, name = match.groups()
    operation = document.document["paths"][collection]["post"]
    made = world.send(prepared(world, document, "POST " + collection, operation))
    return {name: made.json[name]}


def prepared(world, document, key, operation, media=None):
    """The request of an operation that succeeds, its subjects made anew. `media`: of several, which."""
    method, path = key.split(" ", 1)
    subject = max((prefix for prefix in SUBJECTS if path == prefix or path.startswith(prefix + "/")), key=len,
                  default=None)
    values = SUBJECTS[subject](world) if subject else created(world, document, path)
    query = {**values.pop("?", {}), **(QUERIES[key](world) if key in QUERIES else {})}
    who = "system" if key in SYSTEM else "dev" if operation.get("security") != [] else "nobody"
    request = Request(method, path, values, query, dict(HEADERS.get(key, {})), who=who)
    contents = document.follow(operation.get("requestBody", {})).get("content", {})
    if not contents:
        return request
    media = media or next(iter(contents))
    body = BODIES[key](world) if key in BODIES else document_body(document, contents[media]["schema"])
    if media == "multipart/form-data" and key not in ("POST /blobs/{bucket}",):
        body = {"file": SENTENCE.encode()}
    return replace(request, body=body, media=media)


def document_body(document, schema):
    from schemas import minimal
    return minimal(document, schema)
