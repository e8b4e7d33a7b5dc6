"""The forms of multipart_cases.py, sent to every route that takes a form with a file: what clients send is taken, and
comes back byte for byte; what is no form is refused, and leaves nothing."""
import hashlib
import os
import unittest
import urllib.parse

import nexus
from multipart_cases import CONTENT, NO_NAME, REFUSED, TAKEN


class Multipart(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.nexusd = nexus.Nexusd()
        cls.addClassCleanup(cls.nexusd.stop)
        cls.canvas = cls.nexusd.call("POST", "/canvas", {}).json["canvas_id"]

    def files(self):
        """Files of content under the daemon's blobs, finished or not."""
        return {os.path.join(directory, name) for directory, _, names in
                os.walk(os.path.join(self.nexusd.data_dir, "blobs")) for name in names if not name.startswith(".meta.")}

    def downloaded(self, path):
        link = self.nexusd.call("GET", path).headers["location"]
        parts = urllib.parse.urlsplit(link)
        return nexus.call("GET", f"{self.nexusd.address}{parts.path}?{parts.query}").body

    def send(self, path, case, fields):
        return self.nexusd.call("POST", path, case.body(fields), {"Content-Type": case.type} if case.type else {})

    # ---- the three routes: the answer to a case; when it is taken, what was kept is looked at ---------------------

    def presigned(self, case):
        asset = self.nexusd.presign("a.txt")
        fields = list(asset["fields"].items())
        answer = nexus.call("POST", asset["url"], case.body(fields), {"Content-Type": case.type} if case.type else {})
        if answer.status < 400:
            self.assertEqual(answer.status, 204)
            made = self.nexusd.register(asset)
            self.assertEqual((made.status, made.json["sha256"]), (201, hashlib.sha256(CONTENT).hexdigest()))
            self.assertEqual(self.downloaded(f"/nexus/raw/{asset['asset_id']}/download"), CONTENT)
        return answer

    def media(self, case):
        answer = self.send("/media-v2/assets", case, [("tags", "one,two"), ("source_ref", "shoot7")])
        if answer.status < 400:
            self.assertEqual((answer.json["tags"][:2], answer.json["source_ref"]), (["one", "two"], "shoot7"))
            self.assert_kept(answer.json, case, f"/media-v2/assets/{answer.json['asset_id']}")
        return answer

    def artifact(self, case):
        answer = self.send(f"/canvas/{self.canvas}/artifacts", case, [])
        if answer.status < 400:
            self.assert_kept(answer.json, case, f"/canvas/{self.canvas}/artifacts/{answer.json['artifact_id']}")
        return answer

    def assert_kept(self, made, case, path):
        self.assertEqual(made["key"].rpartition("/")[2], case.kept_as)
        self.assertEqual(made["sha256"], hashlib.sha256(CONTENT).hexdigest())
        self.assertEqual(self.nexusd.call("GET", path).json, made)
        self.assertEqual(self.downloaded(path + "/download"), CONTENT)

    # ---- tests ------------------------------------------------------------------------------------------------------

    def over_all(self, cases, judge):
        for case in cases:
            for route in (self.presigned, self.media, self.artifact):
                with self.subTest(case.name, route=route.__name__):
                    judge(case, route(case))
        print(f"counted: {len(cases)} forms, each to 3 routes")

    def test_every_case_has_a_name_of_its_own(self):
        names = [case.name for case in TAKEN + REFUSED]
        self.assertEqual(sorted(set(names)), sorted(names))

    def test_what_clients_send_is_taken(self):
        self.over_all(TAKEN, lambda case, answer: self.assertLess(answer.status, 300, answer.body))

    def test_fields_behind_the_file_are_read_where_nothing_is_signed(self):
        case = TAKEN[0]
        behind = type(case)("fields behind the file", after=lambda one: one.part(one.field.format("tags"), b"three"))
        for route, tags in ((self.presigned, None), (self.media, ["one", "two", "three"])):
            answer = route(behind)
            self.assertLess(answer.status, 300, answer.body)
            if tags:
                self.assertEqual(answer.json["tags"], tags)

    def test_a_file_without_a_name_is_taken_where_another_one_was_told(self):
        self.assertEqual(self.presigned(NO_NAME).status, 204)
        for route in (self.media, self.artifact):
            answer = route(NO_NAME)
            self.assertEqual((answer.status, [one["pointer"] for one in answer.json["errors"]]), (422, ["/file"]))

    def test_what_is_no_form_is_refused_and_leaves_nothing(self):
        before = self.files()

        def judge(case, answer):
            self.assertEqual((answer.status, answer.code), (415 if case.refused.startswith("request.") else 400,
                                                            case.refused), answer.body)
        self.over_all(REFUSED, judge)
        self.assertTrue(nexus.eventually(lambda: self.files() == before))


if __name__ == "__main__":
    unittest.main()
