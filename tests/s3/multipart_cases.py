"""Forms with a file as clients write them, and forms that are none: what each looks like, and what becomes of it. The
table only says what; multipart_test.py sends it to every route that takes a form. The clients' forms are written after
what they send; names say whose they are."""
from dataclasses import dataclass
from typing import Callable

CONTENT = b"line\r\n--not it\r\n--\r\n\r\nend\r"  # nearly boundaries
BAD, NO_FORM = "blob.form_invalid", "request.unsupported_media_type"


@dataclass
class Case:
    name: str
    refused: str = ""                        # the code; empty: taken
    boundary: str = "----nexus"
    content_type: str = "multipart/form-data; boundary={}"
    field: str = 'Content-Disposition: form-data; name="{}"'                # the head of a field's part
    file: str = 'Content-Disposition: form-data; name="file"; filename="a.txt"\r\nContent-Type: text/plain'
    kept_as: str = "a.txt"                   # the file's name afterwards, where the form names it
    before: bytes = b""                      # the first boundary
    behind: bytes = b"\r\n"                  # the last boundary
    after: Callable = lambda case: b""       # parts behind the file
    change: Callable = lambda body, case: body  # the whole body

    @property
    def type(self):
        return self.content_type.format(self.boundary)

    def part(self, head, value):
        return f"--{self.boundary}\r\n{head}\r\n\r\n".encode() + value + b"\r\n"

    def body(self, fields):
        parts = [self.part(self.field.format(name), value.encode()) for name, value in fields]
        parts += [self.part(self.file, CONTENT), self.after(self)]
        whole = self.before + b"".join(parts) + f"--{self.boundary}--".encode() + self.behind
        return self.change(whole, self)


def swap(old, new, count=1):
    """The body with a text replaced, which must be there; {} is the boundary."""
    def change(body, case):
        sought = old.replace(b"{}", case.boundary.encode())
        if sought not in body:
            raise ValueError(f"{case.name}: no {sought}")
        return body.replace(sought, new.replace(b"{}", case.boundary.encode()), count)
    return change


def file(head, **more):
    return {"file": head, **more}


