"""The outcome as JUnit: a suite for each pair, a case for each difference."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from gradio_conformance.gate.outcome import Finding
from gradio_conformance.gate.outcome import Outcome
from gradio_conformance.gate.outcome import Pair
from gradio_conformance.gate.reporting.words import effects
from gradio_conformance.gate.reporting.words import judged
from gradio_conformance.gate.reporting.words import one_line
from gradio_conformance.reporting.words import visible


def as_junit(outcome: Outcome) -> str:
    """What is over the threshold is a failure, what is ignored is skipped, a fault is an error."""
    root = ET.Element("testsuites", name="gradio-protocol diff")
    for pair in outcome.pairs:
        suite = ET.SubElement(root, "testsuite", name=pair.title)
        for finding in pair.findings:
            _case(suite, finding, pair)
        if not pair.findings:
            ET.SubElement(suite, "testcase", classname="diff", name="no differences")
    if outcome.faults:
        suite = ET.SubElement(root, "testsuite", name="run")
        for fault in outcome.faults:
            case = ET.SubElement(suite, "testcase", classname="run", name=visible(fault))
            ET.SubElement(case, "error", message=visible(fault))
    for suite in root:
        _count(suite)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _case(suite: ET.Element, finding: Finding, pair: Pair) -> None:
    difference = finding.difference
    case = ET.SubElement(
        suite, "testcase", classname=difference.rule, name=visible(str(difference.place))
    )
    if finding.ignored is not None:
        ET.SubElement(case, "skipped", message=visible(finding.ignored))
    elif finding.over:
        told = f"{difference.title}: {effects(finding)}"
        failure = ET.SubElement(case, "failure", message=visible(told), type=difference.rule)
        if finding.witness is not None:
            names = (pair.old.name, pair.new.name)
            lines = (one_line(finding.witness), judged(finding.witness, names))
            failure.text = visible("\n".join(lines))


def _count(suite: ET.Element) -> None:
    cases = suite.findall("testcase")
    suite.set("tests", str(len(cases)))
    for plural, mark in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(plural, str(sum(case.find(mark) is not None for case in cases)))
