"""The API's document is one that others' validators take: openapi-spec-validator, which holds it against the
specification, and redocly, which also holds it against good manners. Both without one error; a warning is one too,
unless it is named here with its reason."""
import json
import os
import unittest

import tools

WARNINGS = {
    "operation-2xx-response": "a download answers 302, and a WebSocket 101: that is their success",
    "no-unused-components #/components/schemas/StreamEvent": "streams refer to it by x-nexus-item-schema",
}


def named(problem):
    """The name in WARNINGS: of the rule alone, or of the rule and the place."""
    rule = problem["ruleId"]
    return rule if rule in WARNINGS else f"{rule} {problem['location'][0].get('pointer', '')}"


class Validators(tools.WithDocument):
    def test_openapi_spec_validator_finds_no_error(self):
        said = tools.run([os.path.join(tools.python_tools(), "openapi-spec-validator"), "--errors", "all",
                          self.document], self.directory)
        self.assertIn("OK", said)

    def test_openapi_spec_validator_finds_a_planted_error(self):
        self.parsed["paths"]["/livez"]["get"]["responses"] = []
        self.refused(tools.python_tools(), "openapi-spec-validator")

    def test_redocly_finds_no_error_and_no_warning_but_those_named(self):
        said = tools.run([os.path.join(tools.node_tools(), ".bin/redocly"), "lint", "--format", "json",
                          "--max-problems", "1000", self.document], self.directory)
        problems = json.loads(said[said.index("{"):said.rindex("}") + 1])["problems"]
        found = [f"{one['severity']} {named(one)}: {one['message']}"
                 for one in problems if one["severity"] == "error" or named(one) not in WARNINGS]
        self.assertFalse(found, "\n".join(found))
        self.assertEqual({named(one) for one in problems}, set(WARNINGS), "a named warning is not given any more")

    def test_redocly_finds_a_planted_error(self):
        self.parsed["paths"]["/livez/{nothing}"] = self.parsed["paths"]["/livez"]
        self.refused(os.path.join(tools.node_tools(), ".bin"), "redocly", "lint")

    def refused(self, directory, *command):
        spoilt = os.path.join(self.directory, "spoilt.json")
        with open(spoilt, "w", encoding="utf-8") as file:
            json.dump(self.parsed, file)
        with self.assertRaises(AssertionError):
            tools.run([os.path.join(directory, command[0]), *command[1:], spoilt], self.directory)


if __name__ == "__main__":
    unittest.main()
