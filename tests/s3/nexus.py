"""A nexusd of this build as a child of a test, who uploads to it, and plain HTTP: for the tests of tests/s3."""
import base64
import http.client
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from typing import NamedTuple

import turns

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.environ.get("NEXUS_BIN_DIR", os.path.join(ROOT, "build/release/bin"))
BOUNDARY = "----nexus-s3-test"
READY_WITHIN = 30.0  # seconds, on a loaded machine
SERVERS = []  # the one of database_options
DATABASES = itertools.count(1)


class Answer(NamedTuple):
    status: int
    headers: dict  # names in lower case
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        """The code of a problem document, or of S3's error document; empty for neither."""
        if self.body.startswith(b"{"):
            return self.json.get("code", "")
        return self.body.split(b"<Code>")[1].split(b"</Code>")[0].decode() if b"<Code>" in self.body else ""


def call(method, url, body=None, headers=None, timeout=60):
    """One request of its own connection; redirects are not followed. A server that answers before it has read the
    whole body, and closes, is heard all the same."""
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)
    target = parts.path + ("?" + parts.query if parts.query else "")
    try:
        try:
            connection.request(method, target or "/", body, headers or {})
        except (BrokenPipeError, ConnectionResetError):
            pass
        answer = connection.getresponse()
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
    finally:
        connection.close()


def form_body(fields, content, after=(), boundary=BOUNDARY):
    """multipart/form-data of name and value pairs, then the file (None: no file part), then what stands behind it."""
    def part(name, value, more=""):
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'
        return head.encode() + (value if isinstance(value, bytes) else value.encode()) + b"\r\n"

    parts = [part(name, value) for name, value in fields]
    if content is not None:
        parts.append(part("file", content, '; filename="ignored.bin"'))
    parts += [part(name, value) for name, value in after]
    return b"".join(parts) + f"--{boundary}--\r\n".encode()


def post_form(url, fields, content, after=()):
    pairs = fields.items() if isinstance(fields, dict) else fields
    return call("POST", url, form_body(pairs, content, after),
                {"Content-Type": "multipart/form-data; boundary=" + BOUNDARY})


def policy_of(form):
    """The policy's JSON of a form's fields, whatever the case of their names."""
    return json.loads(base64.b64decode({name.lower(): value for name, value in form.items()}["policy"]))


def eventually(holds, within=20.0):
    """Asks again until it holds; false when it did not in time."""
    deadline = time.monotonic() + within
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def is_on_postgres():
    return os.environ.get("NEXUS_TEST_STORE", "sqlite") == "postgres"


def daemons():
    """How many on each store: two with NEXUS_TEST_DAEMONS=2, which get the connections in turn."""
    return int(os.environ.get("NEXUS_TEST_DAEMONS", "1")) if is_on_postgres() else 1


def database_options():
    """Where the store of a new daemon is, beside its data directory: with NEXUS_TEST_STORE=postgres in a new database
    of a PostgreSQL that this process starts."""
    if not is_on_postgres():
        return []
    sys.path.append(os.path.join(ROOT, "tests/postgres"))
    import server
    if not SERVERS:
        SERVERS.append(server.Server(settings={"max_connections": "200"}))
    name = f"store_{next(DATABASES)}"
    SERVERS[0].run(f"CREATE DATABASE {name}", "postgres")
    return ["--database", SERVERS[0].url(name)]


def share(data_dir, other):
    """A directory for a second daemon on the same store: with the same keys, and the first one's own objects."""
    os.mkdir(other, 0o700)
    shutil.copytree(os.path.join(data_dir, "keys"), os.path.join(other, "keys"))
    if os.path.isdir(blobs := os.path.join(data_dir, "blobs")):
        os.symlink(blobs, os.path.join(other, "blobs"))
    return other


class Nexusd:
    """`nexusd --dev --ephemeral` on a port of its own; ready when constructed. `more`: variables beside
    those of the test, none of which are our own. With a second daemon, `address` is where both take turns."""

    _second = None

    def __init__(self, *arguments, more=None):
        where = database_options()
        self._start(["--ephemeral", *where, *arguments], more)
        if daemons() == 2:
            try:
                self._begin_turns([*where, *arguments], more)
            except Exception:
                self._end()
                raise

    def _begin_turns(self, arguments, more):
        self._directory = tempfile.TemporaryDirectory()
        data_dir = share(self.data_dir, os.path.join(self._directory.name, "data"))
        second = Nexusd.__new__(Nexusd)
        second._start(["--data-dir", data_dir, *arguments], more)
        self._second = second
        self._turns = turns.Turns([int(each.address.rsplit(":", 1)[1]) for each in (self, second)])
        self.address = f"http://127.0.0.1:{self._turns.port}"

    def _start(self, arguments, more):
        self.variables = {}
        self._log = tempfile.TemporaryFile()
        environment = {name: value for name, value in os.environ.items() if not name.startswith("NEXUS")}
        environment.update(more or {})
        self.process = subprocess.Popen(
            [os.path.join(BIN, "nexusd"), "--dev", "--port", "0", "--print-env", *arguments],
            stdout=subprocess.PIPE, stderr=self._log, stdin=subprocess.DEVNULL, env=environment, text=True)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            self._wait()
        except Exception:
            self._end()
            raise
        self.address, self.token = self.variables["NEXUS_ADDR"], self.variables["NEXUS_TOKEN"]
        self.data_dir = os.path.dirname(self.variables.get("NEXUS_ROOT_TOKEN_FILE", ""))  # of a second one: unknown

    def _read(self):
        for line in self.process.stdout:
            if line.startswith("export "):
                name, _, value = line[len("export "):].strip().partition("=")
                self.variables[name] = value.strip("'")

    def _wait(self):
        deadline = time.monotonic() + READY_WITHIN
        while "NEXUS_TOKEN" not in self.variables:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("nexusd did not start:\n" + self.log())
            time.sleep(0.02)

    def log(self):
        self._log.seek(0)
        own = self._log.read().decode(errors="replace")
        return own if self._second is None else own + self._second.log()

    def stop(self):
        """Its exit status; of two, that of the first that failed."""
        if self._second is None:
            return self._end()
        self._turns.stop()
        statuses = self._second._end(), self._end()
        self._directory.cleanup()
        return max(statuses, key=abs)

    def _end(self):
        self.process.terminate()
        try:
            return self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()
        finally:
            self._reader.join(5)
            self.process.stdout.close()
            self._log.close()

    def call(self, method, path, body=None, headers=None, timeout=60):
        """As u_dev in t_dev and dev; a dict is sent as JSON."""
        sent = {"Authorization": "Bearer " + self.token, "X-Tenant-Id": "t_dev", "X-Env": "dev", **(headers or {})}
        if isinstance(body, dict):
            body, sent["Content-Type"] = json.dumps(body), "application/json"
        return call(method, self.address + path, body, sent, timeout)

    def presign(self, filename, **wishes):
        answer = self.call("POST", "/nexus/raw/presign-upload", {"filename": filename, **wishes})
        if answer.status != 200:
            raise AssertionError(f"presign: {answer.status} {answer.body.decode()}")
        return answer.json

    def register(self, presigned, **more):
        return self.call("POST", "/nexus/raw/register",
                         {"asset_id": presigned["asset_id"], "filename": presigned["filename"], **more})
