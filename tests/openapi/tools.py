"""The tools of others that read the API's document, each installed once into build/ in the versions that the pins
beside this file name: Python's (requirements.txt), npm's (clients/package-lock.json), and openapi-generator, whose jar
comes from Maven Central and must have the digest that stands here. What cannot be had raises SkipTest."""
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [os.path.join(ROOT, "tests/support"), os.path.join(ROOT, "tests/s3")]
import nexus  # noqa: E402
from installed import NPM, VENV, installed  # noqa: E402

CLIENTS = os.path.join(HERE, "clients")
GENERATOR = "openapi-generator-cli"
GENERATOR_VERSION = "7.14.0"
GENERATOR_SHA256 = "e03186835022ca02da4aa95e3967b6a3b6d44c2e5f7606e6d5c22466f519c757"
FETCH_JAR = ["mvn", "--quiet", "--batch-mode", "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy",
             f"-Dartifact=org.openapitools:{GENERATOR}:{GENERATOR_VERSION}", "-DoutputDirectory=.",
             "-Dmdep.useBaseVersion=true"]
STEP_SECONDS = 300  # of one step of a tool, on a loaded machine


def python_tools():
    """The directory of the venv's programs."""
    return os.path.join(installed("openapi-python", [os.path.join(HERE, "requirements.txt")], *VENV), "venv/bin")


def node_tools():
    """The directory of node_modules."""
    pins = [os.path.join(CLIENTS, name) for name in ("package.json", "package-lock.json")]
    return os.path.join(installed("openapi-node", pins, *NPM), "node_modules")


def generator_jar():
    pin = os.path.join(ROOT, "build/foreign", GENERATOR + ".pin")
    os.makedirs(os.path.dirname(pin), exist_ok=True)
    with open(pin, "w", encoding="utf-8") as file:
        file.write(f"{GENERATOR_VERSION} {GENERATOR_SHA256}\n")
    jar = os.path.join(installed(GENERATOR, [pin], FETCH_JAR), f"{GENERATOR}-{GENERATOR_VERSION}.jar")
    with open(jar, "rb") as file:
        if hashlib.sha256(file.read()).hexdigest() != GENERATOR_SHA256:
            raise AssertionError(f"{jar} is not the one whose digest is pinned: remove its directory")
    return jar


def run(command, cwd, **more):
    """Its output, of both streams. Fails the test with it where the command failed."""
    environment = {**os.environ, "NO_COLOR": "1", "REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true",
                   **more}
    done = subprocess.run(command, cwd=cwd, env=environment, text=True, timeout=STEP_SECONDS, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-6000:]}")
    return done.stdout


class WithDocument(unittest.TestCase):
    """Tests with a daemon of their own, whose document stands in the file `document`."""

    @classmethod
    def setUpClass(cls):
        cls.nexusd = nexus.Nexusd()
        cls.addClassCleanup(cls.nexusd.stop)
        directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(directory.cleanup)
        cls.directory, cls.document = directory.name, os.path.join(directory.name, "openapi.json")
        text = nexus.call("GET", cls.nexusd.address + "/openapi.json").body
        with open(cls.document, "wb") as file:
            file.write(text)
        cls.parsed = json.loads(text)


def install_all():
    """Ahead of the tests that need them; what cannot be had is told by those."""
    for install_one in (python_tools, node_tools, generator_jar):
        try:
            print(install_one())
        except unittest.SkipTest as reason:
            print(reason)


if __name__ == "__main__":
    install_all()
