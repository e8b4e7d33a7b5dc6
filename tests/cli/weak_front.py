"""A proxy that takes one protection of a daemon away, for tests of `nexusctl readiness`: it drops, rewrites or adds
what the protection looks at. Prints where it listens; ends with its parent's signal, or after ten minutes.

  weak_front.py UPSTREAM MODE      MODE is a name of WEAK below; `none` changes nothing
  weak_front.py UPSTREAM SIGNAL PIDFILE   sends SIGINT or SIGKILL to that process in the midst of the item `gates`
"""
import http.client
import http.server
import json
import os
import signal
import sys
import threading
import urllib.parse

HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"}
tokens = {}  # of users, the first of each, as the daemon's answers to POST /tokens show them


class Message:
    """A request on its way, or the answer to it. Names of `head` are lower-case."""

    def __init__(self, start, head, body):
        self.start, self.head, self.body = start, head, body

    def json(self):
        try:
            return json.loads(self.body)
        except ValueError:
            return {}

    def set_json(self, value):
        self.body = json.dumps(value).encode()


def is_at(request, method, path):
    return request.start[0] == method and urllib.parse.urlsplit(request.start[1]).path.startswith(path)


def owner():
    return "Bearer " + tokens["u_readiness"]


def is_from_stranger(request):
    return request.head.get("authorization") == "Bearer " + tokens.get("u_readiness_stranger", "?")


def answered(status, value, **head):
    return Message(status, {"content-type": "application/json", **head}, json.dumps(value).encode())


# ---- what weakens a request: returns an answer in the daemon's place, or nothing -------------------------------------

def lets_in(method, path, when=lambda request: "authorization" not in request.head):
    """Whom the daemon would refuse gets the owner's token."""
    def weaken(request):
        if is_at(request, method, path) and "ticket=" not in request.start[1] and when(request):
            request.head["authorization"] = owner()
    return weaken


def rewrites(method, path, name, old, new):
    """The field `name` of the head, where it is `old` (None: where it is missing)."""
    def weaken(request):
        if is_at(request, method, path) and request.head.get(name) == old:
            request.head[name] = new
    return weaken


def drops(method, path, name, beside=None):
    def weaken(request):
        if is_at(request, method, path) and (beside is None or beside in request.head):
            request.head.pop(name, None)
    return weaken


def swallows(method, path, part, status=200, value=None):
    """What holds `part` is answered and never reaches the daemon."""
    def weaken(request):
        if is_at(request, method, path) and part in request.body:
            return answered(status, {} if value is None else value)
    return weaken


def opens(path, status=200):
    """Answers who brings no token."""
    def weaken(request):
        if is_at(request, "GET", path) and "authorization" not in request.head:
            return answered(status, {"items": []})
    return weaken


def forgets_the_key(request):
    if is_at(request, "POST", "/nexus/raw/"):
        value = request.json()
        value.pop("key", None)
        request.set_json(value)


def knows_t_unknown(request):
    if request.head.get("x-tenant-id") == "t_unknown":
        request.head["x-tenant-id"] = "t_readiness"


def knows_t_unknown_in_paths(request):
    request.start = (request.start[0], request.start[1].replace("/tenants/t_unknown", "/tenants/t_readiness"))


# ---- what weakens an answer ------------------------------------------------------------------------------------------

def moves(path, old, new):
    """Keys to another place; the uri with them."""
    def weaken(request, answer):
        if is_at(request, "POST", path):
            answer.body = answer.body.replace(old, new)
    return weaken


def forgives(path, code):
    """What was refused for `code` seems done."""
    def weaken(request, answer):
        if is_at(request, request.start[0], path) and answer.json().get("code") == code:
            answer.start = 200
            answer.set_json({"items": []})
    return weaken


def drops_the_receipt(request, answer):
    if is_at(request, "POST", "/maybes/items") and answer.start == 201:
        del answer.head["nexus-audit-seq"], answer.head["nexus-audit-hash"]


