"""Random data over all operations, made by schemathesis from the API's document: what the document allows is taken or
refused by a rule of business (business.py), what it refuses is refused, no answer is a failure of the daemon, and every
answer is as its schema says. The seed is fixed: two runs send the same. schemathesis makes the data and judges the
answers; the subjects of a path, and the few fields that name what must be there, are ours (world.py).
With NEXUS_TEST_LONG, ten times as many examples."""
import json
import os
import sys
import unittest

import tools

try:
    import hypothesis
    import schemathesis
except ImportError:
    try:
        python = os.path.join(tools.python_tools(), "python")
        os.execv(python, [python, *sys.argv])
    except unittest.SkipTest as reason:
        @unittest.skip(str(reason))
        class Properties(unittest.TestCase):
            """Told as skipped, with the reason."""

            def test_what_the_document_allows_is_taken(self):
                """Nothing is there to make the data."""
        unittest.main()
        raise

from hypothesis import HealthCheck, Phase, given, settings  # noqa: E402
from schemathesis import GenerationMode  # noqa: E402
from schemathesis.checks import not_a_server_error  # noqa: E402
from schemathesis.specs.openapi import checks  # noqa: E402

import business  # noqa: E402
import schemas  # noqa: E402
import world as worlds  # noqa: E402

EXAMPLES = 30 if os.environ.get("NEXUS_TEST_LONG") else 3
SHOWN = 60
# Of a stream the head is judged alone, by other tests; each query of an object's link is signed.
NOT_SENT = ("GET /sse/", "GET /ws/", "GET /blobs/", "HEAD /blobs/")


def examples(strategy):
    """The first cases of a strategy, the same in each run."""
    found = []

    @hypothesis.seed(20)
    @settings(max_examples=EXAMPLES, database=None, deadline=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))
    @given(strategy)
    def collect(case):
        found.append(case)

    collect()
    return found


class Properties(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = worlds.World()
        cls.addClassCleanup(cls.world.stop)
        cls.document = schemas.Document(cls.world.document)

    def over_all(self, document, mode, judge):
        """Sends the examples of every operation; fails with what `judge` says of the answers."""
        findings, sent = [], 0
        for result in schemathesis.openapi.from_dict(self.without_headers(document)).get_all_operations():
            if not hasattr(result, "ok"):
                self.fail(str(result.err()))
            operation = result.ok()
            key = f"{operation.method.upper()} {operation.path}"
            if key.startswith(NOT_SENT) or key in business.BODIES_NOT_PROBED:
                continue
            described = self.document.document["paths"][operation.path][operation.method]
            for case in self.cases(operation, mode):
                self.world.tenant = self.world.new_tenant()
                answer = self.send(key, described, case, mode)
                sent += 1
                said = self.conforms(case, answer) or judge(key, case, answer)
                findings += [f"{key} {case.query} {str(case.body)[:200]}: {answer.status_code} {said}"] if said else []
        self.assertGreater(sent, 100)
        if findings:
            self.fail(f"{len(findings)} of {sent}:\n" + "\n".join(findings[:SHOWN]))

    def without_headers(self, document):
        """Those that are sent are the world's; what they may hold is probed one by one elsewhere."""
        document = json.loads(json.dumps(document))
        for item in document["paths"].values():
            for operation in item.values():
                operation["parameters"] = [one for one in operation.get("parameters", [])
                                           if self.document.follow(one)["in"] != "header"]
        return document

    @staticmethod
    def cases(operation, mode):
        """Of queries and bodies: the path leads to what is there."""
        path = {parameter.name: "x" for parameter in operation.path_parameters}
        try:
            return examples(operation.as_strategy(generation_mode=mode, path_parameters=path))
        except (hypothesis.errors.Unsatisfiable, schemathesis.errors.SchemathesisError):
            return []  # nothing to spoil: an operation without body, query and header

    def send(self, key, described, case, mode):
        request = worlds.prepared(self.world, self.document, key, described, case.media_type)
        case.path_parameters = {name: str(value) for name, value in request.path_values.items()}
        if mode is GenerationMode.POSITIVE:
            case.query = {**(case.query or {}), **request.query} if case.query is not None or request.query else None
            if key in worlds.BODIES:
                case.body = {**case.body, **request.body} if isinstance(case.body, dict) else request.body
        return case.call(base_url=self.world.nexusd.address, allow_redirects=False,
                         headers=self.world.context(request.who, request.path))

    @staticmethod
    def conforms(case, answer):
        try:
            case.validate_response(answer, checks=[not_a_server_error, checks.response_schema_conformance,
                                                   checks.status_code_conformance])
        except BaseExceptionGroup as group:
            return "; ".join(str(one)[:300] for one in group.exceptions)
        return ""

    def test_what_the_document_allows_is_taken(self):
        def judge(key, _, answer):
            if answer.status_code < 400:
                return ""
            problem = answer.json()
            details = [f"{one['pointer']} {one['detail']}" for one in problem.get("errors", [])] or [problem["detail"]]
            return "" if business.excuses(key, problem["code"], details) else f"{problem['code']} {details}"

        self.over_all(self.world.document, GenerationMode.POSITIVE, judge)

    def test_what_the_document_refuses_is_refused(self):
        def judge(_, case, answer):
            try:
                case.validate_response(answer, checks=[checks.negative_data_rejection])
            except BaseExceptionGroup as group:
                return str(group.exceptions[0])[:300]
            return ""

        self.over_all(schemas.widened(self.world.document), GenerationMode.NEGATIVE, judge)


if __name__ == "__main__":
    unittest.main()
