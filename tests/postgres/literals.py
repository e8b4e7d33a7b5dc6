"""The texts of SQL that stand as literals in C++ sources: literals side by side are one, as for the compiler."""
import glob
import os
import re

from server import ROOT

LITERAL = r'R"(?P<tag{0}>[^()\s\\]*)\((?P<raw{0}>.*?)\)(?P=tag{0})"|"(?P<text{0}>(?:\\.|[^"\\\n])*)"'
TOKEN = re.compile(r"//[^\n]*|/\*.*?\*/|#include[^\n]*|(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'|(?P<literal>" +
                   LITERAL.format(1) + ")|(?P<other>\\S)", re.S)
ESCAPES = {"n": "\n", "t": "\t", "0": "\0"}


def literals(source):
    """All literals of a source, joined where nothing stands between them."""
    found, joins = [], False
    for token in TOKEN.finditer(source):
        if token.group("literal"):
            text = token.group("raw1")
            if text is None:
                text = re.sub(r"\\(.)", lambda hit: ESCAPES.get(hit.group(1), hit.group(1)), token.group("text1"))
            found[-1:] = [found[-1] + text] if joins else [*found[-1:], text]
        joins = bool(token.group("literal")) or joins and not token.group("other")
    return found


def of_sources(*patterns):
    """{literal: the first file that has it}, of the files that match, from the root of the repository."""
    found = {}
    for pattern in patterns:
        for path in sorted(glob.glob(os.path.join(ROOT, pattern), recursive=True)):
            with open(path, encoding="utf-8") as file:
                for text in literals(file.read()):
                    found.setdefault(text, os.path.relpath(path, ROOT))
    return found
