"""Traces: `traceresponse` on every answer, and with --otlp-endpoint the spans of requests, of their units of the writer
and of their calls to S3, as a collector of the test's own receives them. A collector that hangs or refuses slows no
request, and what is dropped is counted."""
import http.client
import http.server
import json
import os
import re
import sys
import tempfile
import threading
import time
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(ROOT, "tests/support"), os.path.join(ROOT, "tests/s3")]
import nexus  # noqa: E402

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SERVER, CLIENT, INTERNAL = 2, 3, 1


class Collector:
    """Keeps what is posted to /v1/traces. `status`: its answer; while `open` is clear it does not answer at all. To
    everything else it is an S3 server without objects."""

    def __init__(self, status=200):
        self.status, self.bodies, self.heads = status, [], []
        self.open, self.came = threading.Event(), threading.Event()
        self.open.set()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status = 404
                if (self.command, self.path) == ("POST", "/v1/traces"):
                    outer.heads.append({name.lower(): value for name, value in self.headers.items()})
                    outer.bodies.append(body.decode())
                    outer.came.set()
                    outer.open.wait(60)
                    status = outer.status
                self.send_response(status)
                self.send_header("Content-Length", "2")
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(b"{}")

            do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = answer

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self):
        self.open.set()
        self._server.shutdown()
        self._server.server_close()

    def spans(self):
        return [span for body in self.bodies for resource in json.loads(body)["resourceSpans"]
                for scope in resource["scopeSpans"] for span in scope["spans"]]


def attributes(span):
    return {each["key"]: next(iter(each["value"].values())) for each in span["attributes"]}


def parts(answer):
    """Trace id, span id and flags of the answer's traceresponse."""
    return re.fullmatch(r"00-([0-9a-f]{32})-([0-9a-f]{16})-(0[01])", answer.headers["traceresponse"]).groups()


def metric(daemon, name):
    page = daemon.call("GET", "/metrics").body.decode()
    return float(re.search(rf"^{re.escape(name)} (\S+)$", page, re.M).group(1))


def traced(flags="01", trace=TRACE):
    return {"traceparent": f"00-{trace}-{PARENT}-{flags}"}


