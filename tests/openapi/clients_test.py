"""Clients that others' tools make from the API's document compile under the strictest settings and do the main job
against a running daemon: presign, upload, register, list, read back, a card. What comes back is what was sent, byte
for byte. The programs that use the clients stand in clients/."""
import base64
import hashlib
import json
import os
import shutil
import tempfile
import unittest

import tools

# Bytes of every kind, line ends and what looks like a boundary among them.
CONTENT = bytes(range(256)) * 40 + b"\r\n--boundary--\r\n\0\xff"
CARD = "card_type: note\ntitle: Grüße \u65e5\u672c \U0001f600\n---\nfirst line\n\n  second, with \"quotes\"\n"
# Bodies of text have no function in a Python client, and an answer of NDJSON no type; everything else has.
PYTHON_LACKS = ("GET /audit/export", "POST /backup", "POST /nexus/cards", "PUT /nexus/settings/apps/{name}",
                "PUT /nexus/settings/connectors/{name}", "PUT /nexus/settings/surface")
# A field with a default may be left out of a request; openapi-typescript's own standard is that it may not.
TYPESCRIPT_OPTIONS = ("--default-non-nullable", "false")
# openapi-generator imports the model of a form that stands beside a JSON body, and leaves it out by its own standard.
GENERATOR_PROPERTIES = "skipFormModel=false"
GENERATOR_OPTIONS = "supportsES6=true,importFileExtension=.js"


class Clients(tools.WithDocument):
    def setUp(self):
        self.work = tempfile.mkdtemp(dir=self.directory)

    def run_program(self, *command):
        """Calls the program with a file and a card, and holds what it prints against them."""
        path = os.path.join(self.work, "every byte.bin")
        with open(path, "wb") as file:
            file.write(CONTENT)
        said = tools.run([*command, path, CARD], self.work, NEXUS_ADDR=self.nexusd.address,
                         NEXUS_TOKEN=self.nexusd.token, NEXUS_TENANT="t_dev", NEXUS_ENV="dev")
        told = json.loads(said.splitlines()[-1])
        self.assertEqual(base64.b64decode(told["content"]), CONTENT)
        self.assertEqual(told["sha256"], hashlib.sha256(CONTENT).hexdigest())
        self.assertEqual((told["size_bytes"], told["content_type"], told["status"]),
                         (len(CONTENT), "text/x-probe", "registered"))
        self.assertEqual(told["card"], CARD)
        self.assertIn(told["asset_id"], told["listed"])
        ours = self.nexusd.call("GET", "/nexus/raw/" + told["asset_id"])  # the daemon says so without the client too
        self.assertEqual((ours.status, ours.json["sha256"]), (200, told["sha256"]))

    def copied(self, *names):
        for name in names:
            shutil.copy(os.path.join(tools.CLIENTS, name), self.work)

    def test_openapi_python_client(self):
        bin_dir = tools.python_tools()
        with open(os.path.join(self.work, "settings.yml"), "w", encoding="utf-8") as file:
            file.write("package_name_override: nexus_client\nproject_name_override: nexus_client\n")
        said = tools.run([os.path.join(bin_dir, "openapi-python-client"), "generate", "--path", self.document, "--meta",
                          "none", "--output-path", "nexus_client", "--config", "settings.yml"], self.work,
                         PATH=bin_dir + os.pathsep + os.environ["PATH"])
        warned = [line.split(" within ")[0].removeprefix("WARNING parsing ") for line in said.splitlines()
                  if "WARNING" in line or "ERROR" in line]
        self.assertEqual(sorted(warned), sorted(PYTHON_LACKS), said[-4000:])
        self.copied("main_job.py", "mypy.ini")
        tools.run([os.path.join(bin_dir, "mypy"), "--strict", "--no-error-summary", "main_job.py"], self.work)
        self.run_program(os.path.join(bin_dir, "python"), "main_job.py")

    def compile(self, program):
        self.copied(program, "tsconfig.json", "package.json")
        os.symlink(tools.node_tools(), os.path.join(self.work, "node_modules"))
        tools.run([os.path.join(tools.node_tools(), ".bin/tsc"), "--project", "tsconfig.json"], self.work)

    def test_openapi_typescript_and_openapi_fetch(self):
        types = os.path.join(self.work, "schema.d.ts")
        tools.run([os.path.join(tools.node_tools(), ".bin/openapi-typescript"), self.document, "--output", types,
                   *TYPESCRIPT_OPTIONS], self.work)
        self.compile("main_job_fetch.ts")
        self.run_program("node", "out/main_job_fetch.js")

    def test_openapi_generator_typescript_fetch(self):
        if not shutil.which("java"):
            self.skipTest("no java here: apt-get install default-jre-headless maven")
        said = tools.run(["java", "-jar", tools.generator_jar(), "generate", "-g", "typescript-fetch", "-i",
                          self.document, "-o", "client", "--global-property", GENERATOR_PROPERTIES,
                          "--additional-properties", GENERATOR_OPTIONS], self.work)
        self.assertNotIn("ERROR", said)
        self.compile("main_job_generator.ts")
        self.run_program("node", "out/main_job_generator.js")


if __name__ == "__main__":
    unittest.main()
