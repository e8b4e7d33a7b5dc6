"""The rule of the house that keeps the writer for SQL: what a unit, a function with a transaction, must find made."""
import re

from rules import rule, starts
from source import code_of, includes, is_cpp, lines_with

# call: who makes it before the unit
MADE_BEFORE = {
    r"for_each_word|words_of|append_words(?:_of_values)?": "fold words when the request is parsed (domain::make_card)",
    r"find_pii|look_over|PiiScan|audit::prepared": "prepare the activity when the request is parsed (audit::prepared)",
    r"fold_text": "fold the text when the request is parsed",
    r"parse_json|parse_body|parse_card_text": "parse it when the request is parsed",
    r"sha256_hex|Hasher": "compute the digest when the request is parsed",
    r"card_json": "leave a large answer to Applied::text",
}
# What a unit alone can do: the hash of an audit row depends on the row before it, and a part of an event may depend on
# rows. Migrations, checkpoints and signed notes come from no request.
UNITS_THAT_COMPUTE = ("daemon/audit/chain.cpp", "daemon/audit/checkpoints.cpp", "daemon/audit/events.cpp",
                      "daemon/audit_log/", "daemon/app/", "store/sqlite/", "store/postgres/migrations.cpp", "tests/")

# Headers of what computes. The store gets their results as plain values.
COMPUTING_HEADERS = ("daemon/base/words.hpp", "daemon/audit/", "daemon/domain/card_text.hpp",
                     "daemon/domain/new_card.hpp")


def units(code):
    """(offset of the body, body) of every function and lambda with a Tx& among its parameters."""
    for head in re.finditer(r"\bTx&(?!&)[^;{}]*\{", code):
        depth = 1
        for end in range(head.end(), len(code)):
            depth += (code[end] == "{") - (code[end] == "}")
            if depth == 0:
                yield head.end(), code[head.end():end]
                break


@rule("nothing but SQL on the writer",
      {"daemon/cards/a.cpp": "// A.\nApplied f(store::Tx& tx, const V& v) {\n  for (;;) {\n    words_of(v);\n  }\n}\n",
       "store/b.cpp": "// B.\nvoid f(Tx& tx) { put(tx, fold_text(x)); }\n",
       "daemon/rails/c.cpp": "// C.\nvoid g() {\n  submit([=](store::Tx& tx) { h(tx, audit::prepared(a)); });\n}\n",
       "daemon/raw/d.cpp": "// D.\nvoid f(store::Tx& tx,\n       const V& v) {\n  audit::PiiScan scan;\n}\n",
       "daemon/http/e.cpp": "// E.\nvoid E::unit(store::Tx& tx, R& r) {\n  r.digest = sha256_hex(r.body);\n}\n",
       "store/f.cpp": '// F.\n#include "daemon/base/words.hpp"\n'},
      {"daemon/cards/a.cpp": "// A.\nV parse(Input& in) { return words_of(in.raw_body); }\n"
                             "Applied f(store::Tx& tx, const V& v) {\n  put(tx, v.words);  // words_of(v)\n}\n"
                             "V g() { return fold_text(x); }\n",
       "store/b.hpp": "// B.\n#pragma once\nvoid f(Tx& tx);\ninline V g(R& r) { return words_of(r); }\n",
       "daemon/audit/events.cpp": "// E.\nvoid f(store::Tx& tx) { prepared(a); }\n"})
def sql_alone(files):
    """What a unit computes, every tenant waits for."""
    for path, text in files.items():
        if not is_cpp(path) or starts(path, UNITS_THAT_COMPUTE):
            continue
        if starts(path, ("store/",)):
            for line, header, _ in includes(text):
                if starts(header, COMPUTING_HEADERS):
                    yield path, line, f'"{header}" computes: take its result as a plain value'
        code = code_of(text)
        for start, body in units(code):
            first = code.count("\n", 0, start)
            for pattern, instead in MADE_BEFORE.items():
                for line, hit in lines_with(rf"\b(?:{pattern})\b", body):
                    yield path, first + line, f"{hit.group(0)} on the writer's thread: {instead}"