class WithoutCollector(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.nexusd = nexus.Nexusd()
        cls.addClassCleanup(cls.nexusd.stop)

    def test_every_answer_names_its_trace_and_a_span_of_its_own(self):
        for path in ("/livez", "/nexus/cards", "/nexus/cards/none", "/no/such/route"):
            one, other = (self.nexusd.call("GET", path, headers=traced()) for _ in range(2))
            self.assertEqual(parts(one)[0], TRACE, path)
            self.assertNotIn(parts(one)[1], (parts(other)[1], PARENT), path)
            self.assertEqual(parts(one)[2], "00", "nobody records it")

    def test_without_a_trace_the_request_id_is_the_trace_where_it_can_be(self):
        answer = self.nexusd.call("GET", "/livez")
        self.assertEqual(parts(answer)[0], answer.headers["x-request-id"].replace("-", ""))
        chosen = self.nexusd.call("GET", "/livez", headers={"X-Request-Id": "mine"})
        self.assertNotEqual(parts(chosen)[0], parts(answer)[0])
        zeros = "00000000-0000-0000-0000-000000000000"
        self.assertNotEqual(parts(self.nexusd.call("GET", "/livez", headers={"X-Request-Id": zeros}))[0], "0" * 32)

    def test_a_head_that_is_refused_unread_has_one_too(self):
        answer = nexus.call("GET", self.nexusd.address + "/livez", headers={"Transfer-Encoding": "what"})
        self.assertGreaterEqual(answer.status, 400)
        self.assertEqual(parts(answer)[2], "00")

    def test_pages_of_allowed_origins_may_read_it(self):
        daemon = nexus.Nexusd("--cors-origin", "https://app.example")
        self.addCleanup(daemon.stop)
        answer = daemon.call("GET", "/livez", headers={"Origin": "https://app.example"})
        self.assertIn("traceresponse", answer.headers["access-control-expose-headers"])

    def test_the_document_declares_it_beside_the_request_id(self):
        document = self.nexusd.call("GET", "/openapi.json").json
        responses = [response for path in document["paths"].values() for operation in path.values()
                     for response in operation.get("responses", {}).values()]
        declared = 0
        for response in responses:
            if "$ref" in response:
                response = document["components"]["responses"][response["$ref"].rsplit("/", 1)[1]]
            headers = response.get("headers", {})
            self.assertEqual("traceresponse" in headers, "X-Request-Id" in headers, response)
            declared += "traceresponse" in headers
        self.assertGreater(declared, 500)
        pattern = document["components"]["headers"]["traceresponse"]["schema"]["pattern"]
        self.assertRegex(self.nexusd.call("GET", "/livez").headers["traceresponse"], pattern)

    def test_the_page_of_metrics_says_nothing_of_spans(self):
        self.assertNotIn("nexus_otlp_", self.nexusd.call("GET", "/metrics").body.decode())


class WithCollector(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.collector = Collector()
        cls.addClassCleanup(cls.collector.stop)
        keys = tempfile.TemporaryDirectory()
        cls.addClassCleanup(keys.cleanup)
        files = [os.path.join(keys.name, name) for name in ("id", "secret")]
        for name in files:
            with open(name, "w", encoding="utf-8") as file:
                file.write("very-secret-s3-key\n")
            os.chmod(name, 0o600)
        cls.nexusd = nexus.Nexusd("--otlp-endpoint", cls.collector.address, "--blobs", "s3", "--s3-endpoint",
                                  cls.collector.address, "--s3-bucket", "bucketofours", "--s3-access-key-file",
                                  files[0], "--s3-secret-key-file", files[1])
        cls.addClassCleanup(cls.nexusd.stop)

    def arrived(self, trace, *names):
        """{name: span} of a trace, once those with these names are there."""
        def of_trace():
            return {span["name"]: span for span in self.collector.spans() if span["traceId"] == trace}

        self.assertTrue(nexus.eventually(lambda: set(names) <= set(of_trace())), f"{names} did not come")
        return of_trace()

    def test_a_request_is_a_span_of_its_client_s_trace(self):
        answer = self.nexusd.call("POST", "/nexus/cards", "card_type: note\n---\nhidden words\n",
                                  {"Content-Type": "text/plain", "X-Request-Id": "card-of-otlp", **traced()})
        trace, span_id, flags = parts(answer)
        self.assertEqual((trace, flags), (TRACE, "01"))
        request = self.arrived(TRACE, "POST /nexus/cards")["POST /nexus/cards"]
        self.assertEqual((request["spanId"], request["parentSpanId"], request["kind"]), (span_id, PARENT, SERVER))
        self.assertLessEqual(int(request["startTimeUnixNano"]), int(request["endTimeUnixNano"]))
        self.assertLess(abs(int(request["endTimeUnixNano"]) / 1e9 - time.time()), 120)
        told = attributes(request)
        self.assertEqual(told["http.request.method"], "POST")
        self.assertEqual(told["http.route"], "/nexus/cards")
        self.assertEqual(told["nexus.request_id"], "card-of-otlp")
        self.assertEqual((told["nexus.tenant"], told["nexus.env"], told["user.id"]), ("t_dev", "dev", "u_dev"))
        self.assertEqual(told["http.response.status_code"], str(answer.status))

    def test_a_unit_and_a_call_to_s3_are_children_of_their_request(self):
        trace = "5" * 32
        presigned = self.nexusd.presign("quarterly-figures.txt")
        answer = self.nexusd.call("POST", "/nexus/raw/register", {"asset_id": presigned["asset_id"],
                                                                   "filename": presigned["filename"]},
                                  traced(trace=trace))
        self.assertGreaterEqual(answer.status, 400)
        spans = self.arrived(trace, "POST /nexus/raw/register", "S3 HEAD")
        call, request = spans["S3 HEAD"], spans["POST /nexus/raw/register"]
        self.assertEqual((call["parentSpanId"], call["kind"]), (parts(answer)[1], CLIENT))
        self.assertEqual(attributes(call), {"http.request.method": "HEAD", "http.response.status_code": "404"})
        self.assertEqual(attributes(request)["nexus.code"], answer.code)
        trace = "6" * 32
        answer = self.nexusd.call("POST", "/maybes/items", {"title": "private", "body": ""}, traced(trace=trace))
        self.assertEqual(answer.status, 201)
        unit = self.arrived(trace, "POST /maybes/items", "writer unit")["writer unit"]
        self.assertEqual((unit["parentSpanId"], unit["kind"]), (parts(answer)[1], INTERNAL))

    def test_a_trace_that_its_client_does_not_sample_is_not_sent(self):
        unsampled, sampled = "7" * 32, "8" * 32
        answer = self.nexusd.call("GET", "/livez", headers=traced("00", unsampled))
        self.assertEqual(parts(answer)[2], "00")
        self.nexusd.call("GET", "/livez", headers=traced("01", sampled))
        self.arrived(sampled, "GET /livez")
        self.assertNotIn(unsampled, "".join(self.collector.bodies))

    def test_no_path_no_query_no_text_and_no_secret_is_sent(self):
        trace = "9" * 32
        self.nexusd.call("GET", "/nexus/cards/whose-card?colour=mauve", headers=traced(trace=trace))
        self.nexusd.call("POST", "/maybes/items", {"title": "nobody reads this", "body": "nor this"},
                         {"Cookie": "crumbs", **traced(trace=trace)})
        self.arrived(trace, "GET /nexus/cards/{card_id}", "POST /maybes/items")
        sent = "".join(self.collector.bodies) + json.dumps(self.collector.heads)
        for secret in ("whose-card", "mauve", "nobody reads", "nor this", "crumbs", self.nexusd.token,
                       "very-secret-s3-key", "bucketofours", "Bearer"):
            self.assertNotIn(secret, sent)

    def test_the_form_is_that_of_otlp(self):
        trace = "a" * 32
        self.nexusd.call("GET", "/livez", headers=traced(trace=trace))
        self.arrived(trace, "GET /livez")
        self.assertEqual({head["content-type"] for head in self.collector.heads}, {"application/json"})
        resource = json.loads(self.collector.bodies[0])["resourceSpans"][0]
        self.assertEqual(attributes(resource["resource"])["service.name"], "nexusd")
        instance = self.nexusd.call("GET", "/version").json["instance_id"]
        self.assertEqual(attributes(resource["resource"])["service.instance.id"], instance)
        self.assertEqual(resource["scopeSpans"][0]["scope"]["name"], "nexusd")


class CollectorInTrouble(unittest.TestCase):
    def daemon(self, address):
        daemon = nexus.Nexusd("--otlp-endpoint", address)
        self.addCleanup(daemon.stop)
        return daemon

    def collector(self, status=200):
        collector = Collector(status)
        self.addCleanup(collector.stop)
        return collector

    def dropped(self, daemon, reason):
        return metric(daemon, f'nexus_otlp_dropped_spans_total{{reason="{reason}"}}')

    def test_one_that_hangs_holds_up_nobody_and_what_has_no_room_is_counted(self):
        collector = self.collector()
        collector.open.clear()
        daemon = self.daemon(collector.address)
        daemon.call("GET", "/livez")
        self.assertTrue(collector.came.wait(20))  # it has a batch, and does not answer
        answered = 0
        connection = http.client.HTTPConnection(daemon.address.removeprefix("http://"), timeout=60)
        while self.dropped(daemon, "no_room") == 0:
            for _ in range(1000):
                connection.request("GET", "/livez")
                answer = connection.getresponse()
                answer.read()
                answered += answer.status == 200
            self.assertEqual(answered % 1000, 0)
            self.assertLess(answered, 100_000)
        connection.close()
        self.assertEqual(metric(daemon, "nexus_otlp_sent_spans_total"), 0)
        self.assertLessEqual(metric(daemon, "nexus_otlp_waiting_spans"), 4096)
        collector.open.set()
        self.assertTrue(nexus.eventually(lambda: metric(daemon, "nexus_otlp_sent_spans_total") > 0))

    def test_one_that_refuses_is_told_in_the_log_once_and_its_spans_are_counted(self):
        collector = self.collector(503)
        daemon = self.daemon(collector.address)
        self.assertEqual(daemon.call("GET", "/livez").status, 200)
        self.assertTrue(nexus.eventually(lambda: self.dropped(daemon, "not_taken") > 0))
        first = len(collector.bodies)
        self.assertTrue(nexus.eventually(lambda: daemon.call("GET", "/livez") and len(collector.bodies) > first))
        collector.status = 200
        self.assertTrue(nexus.eventually(lambda: metric(daemon, "nexus_otlp_sent_spans_total") > 0))
        self.assertIn(daemon.log().count("the collector does not take spans"), range(1, nexus.daemons() + 1))
        self.assertIn("status 503", daemon.log())
        self.assertTrue(nexus.eventually(lambda: "the collector takes spans again" in daemon.log()))

    def test_one_that_is_not_there_hinders_neither_requests_nor_the_end(self):
        daemon = self.daemon("http://127.0.0.1:9")
        self.assertEqual(daemon.call("GET", "/livez").status, 200)
        self.assertTrue(nexus.eventually(lambda: self.dropped(daemon, "not_taken") > 0))

    def test_what_waits_at_the_end_is_sent(self):
        collector = self.collector()
        daemon = nexus.Nexusd("--otlp-endpoint", collector.address)
        daemon.call("GET", "/livez", headers=traced(trace="b" * 32))
        self.assertEqual(daemon.stop(), 0)
        self.assertIn("b" * 32, "".join(collector.bodies))


if __name__ == "__main__":
    unittest.main()
