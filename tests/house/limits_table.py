"""The constants of daemon/limits.hpp and of the slices' own, and the entries of man/nexus-limits.7, both as
{name: (value, meaning)}."""
import re

UNITS = {"KiB": 1024, "MiB": 1024 ** 2, "GiB": 1024 ** 3}
CHRONO = {"seconds": "s", "minutes": "min", "hours": "h"}
CONSTANT = re.compile(r"inline constexpr (?P<type>[\w:]+) (?P<name>[a-z]\w*)"
                      r"(?: = (?P<number>[^;{]+)|\{(?P<time>[^}]+)\}); *"
                      r"///< (?P<meaning>(?:.*)(?:\n +///< .*)*)")


def shown_number(expression):
    """`8 * KiB` as `8 KiB`, `20'000` as `20000`."""
    return re.sub(r"\s*\*\s*", " ", expression.replace("'", "")).strip()


def of_header(text):
    table = {}
    for match in CONSTANT.finditer(text):
        if match["number"]:
            value = shown_number(match["number"])
        else:
            value = f"{eval(match['time'], {'__builtins__': {}})} {CHRONO[match['type'].rsplit('::')[-1]]}"
        meaning = re.sub(r"\s*\n *///<\s*", " ", match["meaning"]).replace("`", "")
        table[match["name"]] = (value, meaning.strip())
    return table


def of_manual(text):
    entries = re.finditer(r"^\.It Sy (\w+) No = (.+)\n((?:[^.\n].*\n)+)", text, re.M)
    return {entry.group(1): (entry.group(2), " ".join(entry.group(3).split())) for entry in entries}
