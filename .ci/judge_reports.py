"""Judges the sample reports of every format with other people's parsers and schemas.

Usage: judge_reports.py FOLDER SCHEMA_FOLDER. Ends with 1 and a line for each complaint.
"""

import json
import pathlib
import sys

import jsonschema
import junitparser
from prometheus_client.openmetrics import parser as openmetrics
from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding

folder, schemas = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
complaints = []
judged = {}


def judge(pattern, look):
    files = sorted(folder.glob(pattern))
    judged[pattern] = len(files)
    if not files:
        complaints.append(f"there is no {pattern}")
    for file in files:
        try:
            look(file.read_text(encoding="utf-8"))
        except Exception as error:  # whatever the parser dislikes is a complaint
            complaints.append(f"{file.name}: {type(error).__name__}: {str(error)[:300]}")


def by_schema(name):
    schema = json.loads((schemas / name).read_text(encoding="utf-8"))
    validator = jsonschema.validators.validator_for(schema)
    validator.check_schema(schema)
    return lambda text: validator(schema).validate(json.loads(text))


def junit(text):
    suites = junitparser.JUnitXml.fromstring(text.encode())
    counted = dict(tests=0, failures=0, errors=0, skipped=0)
    for suite in suites:
        for case in suite:
            counted["tests"] += 1
            for result in case.result:
                kind = type(result)
                counted["failures"] += kind is junitparser.Failure
                counted["errors"] += kind is junitparser.Error
                counted["skipped"] += kind is junitparser.Skipped
    for name, count in counted.items():
        if getattr(suites, name) != count:
            raise ValueError(f"{name} says {getattr(suites, name)}, and there are {count}")


def metrics(text):
    families = list(openmetrics.text_string_to_metric_families(text))
    if not any(it.name == "deskguard_score" for it in families):
        raise ValueError("there is no score")


def ocsf(text):
    for event in json.loads(text):
        ComplianceFinding(**event)


def comment(text):
    if len(text.encode()) > 65_536:
        raise ValueError("it is longer than a comment may be")


judge("*.diff.json", by_schema("diff-1.json"))
for file in folder.glob("*.diff.json"):
    file.rename(file.with_suffix(".judged"))
judge("*.ocsf.json", ocsf)
for file in folder.glob("*.ocsf.json"):
    file.rename(file.with_suffix(".judged"))
judge("*.json", by_schema("report-1.json"))
judge("*.xml", junit)
judge("*.prom", metrics)
judge("*.md", comment)

print(", ".join(f"{count} {pattern}" for pattern, count in judged.items()))
print("\n".join(complaints))
sys.exit(bool(complaints))
