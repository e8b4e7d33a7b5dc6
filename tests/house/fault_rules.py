"""The rule of the house for what is said of a field: its pointer stands before it, so it goes on that sentence."""
import re

from rules import rule, starts
from source import is_cpp

PREDICATES = {"must", "is", "was", "has", "names", "may", "always", "stands", "or"}
FAULT = re.compile(r'(?:\.fault|\bfaults?\.add|\brefuse_field)\(\s*[^,()]*(?:\([^()]*\))?[^,()]*,\s*"(\w+)')


@rule("a fault goes on the sentence that its field begins",
      {"daemon/cards/a.cpp": '// A.\nvoid f() { input.body.fault("name", "autonomy has no name"); }\n'},
      {"daemon/cards/a.cpp": '// A.\nvoid f() { input.body.fault("name", "must be left out: it has no name"); }\n'})
def fault_is_predicate(files):
    """`/name autonomy has no name` is no sentence."""
    for path, text in files.items():
        if not is_cpp(path) or not starts(path, ("daemon/",)):
            continue
        for found in FAULT.finditer(text):
            if found.group(1) not in PREDICATES:
                line = text.count("\n", 0, found.start()) + 1
                yield path, line, f'"{found.group(1)} …": begin with {", ".join(sorted(PREDICATES))}'
