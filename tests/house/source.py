"""Reading sources as the house rules need them: the files of the repository, C++ without its comments and strings,
its includes and its functions. Judges nothing."""
import os
import re
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TEXT_ENDINGS = (".cpp", ".hpp", ".sql", ".py", ".bash", ".bats", ".cmake", ".md", ".txt", ".json", ".service",
                ".in", ".1", ".5", ".7", ".8", ".toml", ".yaml", ".sysusers")
TEXT_NAMES = ("dev", "run", "LICENSE", "Containerfile", "postinst", "prerm", "postrm")


def repository():
    """All files that git knows or would take, as {path: text}; what is no text of ours is there with none."""
    listing = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"], cwd=ROOT,
                             check=True, capture_output=True, text=True).stdout
    files = {}
    for path in sorted(set(filter(None, listing.split("\0")))):
        full = os.path.join(ROOT, path)
        if not os.path.isfile(full):
            continue
        files[path] = ""
        if path.endswith(TEXT_ENDINGS) or os.path.basename(path) in TEXT_NAMES:
            with open(full, encoding="utf-8", newline="") as stream:
                files[path] = stream.read()
    return files


def is_cpp(path):
    return path.endswith((".cpp", ".hpp"))


TOKENS = re.compile(r'''//[^\n]*|/\*.*?\*/|R"(?P<tag>[^()\s\\]*)\(.*?\)(?P=tag)"|"(?:\\.|[^"\\\n])*"'''
                    r"""|(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'""", re.S)


def code_of(text):
    """C++ with comments and the insides of literals blanked; every character keeps its line."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match.group(0))
    return TOKENS.sub(blank, text)


def lines_with(pattern, text):
    """(line number, match) of every hit."""
    return [(text.count("\n", 0, hit.start()) + 1, hit) for hit in re.finditer(pattern, text, re.M)]


def includes(text):
    """(line number, header, is_ours) of every #include."""
    return [(line, hit.group(2), hit.group(1) == '"')
            for line, hit in lines_with(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', text)]


# What may stand before `{` without making it a function's body.
SCOPES = re.compile(r"\b(namespace|class|struct|union|enum|extern)\b")


def functions(text):
    """(name, first line, length in lines) of every outermost function body; lambdas and blocks inside count for it."""
    code = re.sub(r"^[ \t]*#.*?(?<!\\)$", "", code_of(text), flags=re.M)
    found, stack, head, line, start_of_head = [], [], "", 1, 1
    for character in code:
        if character == "\n":
            line += 1
        if character == "{":
            is_function = ")" in head and not SCOPES.match(head.strip())
            inside = any(entry is not None for entry in stack)
            stack.append((name_of(head), start_of_head) if is_function and not inside else None)
            head = ""
        elif character == "}":
            entry = stack.pop() if stack else None
            if entry:
                found.append((entry[0], entry[1], line - entry[1] + 1))
            head = ""
        elif character == ";" and head.count("(") <= head.count(")"):
            head = ""
        else:
            if not head.strip():
                start_of_head = line
            head += character
    return found


def name_of(head):
    match = re.search(r"([~\w:]+)\s*\(", head)
    return match.group(1) if match else "?"


def without_brackets(text):
    """The same without what stands between `<` and `>` of template arguments, from the inside out."""
    text = re.sub(r"operator\s*[^\w\s(]+\s*(?=\()|operator\(\)", "operator", text)
    while (shorter := re.sub(r"<[^<>;{}]*>", "", text)) != text:
        text = shorter
    return text


def classes(text):
    """(name, line, count of methods) of every class and struct: functions declared in it, without those that make it,
    copy it or end it."""
    code = code_of(text)
    for head in re.finditer(r"^[ \t]*(?:template <[^\n]*\n[ \t]*)?(?:class|struct) (\w+)[^;{()=]*\{", code, re.M):
        name, depth, body = head.group(1), 1, []
        for character in code[head.end():]:
            depth += (character == "{") - (character == "}")
            if depth == 0:
                break
            if depth == 1:
                body.append(";" if character == "}" else character)
        not_methods = rf"^[\w ]*~?\b{name}\s*\(|\b(using|friend|static_assert|decltype)\b"
        parts = [re.sub(r"\b(public|private|protected):", "", part.split("=")[0]).strip()
                 for part in without_brackets("".join(body)).split(";")]
        methods = [part for part in parts if re.search(r"\w\s*\(", part) and not re.search(not_methods, part)]
        yield name, code.count("\n", 0, head.start(1)) + 1, len(methods)
