#!/usr/bin/env bats
# YAML that nexusctl prints, read by readers of YAML 1.1 that nobody here wrote: PyYAML, and libyaml below it.

# shellcheck disable=SC2154 # helpers.bash sets the variables

load helpers

setup_file() { start_daemon; }
teardown_file() { stop_daemon; }

@test "-o yaml: what PyYAML and libyaml read is what was sent" {
  /usr/bin/python3 -c 'import yaml' 2>/dev/null || skip "no PyYAML: apt-get install python3-yaml"
  cat >sent.json <<'END'
{"texts": ["yes", "Off", "y", "1:30", "0o7", "0x1F", "1_000", "2026-01-01", "2026-01-01T00:00:00Z", "~", "<<", "=",
           ".inf", "+1", "1e3", "", " x", "a: b", "# c", "\u00e9", "\u0085\u2028\u2029", "\ud83d\ude00",
           "\ufffe\uffff\ufeff\u007f\u009b", "line\nline\n", "tab\t", "\u0001"],
 "numbers": [0, -7, 9007199254740993, 1.5, -0.25, 100.0, 1e20, 1.5e-7, 1e300],
 "others": [true, false, null, [], {}], "no": {"1:30": {"": 1}}}
END
  /usr/bin/python3 -c 'import json
sent = json.load(open("sent.json"))
sent.update({"k" * 200: "v", "l" * 2000: {"m" * 200: [1, {"deep": "x"}]}})
json.dump(sent, open("sent.json", "w"))'
  id=$(nexusctl runs start research --metadata "$(cat sent.json)" -o name)
  nexusctl runs show "$id" -o yaml >shown.yaml
  nexusctl runs show "$id" -o json >shown.json
  /usr/bin/python3 -c 'import json, yaml
shown = open("shown.yaml", "rb").read()
sent, as_json = json.load(open("sent.json")), json.load(open("shown.json"))
for loader in (yaml.SafeLoader, yaml.CSafeLoader):
    read = yaml.load(shown, loader)
    assert read == as_json, (loader, read)
    assert {name: read["metadata"][name] for name in sent} == sent, (loader, read)'
}