DISPOSED = 'Content-Disposition: form-data; name="file"; '
TAKEN = [
    # -- as clients write them -----------------------------------------------------------------------------------
    Case("curl", boundary="-" * 24 + "d74496d66958873e"),
    Case("Chrome and Safari", boundary="----WebKitFormBoundary7MA4YWxkTrZu0gW"),
    Case("Firefox", boundary="-" * 27 + "9051914041544843365972754266"),
    Case("Firefox since 2023", boundary="----geckoformboundary1d2b3a4c5d6e7f80"),
    Case("requests (Python)", boundary="d2f1c3e0a4b5968778695a4b3c2d1e0f", **file(DISPOSED + 'filename="a.txt"')),
    Case("aiohttp (Python)", boundary="5d1c7e9a", field='Content-Type: text/plain; charset=utf-8\r\n'
         'Content-Disposition: form-data; name="{}"',
         **file("Content-Type: text/plain\r\n" + DISPOSED + 'filename="a.txt"')),
    Case("email (Python), a message in MIME", boundary="===============5263727281034553829==",
         content_type='multipart/form-data; boundary="{}"', before=b"MIME-Version: 1.0\r\n\r\n",
         field='Content-Type: text/plain; charset="us-ascii"\r\nMIME-Version: 1.0\r\n'
         'Content-Transfer-Encoding: 7bit\r\nContent-Disposition: form-data; name="{}"'),
    Case("Go", boundary="4b6d9a5f0c0d" * 5,
         **file(DISPOSED + 'filename="a.txt"\r\nContent-Type: application/octet-stream')),
    Case("HttpClient of .NET", boundary="182e92b9-ebbb-4522-9205-a05c9e35191f",
         content_type='multipart/form-data; boundary="{}"',
         field="Content-Type: text/plain; charset=utf-8\r\nContent-Disposition: form-data; name={}",
         **file("Content-Disposition: form-data; name=file; filename=a.txt; filename*=utf-8''a.txt")),
    Case("HttpClient of Apache", boundary="QGdPb5xvdaBqXpVPQAKgpXFhqMuYcZDuqvJvi9",
         field='Content-Disposition: form-data; name="{}"\r\nContent-Type: text/plain; charset=ISO-8859-1\r\n'
         'Content-Transfer-Encoding: 8bit',
         **file(DISPOSED + 'filename="a.txt"\r\nContent-Type: application/octet-stream\r\n'
                'Content-Transfer-Encoding: binary')),
    Case("OkHttp", boundary="c5d7e2a1-7f6b-4d36-a0a3-0f6f7a1b8d90",
         field='Content-Disposition: form-data; name="{}"\r\nContent-Length: 6',
         **file(DISPOSED + f'filename="a.txt"\r\nContent-Type: text/plain\r\nContent-Length: {len(CONTENT)}')),
    Case("Guzzle (PHP)", boundary="0f1e2d3c4b5a69788796a5b4c3d2e1f001234567",
         field='Content-Disposition: form-data; name="{}"\r\nContent-Length: 6',
         **file(DISPOSED + f'filename="a.txt"\r\nContent-Length: {len(CONTENT)}\r\nContent-Type: text/plain')),
    Case("undici (Node.js)", boundary="----formdata-undici-019173254811"),
    Case("form-data (Node.js)", boundary="-" * 26 + "515890814546601021194782"),
    Case("http (Dart)", boundary="dart-http-boundary-h5.SLzQOd-Jl4WVoSL.u.Wq+0mFaLfPCmDIqTKfQGpwcMP8",
         field='content-disposition: form-data; name="{}"',
         **file('content-type: text/plain\r\ncontent-disposition: form-data; name="file"; filename="a.txt"')),
    Case("Alamofire (Swift)", boundary="alamofire.boundary.7a3f9c1b2d4e5f60"),
    Case("LWP (Perl)", boundary="xYzZY"),
    Case("WebResource of old Internet Explorers, with a path", boundary="-" * 27 + "7d91191b440a",
         **file(DISPOSED + 'filename="C:\\Users\\a\\a.txt"\r\nContent-Type: text/plain')),
    # -- what RFC 2046, 7578 and 9110 allow ----------------------------------------------------------------------
    Case("a leading line end", before=b"\r\n"),
    Case("a preamble", before=b"This is a multi-part message in MIME format.\r\n"),
    Case("a preamble of lines that are nearly boundaries", before=b"--\r\n----nexu\r\n ----nexus\r\n\r\n"),
    Case("an epilogue", behind=b"\r\nepilogue\r\n------nexus\r\nand more"),
    Case("nothing behind the last boundary", behind=b""),
    Case("a parameter that is empty", content_type="multipart/form-data; boundary={};"),
    Case("parameters that are empty", content_type="multipart/form-data;; ; boundary={} ; ;"),
    Case("a charset beside the boundary", content_type="multipart/form-data; charset=utf-8; boundary={}"),
    Case("a type in capitals", content_type="Multipart/Form-Data; Boundary={}"),
    Case("no blank before the boundary", content_type="multipart/form-data;boundary={}"),
    Case("a quoted boundary", content_type='multipart/form-data; boundary="{}"'),
    Case("a boundary that must be quoted", boundary="a b:c=d?e,f(g)",
         content_type='multipart/form-data; boundary="{}"'),
    Case("a boundary of 70 characters", boundary="b" * 70),
    Case("a boundary of one", boundary="b"),
    Case("blanks behind a boundary", change=swap(b"--{}\r\n", b"--{} \t\r\n", 9)),
    Case("names of fields in capitals", field='CONTENT-DISPOSITION: FORM-DATA; NAME="{}"',
         **file('CONTENT-DISPOSITION: FORM-DATA; NAME="file"; FILENAME="a.txt"\r\nCONTENT-TYPE: text/plain')),
    Case("no blank behind colons and semicolons", field='Content-Disposition:form-data;name="{}"',
         **file('Content-Disposition:form-data;name="file";filename="a.txt"\r\nContent-Type:text/plain')),
    Case("empty parameters of a part", field='Content-Disposition: form-data;; name="{}";',
         **file('Content-Disposition: form-data; ; name="file"; filename="a.txt" ;\r\nContent-Type: text/plain')),
    Case("unknown parameters and headers", field='X-A: b\r\nContent-Disposition: form-data; name="{}"; size=6',
         **file(DISPOSED + 'filename="a.txt"; size=1; modification-date="Mon"\r\nContent-Type: text/plain\r\nX-A:')),
    Case("a file without a type", **file(DISPOSED + 'filename="a.txt"')),
    Case("filename* beside filename, as aiohttp and .NET send it", kept_as="\u00e9 a.txt",
         **file(DISPOSED + "filename=\"%C3%A9%20a.txt\"; filename*=utf-8''%C3%A9%20a.txt")),
    Case("filename* alone", **file(DISPOSED + "filename*=UTF-8'en'a.txt")),
    Case("a filename* that is none", **file(DISPOSED + 'filename="a.txt"; filename*=b.txt')),
    Case("a quoted quote in the name", kept_as='a_.txt', **file(DISPOSED + 'filename="a\\".txt"')),
    Case("a name in UTF-8", kept_as="\u00e9.txt", **file(DISPOSED + 'filename="\u00e9.txt"')),
]
NO_NAME = Case("a file without a name", **file('Content-Disposition: form-data; name="file"'))

