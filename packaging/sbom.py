#!/usr/bin/env python3
"""Writes the bill of materials (SPDX 2.3, JSON) of Debian packages: what they contain and what they depend on, as their
own metadata and dpkg on the machine that built them say. usage: sbom.py PACKAGE.deb..."""
import hashlib
import json
import os
import re
import subprocess
import sys
import time

# What is compiled in and so is no dependency of the package: of these libraries the headers.
COMPILED_IN = {"nexusd": ("libboost[0-9]*-dev", "libcli11-dev", "nlohmann-json3-dev"),
               "nexusctl": ("libboost[0-9]*-dev", "nlohmann-json3-dev")}


def said(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def spdx_id(name):
    return "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", name)


def package(name, version, architecture, **more):
    purl = f"pkg:deb/debian/{name}@{version}?arch={architecture}"
    return {"name": name, "SPDXID": spdx_id(name), "versionInfo": version, "downloadLocation": "NOASSERTION",
            "filesAnalyzed": False, "licenseConcluded": "NOASSERTION", "licenseDeclared": "NOASSERTION",
            "copyrightText": "NOASSERTION", "externalRefs": [
                {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": purl}]} | more


def installed(pattern):
    """{name: (version, architecture)} of the installed packages that match."""
    lines = subprocess.run(["dpkg-query", "-W", "-f", "${db:Status-Abbrev}\t${Package}\t${Version}\t${Architecture}\n",
                            pattern], capture_output=True, text=True).stdout.splitlines()
    rows = (line.split("\t") for line in lines)
    return {name: (version, architecture) for status, name, version, architecture in rows if status[1] == "i"}


def real(name):
    """The installed package of that name, or the one that provides it."""
    if installed(name):
        return name
    for line in said("dpkg-query", "-W", "-f", "${Package}\t${Provides}\n").splitlines():
        provider, provided = line.split("\t")
        if name in re.split(r"[ ,]+", provided):
            return provider
    return name


def described(path):
    """The package in the file, and the names that it depends on."""
    fields = dict(line.split(": ", 1) for line in said("dpkg-deb", "-f", path, "Package", "Version", "Architecture",
                                                       "Depends").splitlines() if ": " in line)
    with open(path, "rb") as stream:
        digest = hashlib.sha256(stream.read()).hexdigest()
    own = package(fields["Package"], fields["Version"], fields["Architecture"], licenseDeclared="MIT",
                  licenseConcluded="MIT", packageFileName=os.path.basename(path), primaryPackagePurpose="APPLICATION",
                  checksums=[{"algorithm": "SHA256", "checksumValue": digest}])
    depends = [re.split(r"[ :(|]", one.strip())[0] for one in fields.get("Depends", "").split(",") if one.strip()]
    return own, [real(name) for name in depends]


def bill(paths, now):
    packages, relationships = {}, []

    def relate(first, kind, second):
        relationships.append({"spdxElementId": first, "relationshipType": kind, "relatedSpdxElement": second})

    for path in paths:
        own, names = described(path)
        packages[own["name"]] = own
        relate("SPDXRef-DOCUMENT", "DESCRIBES", own["SPDXID"])
        for name in names:
            relate(own["SPDXID"], "DEPENDS_ON", spdx_id(name))
            packages.setdefault(name, package(name, *installed(name).get(name, ("NOASSERTION", "all"))))
        inside = {}
        for pattern in COMPILED_IN.get(own["name"], ()):
            inside |= installed(pattern)
        for name, (version, architecture) in inside.items():
            relate(own["SPDXID"], "CONTAINS", spdx_id(name))
            packages.setdefault(name, package(name, version, architecture))
    digests = "".join(one["checksums"][0]["checksumValue"] for one in packages.values() if "checksums" in one)
    return {"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": "nexus",
            "documentNamespace": "https://nexus.example/spdx/" + hashlib.sha256(digests.encode()).hexdigest(),
            "creationInfo": {"created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now)),
                             "creators": ["Tool: nexus-sbom"]},
            "packages": list(packages.values()), "relationships": relationships}


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    print(json.dumps(bill(sys.argv[1:], time.time()), indent=1))