def drops_receipts_of_refusals(request, answer):
    if is_at(request, "POST", "/maybes/items") and answer.start == 403:
        answer.head.pop("nexus-audit-seq", None)
        answer.head.pop("nexus-audit-hash", None)


def names_another_actor(request, answer):
    row = answer.json()
    if is_at(request, "GET", "/audit/") and row.get("body", {}).get("result") == "PASS":
        row["body"]["actor"]["id"] = "u_somebody_else"
        answer.set_json(row)


def changes_a_row(request, answer):
    if is_at(request, "GET", "/audit/export"):
        answer.body = answer.body.replace(b"maybes_create", b"maybes_delete", 1)


def cuts_the_export(request, answer):
    if is_at(request, "GET", "/audit/export") and answer.start == 200:
        answer.body = b"".join(answer.body.splitlines(True)[:-1])


def loses_the_last_change(request, answer):
    if is_at(request, "GET", "/audit/export") and answer.start == 200:
        lines = answer.body.splitlines(True)
        rows = [line for line in lines if line.startswith(b'{"seq"')]
        newest = max(i for i, row in enumerate(rows) if b"maybes_create" in row)
        head = json.loads(rows[newest - 1])["hash"]
        end = b'{"end":true,"rows":%d,"head":"%s"}\n' % (newest, head.encode())
        answer.body = b"".join(lines[:lines.index(rows[newest])]) + end


def explains_backwards(request, answer):
    if is_at(request, "POST", "/gates/explain") and answer.start == 200:
        value = answer.json()
        value["decision"]["gates"].reverse()
        answer.set_json(value)


def names_no_route(request, answer):
    if is_at(request, "GET", "/openapi.json"):
        answer.set_json({"paths": {}})


def calls_all_routes_open(request, answer):
    if is_at(request, "GET", "/openapi.json"):
        value = answer.json()
        for operations in value["paths"].values():
            for operation in operations.values():
                operation["x-nexus-access"] = "open"
        answer.set_json(value)


def keep(request):
    return None


WEAK = {
    "none": (keep, None),
    "sse_takes_no_token": (lets_in("GET", "/sse/events"), None),
    "sse_takes_strangers": (lets_in("GET", "/sse/chat/", is_from_stranger), None),
    "ws_takes_no_token": (opens("/ws/chat/"), None),
    "forged_ticket": (keep, forgives("/sse/audit", "auth.invalid_ticket")),
    "route_takes_no_token": (lets_in("GET", "/nexus/cards"), None),
    "mutation_takes_no_token": (lets_in("POST", "/nexus/raw/register"), None),
    "route_takes_strangers": (lets_in("GET", "/nexus/runs", is_from_stranger), None),
    "env_is_taken_for_dev": (rewrites("GET", "/nexus/cards", "x-env", "staging", "dev"), None),
    "env_has_a_default": (rewrites("GET", "/maybes/items", "x-env", None, "dev"), None),
    "presign_key_lacks_prefix": (keep, moves("/nexus/raw/presign-upload", b"tenants/t_readiness/dev/raw/", b"raw/")),
    "register_key_moves": (keep, moves("/nexus/raw/register", b"tenants/t_readiness/dev/", b"tenants/t_b/dev/")),
    "named_key_is_passed_over": (forgets_the_key, None),
    "form_takes_any_key": (swallows("POST", "/blobs/", b"tenants/t_system/", 204), None),
    "media_key_lacks_prefix": (keep, moves("/media-v2/assets", b"tenants/t_readiness/dev/", b"")),
    "canvas_key_lacks_prefix": (keep, moves("/canvas/", b"tenants/t_readiness/dev/", b"tenants/t_readiness/")),
    "artifact_of_others": (swallows("POST", "/media-v2/assets/", b"tenants/t_system/", 201), None),
    "prod_presigns_locally": (rewrites("POST", "/nexus/raw/presign-upload", "x-env", "prod", "dev"), None),
    "prod_keeps_media_locally": (rewrites("POST", "/media-v2/assets", "x-env", "prod", "dev"), None),
    "prod_keeps_canvases_locally": (rewrites("POST", "/canvas/", "x-env", "prod", "dev"), None),
    "no_receipt": (keep, drops_the_receipt),
    "another_actor": (keep, names_another_actor),
    "no_trace": (drops("POST", "/maybes/items", "traceparent"), None),
    "no_request_id": (drops("POST", "/maybes/items", "x-request-id", "traceparent"), None),
    "changed_row": (keep, changes_a_row),
    "cut_export": (keep, cuts_the_export),
    "lost_row": (keep, loses_the_last_change),
    "switch_does_nothing": (swallows("PUT", "/kill-switches", b"maybes_create"), None),
    "floor_does_nothing": (swallows("PUT", "/temperature/floors", b'"readiness"'), None),
    "gates_in_disorder": (keep, explains_backwards),
    "refusal_without_row": (keep, drops_receipts_of_refusals),
    "temperature_is_open": (opens("/temperature/config"), None),
    "viewer_sets_temperature": (keep, forgives("/temperature/floors", "auth.insufficient_role")),
    "chat_is_open": (opens("/chat/threads"), None),
    "chat_takes_strangers": (lets_in("GET", "/chat/threads", is_from_stranger), None),
    "t_unknown_is_a_tenant": (knows_t_unknown, None),
    "t_unknown_in_paths": (knows_t_unknown_in_paths, None),
    "table_names_nothing": (keep, names_no_route),
    "table_calls_all_open": (keep, calls_all_routes_open),
}