REFUSED = [
    # -- cut short -----------------------------------------------------------------------------------------------
    Case("an empty body", BAD, change=lambda body, case: b""),
    Case("cut within the fields", BAD, change=lambda body, case: body[:60]),
    Case("cut within the file", BAD, change=lambda body, case: body[:body.index(CONTENT) + 5]),
    Case("cut within the last boundary", BAD, change=lambda body, case: body[:-5]),
    Case("no last boundary", BAD, change=lambda body, case: body[:body.rindex(b"--" + case.boundary.encode())]),
    Case("a last boundary without its dashes", BAD, change=swap(b"--{}--\r\n", b"--{}\r\n")),
    # -- another boundary ----------------------------------------------------------------------------------------
    Case("another boundary", BAD, change=swap(b"--{}", b"--other", 99)),
    Case("a boundary in another case", BAD, change=swap(b"--{}", b"------NEXUS", 99)),
    Case("boundaries without their dashes", BAD, change=swap(b"--{}", b"{}", 99)),
    Case("no boundary told", BAD, content_type="multipart/form-data"),
    Case("an empty boundary", BAD, content_type="multipart/form-data; boundary="),
    Case("two boundaries told", BAD, content_type="multipart/form-data; boundary={0}; boundary={0}"),
    Case("a boundary of 71 characters", BAD, boundary="b" * 71),
    Case("a quote that does not end", BAD, content_type='multipart/form-data; boundary="{}'),
    Case("a boundary that is not quoted and must be", BAD, boundary='a"b'),
    Case("something behind a boundary", BAD, change=swap(b"--{}\r\n", b"--{}x\r\n")),
    # -- lines ---------------------------------------------------------------------------------------------------
    Case("lines that end with LF alone", BAD, change=lambda body, case: body.replace(b"\r\n", b"\n")),
    Case("lines that end with CR alone", BAD, change=lambda body, case: body.replace(b"\r\n", b"\r")),
    Case("LF within a head", BAD, **file(DISPOSED + 'filename="a.txt"\nContent-Type: text/plain')),
    Case("a folded head", BAD, **file('Content-Disposition: form-data;\r\n name="file"; filename="a.txt"')),
    Case("NUL within a head", BAD, **file(DISPOSED + 'filename="a\0.txt"')),
    # -- parts ---------------------------------------------------------------------------------------------------
    Case("no file", BAD, **file('Content-Disposition: form-data; name="other"; filename="a.txt"')),
    Case("a part without disposition", BAD, **file("Content-Type: text/plain")),
    Case("a part without a head", BAD, **file("")),
    Case("a part without name", BAD, **file('Content-Disposition: form-data; filename="a.txt"')),
    Case("an attachment", BAD, **file('Content-Disposition: attachment; name="file"; filename="a.txt"')),
    Case("two names", BAD, **file('Content-Disposition: form-data; name="file"; name="tags"')),
    Case("two dispositions", BAD, **file(DISPOSED + "a=b\r\n" + DISPOSED + "a=b")),
    Case("a head without a colon", BAD, **file(DISPOSED + 'filename="a.txt"\r\nContent-Type')),
    Case("an encoding of the content", BAD, **file(DISPOSED + "a=b\r\nContent-Transfer-Encoding: base64")),
    Case("a huge head", BAD, **file(DISPOSED + "a=b\r\nX-A: " + "x" * 30_000)),
    Case("a huge preamble", BAD, before=b"x" * 30_000 + b"\r\n"),
    Case("a huge epilogue", BAD, behind=b"\r\n" + b"x" * 30_000),
    Case("nested", BAD, **file("Content-Type: multipart/mixed; boundary=inner"),
         change=swap(CONTENT, b"--inner\r\n" + DISPOSED.encode() + b'filename="a.txt"\r\n\r\nx\r\n--inner--')),
    # -- other types ---------------------------------------------------------------------------------------------
    Case("multipart/mixed", NO_FORM, content_type="multipart/mixed; boundary={}"),
    Case("multipart/related", NO_FORM, content_type="multipart/related; boundary={}"),
    Case("a form without files", NO_FORM, content_type="application/x-www-form-urlencoded"),
    Case("no type", NO_FORM, content_type=""),
]
