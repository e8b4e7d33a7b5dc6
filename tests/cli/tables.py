"""Holds what nexusctl shows on a terminal against the schemas of the API: every example of every command is run on a
terminal of 80 columns, against a server that answers each request with all that its schema allows. No cell may be
JSON, and no line wider than the terminal, but for a word or a command to copy.

  tables.py OPENAPI_FILE WIDTH   prints the number of commands that were looked at; each fault is a line on stderr
"""
import fcntl
import http.server
import json
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import threading

UUID = "01a22dd1-127d-729f-ab18-e429a3b24657"
SENTENCE = "It is a long story, and it goes on for a while, so that it cannot stand on one line of any terminal at all."
# What transfers files, follows a stream or prints a text is no table; what a schema makes is no chain to verify, no
# invitation or membership of the caller, no system token, and no metrics.
BEYOND = {"upload", "asset download", "atom download", "media upload", "media download", "canvas upload",
          "canvas download", "audit verify", "audit export", "audit tail", "audit key", "audit checkpoint", "chat tail",
          "chat join", "event tail", "runs watch", "login", "smoke", "wait", "context list", "context show",
          "context set", "context use", "context remove", "settings diff", "member accept", "member decline",
          "member leave", "completion", "init", "readiness", "top", "backup create", "backup verify"}
JSON_SIGNS = re.compile(r'[\[{]\s*["\[{]|":|\{\}|\[\]')


class Api:
    def __init__(self, document):
        self.document = document
        self.routes = []
        for path, operations in document["paths"].items():
            pattern = re.compile(re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(path)) + "$")
            for method, operation in operations.items():
                self.routes.append((path.count("{"), method.upper(), pattern, operation))
        self.routes.sort(key=lambda route: route[0])  # literal paths first

    def answer(self, method, path):
        if path == "/openapi.json":
            return 200, self.document
        for _, its_method, pattern, operation in self.routes:
            if its_method == method and pattern.match(path):
                return self.success(operation)
        return 404, {"code": "route.not_found", "detail": method + " " + path}

    def success(self, operation):
        for status in ("200", "201", "202"):
            content = operation["responses"].get(status, {}).get("content", {})
            for media, body in content.items():
                if "json" in media:
                    return int(status), self.example(body["schema"], "", 0)
        return 204, None

    def example(self, schema, name, depth):
        while "$ref" in schema:
            schema = self.document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        for key in ("oneOf", "anyOf", "allOf"):
            if key in schema:
                return self.example(next(s for s in schema[key] if s.get("type") != "null"), name, depth)
        if "enum" in schema:
            return next(value for value in schema["enum"] if value is not None)
        if "const" in schema:
            return schema["const"]
        kind = schema.get("type", "object")
        if isinstance(kind, list):
            kind = next(k for k in kind if k != "null")
        if kind == "object":
            return self.object_of(schema, depth)
        if kind == "array":
            return [self.example(schema.get("items", {}), name, depth + 1) for _ in range(2)]
        return {"integer": 1234, "number": 0.123456789, "boolean": True}.get(kind) or self.text_of(schema, name)

    def object_of(self, schema, depth):
        out = {key: self.example(inner, key, depth + 1) for key, inner in schema.get("properties", {}).items()}
        if "next_cursor" in out:
            out["next_cursor"] = None
        more = schema.get("additionalProperties", not out)
        if isinstance(more, dict):
            out["some_name"] = self.example(more, "some_name", depth + 1)
        elif more and depth < 8:
            out["some_name"] = {"deep": [1, {"a": "b", "c": ["d"]}], "e": {}, "f": []}
        return out

    @staticmethod
    def text_of(schema, name):
        if schema.get("format") == "date-time" or name.endswith("_at"):
            return "2026-11-30T18:56:46.205Z"
        if name in ("sha256", "hash", "prev_hash", "details_sha256"):
            return "42" * 32
        if name in ("text", "content", "detail", "description", "title", "excerpt", "snippet", "question", "context",
                    "body_text", "full_text", "reason", "why"):
            return SENTENCE
        if name.endswith("id"):
            return UUID
        return "USD" if name == "currency" else "dev" if name == "env" else "a_word"


def serve(api):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_any(self):
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, body = api.answer(self.command, self.path.split("?")[0])
            text = b"" if body is None else json.dumps(body).encode()
            self.send_response(status)
            if text:
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
            self.send_header("Nexus-Audit-Seq", "7")
            self.send_header("Nexus-Audit-Hash", "42" * 32)
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_any

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def leaves(path=()):
    """The commands as --help lists them, each with its examples."""
    text = subprocess.run(["nexusctl", *path, "--help"], capture_output=True, text=True, check=True).stdout
    listed = re.search(r"^commands:\n(.*?)\n\n", text, re.S | re.M)
    if listed:
        for name in re.findall(r"^  ([a-z-]+) ", listed.group(1), re.M):
            yield from leaves((*path, name))
    else:
        examples = text.rsplit("\nexample:\n", 1)[1].split("\n\n")[0]
        yield " ".join(path), [line.strip() for line in examples.splitlines()]


def on_terminal(line, width, server):
    """What the line prints to a terminal of so many columns, and its status."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    environment = {**os.environ, "NEXUS_ADDR": server, "NEXUS_TOKEN": "x", "NEXUS_TENANT": "t_acme", "NEXUS_ENV": "dev",
                   "NEXUS_FORMAT": "table"}
    child = subprocess.Popen(["bash", "-c", line], stdin=subprocess.DEVNULL, stdout=slave, stderr=subprocess.PIPE,
                             env=environment)
    os.close(slave)
    out = b""
    while True:
        readable, _, _ = select.select([master], [], [], 20)
        if not readable:
            child.kill()
            return child.wait(), "", "it does not end"
        try:
            data = os.read(master, 65536)
        except OSError:
            break
        if not data:
            break
        out += data
    errors = child.stderr.read().decode()
    os.close(master)
    return child.wait(), out.decode().replace("\r\n", "\n"), errors


def faults_of(shown, width):
    for line in shown.splitlines():
        if JSON_SIGNS.search(line):
            yield "is JSON: " + line
        to_copy = len(line.split()) <= 2 or line.lstrip().startswith("try: ") or "nexusctl " in line
        if len(line) > width and not to_copy:
            yield f"has {len(line)} columns: {line}"


def main(openapi, width):
    with open(openapi, encoding="utf-8") as file:
        server = serve(Api(json.load(file)))
    looked_at, faults = 0, 0
    for path, examples in leaves():
        if path in BEYOND:
            continue
        for line in (example for example in examples if " upload " not in example):
            plain = re.sub(r" -o \w+| --field \S+| --context \S+| --text| --print curl| > \S+", "", line)
            plain = plain.replace("USER_ID", UUID)  # one that is listed
            status, shown, errors = on_terminal(plain, width, server)
            found = list(faults_of(shown, width))
            if status not in (0, 1) or not shown.strip():
                found.append(f"ends with {status}, printed {shown!r}: {errors}")
            for fault in found:
                print(f"{line}: {fault}", file=sys.stderr)
            looked_at, faults = looked_at + 1, faults + len(found)
    print(looked_at)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
