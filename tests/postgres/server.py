"""A PostgreSQL for tests: a server of their own in a temporary directory, on a unix socket alone, and a database for
each test. Which one: the newest in /usr/lib/postgresql, from version 15 on. Where there is none, tests are skipped and
say so.

SQL is sent by psql, which comes with every server, to whichever Python runs the tests. Refused: psycopg2, which Debian
builds for Debian's own python3 alone; another Python, found first in PATH, does not see it."""
import atexit
import ctypes
import glob
import itertools
import json
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MIGRATIONS = os.path.join(ROOT, "migrations/postgres")
VERSION_MIN = 15
STEP_SECONDS = 120  # of a start, a stop, a script, on a loaded machine
LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1
USERS = ("postgres", "nobody")  # as one of whom it runs where the tests run as root, which postgres refuses


def programs():
    """The directory of the newest server's programs. Raises SkipTest where there is none."""
    found = [(int(hit.group(1)), path) for path in glob.glob("/usr/lib/postgresql/*/bin")
             if (hit := re.search(r"/(\d+)/bin$", path)) and os.access(os.path.join(path, "initdb"), os.X_OK)]
    if not found or max(found)[0] < VERSION_MIN:
        raise unittest.SkipTest(f"no PostgreSQL from version {VERSION_MIN} on: ./dev test installs it")
    return max(found)[1]


def unprivileged_user():
    """None where the tests' own user will do. Raises SkipTest where root finds nobody else."""
    if os.geteuid() != 0:
        return None
    for name in USERS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            pass
    raise unittest.SkipTest(f"root finds no user {' or '.join(USERS)} to run PostgreSQL as")


class SqlError(Exception):
    """What psql said of a script that failed."""


class Server:
    """A running server with one template, the schema of migrations/postgres. Ends with stop(), or with the process.
    `syncs`: whether a commit waits for the disk, for tests that kill it. `settings`: further ones, {name: value}."""

    def __init__(self, syncs=False, settings=None):
        self.programs, self.user = programs(), unprivileged_user()
        # A socket's path has at most 107 bytes, and TMPDIR may be long.
        self.directory = tempfile.mkdtemp(prefix="nexus-pg-", dir="/tmp")
        self.process, self.numbers = None, itertools.count(1)
        atexit.register(self.stop)
        if self.user:
            os.chown(self.directory, self.user.pw_uid, self.user.pw_gid)
        self.data = os.path.join(self.directory, "data")
        self.log = os.path.join(self.directory, "log")
        self.call("initdb", "-D", self.data, "-U", "nexus", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        self.settings = {"listen_addresses": "", "unix_socket_directories": self.directory, "max_connections": "50",
                         "fsync": "on" if syncs else "off", "full_page_writes": "on" if syncs else "off",
                         "autovacuum_naptime": "10s", **(settings or {})}
        self.start()
        self.run("CREATE DATABASE template_nexus", "postgres")
        self.migrate("template_nexus")

    def as_user(self):
        """In the child, before the program: root becomes the unprivileged user for good, and the program is told to end
        when the tests do, even by a signal."""
        if self.user:
            os.setgroups([])
            os.setgid(self.user.pw_gid)
            os.setuid(self.user.pw_uid)
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGINT)

    def command(self, name, *arguments):
        return [os.path.join(self.programs, name), *arguments]

    def call(self, name, *arguments):
        done = subprocess.run(self.command(name, *arguments), preexec_fn=self.as_user, cwd=self.directory, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=STEP_SECONDS, check=False)
        if done.returncode != 0:
            raise AssertionError(f"{name} ended with {done.returncode}:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")

    def start(self):
        """Returns once it answers. Raises AssertionError with its log where it ended."""
        options = [part for name, value in self.settings.items() for part in ("-c", f"{name}={value}")]
        with open(self.log, "ab") as log:
            # A child of ours, unlike one of pg_ctl's: it can be waited for, and its number is never another's.
            self.process = subprocess.Popen(self.command("postgres", "-D", self.data, *options), stdout=log, stderr=log,
                                            stdin=subprocess.DEVNULL, preexec_fn=self.as_user, cwd=self.directory)
        self.wait_until_ready()

    def wait_until_ready(self):
        for _ in range(STEP_SECONDS * 10):
            if self.process.poll() is not None:
                with open(self.log, encoding="utf-8", errors="replace") as log:
                    raise AssertionError("postgres ended: " + log.read()[-3000:])
            if subprocess.run(self.command("pg_isready", "-q", "-h", self.directory, "-t", "1"),
                              stdin=subprocess.DEVNULL, check=False).returncode == 0:
                return
            try:
                self.process.wait(0.1)
            except subprocess.TimeoutExpired:
                pass
        raise AssertionError(f"postgres did not answer within {STEP_SECONDS} s")

    def stop(self):
        """Ends the server, and whoever uses it, and removes its directory. May be called again."""
        atexit.unregister(self.stop)
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)  # a fast shutdown: its sessions end, and it writes a checkpoint
            try:
                self.process.wait(STEP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def url(self, database):
        return f"postgresql:///{database}?host={self.directory}&user=nexus"

    def run(self, script, database):
        """What psql prints of a script: a row a line, without names. Raises SqlError at its first error, and nothing
        of the script stays."""
        done = subprocess.run(self.command("psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", self.url(database)),
                              input=script, text=True, capture_output=True, timeout=STEP_SECONDS, check=False)
        if done.returncode != 0:
            raise SqlError(done.stderr.strip())
        return done.stdout

    def rows(self, query, database):
        """The rows of one query as a list of dictionaries, NULL as None."""
        text = self.run(f"SELECT coalesce(json_agg(row_to_json(r)), '[]') FROM ({query}) AS r", database)
        return json.loads(text)

    def migrate(self, database, since=0, before=10000):
        """Runs the migrations whose number is at least `since` and below `before`, in one transaction: all of them
        bring an empty database to the newest version."""
        scripts = ["BEGIN;"]
        for path in sorted(glob.glob(os.path.join(MIGRATIONS, "*.sql"))):
            if since <= int(os.path.basename(path)[:4]) < before:
                with open(path, encoding="utf-8") as file:
                    scripts.append(file.read())
        self.run("\n".join([*scripts, "COMMIT;"]), database)

    def new_database(self, template="template_nexus"):
        """The name of a fresh copy of the template. It goes with the server."""
        name = f"nexus_{next(self.numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}", "postgres")
        return name