def interrupts(number, pid_file):
    def weaken(request):
        if is_at(request, "POST", "/gates/explain") and b"maybes_create" in request.body:
            with open(pid_file, encoding="ascii") as file:
                os.kill(int(file.read()), number)
    return weaken


class Front(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65536  # head and body leave together: a client's delayed acknowledgement would hold the body up

    def serve(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        request = Message((self.command, self.path), {k.lower(): v for k, v in self.headers.items()}, body)
        answer = ON_REQUEST(request)
        if answer is not None:
            return self.answer(answer)
        head = {k: v for k, v in request.head.items() if k not in HOP or k == "connection" and "upgrade" in v.lower()}
        server = http.client.HTTPConnection(UPSTREAM.hostname, UPSTREAM.port, timeout=30)
        server.request(request.start[0], request.start[1], request.body or None, head)
        reply = server.getresponse()
        head = {k.lower(): v for k, v in reply.getheaders() if k.lower() not in HOP}
        if head.get("content-type", "").startswith("text/event-stream"):
            self.stream(reply, head)
        else:
            answer = Message(reply.status, head, reply.read())
            self.note_token(request, answer)
            if ON_ANSWER is not None:
                ON_ANSWER(request, answer)
            self.answer(answer)
        server.close()

    def note_token(self, request, answer):
        if request.start == ("POST", "/tokens") and answer.start == 201:
            tokens.setdefault(request.json()["user_id"], answer.json()["token"])

    def answer(self, answer):
        self.send_response_only(answer.start)
        for name, value in answer.head.items():
            self.send_header(name, value)
        if answer.start != 204:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if answer.start != 204:
            self.wfile.write(answer.body)

    def stream(self, reply, head):
        """The first piece is enough: nobody here reads on."""
        self.close_connection = True
        self.send_response_only(reply.status)
        for name, value in head.items():
            self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(reply.read1(65536))

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = serve

    def log_message(self, *args):
        pass


UPSTREAM = urllib.parse.urlsplit(sys.argv[1])
if sys.argv[2].startswith("SIG"):
    ON_REQUEST, ON_ANSWER = interrupts(getattr(signal, sys.argv[2]), sys.argv[3]), None
else:
    ON_REQUEST, ON_ANSWER = WEAK[sys.argv[2]]
threading.Timer(600, lambda: os._exit(0)).start()
front = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Front)
print(f"http://127.0.0.1:{front.server_port}", flush=True)
front.serve_forever()
