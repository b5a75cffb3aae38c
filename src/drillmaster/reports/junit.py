"""JUnit XML, for CI systems: a suite for the drill, a case for each figure and check.

What is required and missed is a failure, and what is required and unverified an error.
A figure that is not required can break no build: not met, it is skipped. The readiness is
a case of its own, so that all pass exactly when the run is ready.
"""

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from drillmaster.reports import figures, wording
from drillmaster.reports.mends import mend_of
from drillmaster.reports.plain import tidy
from drillmaster.scoring.scorecard import AccessRow, Metric, Scorecard
from drillmaster.timeline.chain import Recorded


def render_junit(scorecard: Scorecard, records: Sequence[Recorded]) -> bytes:
    """The document, in UTF-8."""
    card = tidy(scorecard)
    suite = ET.Element("testsuite", _suite(card, records))
    properties = ET.SubElement(suite, "properties")
    for name, value in _properties(card).items():
        ET.SubElement(properties, "property", {"name": name, "value": value})
    _readiness_case(suite, card)
    for metric in card.metrics:
        _metric_case(suite, card, metric)
    for row in card.access:
        _access_case(suite, card, row, mend_of(row, records))
    _count(suite)
    root = ET.Element("testsuites", {"name": "drillmaster"})
    root.append(suite)
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode")
    return f"<?xml version='1.0' encoding='utf-8'?>\n{text}\n".encode()


def _suite(card: Scorecard, records: Sequence[Recorded]) -> dict[str, str]:
    return {
        "name": card.drill,
        "timestamp": f"{card.started_at:%Y-%m-%dT%H:%M:%S}",
        "time": f"{figures.lasted(records):.3f}",
    }


def _properties(card: Scorecard) -> dict[str, str]:
    trend = {} if card.trend is None else {"trend": str(card.trend)}
    return {
        "run": card.run,
        "environment": card.environment,
        "readiness": card.readiness,
        "simulated": "true" if card.simulated else "false",
        "ended": card.ended,
        "settled": "true" if card.settled else "false",
        **trend,
        "chain": card.chain,
    }


def _readiness_case(suite: ET.Element, card: Scorecard) -> None:
    mark = "simulated: " if card.simulated else ""
    case = _case(suite, card, "readiness", mark + card.sentence)
    if card.readiness == "not ready":
        _result(case, "failure", "not ready", card.sentence)
    elif card.readiness == "unverified":
        _result(case, "error", "unverified", card.sentence)


def _metric_case(suite: ET.Element, card: Scorecard, metric: Metric) -> None:
    target = figures.target_of(metric) or "none"
    measured = f"{figures.value_of(metric)}, target {target}"
    case = _case(suite, card, f"{metric.name} ({metric.id})", f"{measured}: {metric.seen}")
    if metric.unit == "s" and metric.value is not None:
        case.set("time", f"{max(0.0, metric.value):.3f}")
    if metric.verdict == "met":
        return
    message = f"{metric.verdict}: {measured}"
    if not metric.required:
        _result(case, "skipped", f"not required; {message}", "")
        return
    lines = [metric.seen]
    lines += [f"Likely cause: {metric.cause}"] if metric.cause else []
    lines += [f"Next step: {metric.next_step}"] if metric.next_step else []
    _result(case, _kind(metric.verdict == "missed"), message, "\n".join(lines))


def _access_case(suite: ET.Element, card: Scorecard, row: AccessRow, mend: str | None) -> None:
    case = _case(suite, card, f"access: {row.check} ({row.person})", f"answer: {row.answer}")
    if row.answer == "allowed":
        return
    if _access_is_gate(card):
        text = f"{wording.MEND}: {mend}" if mend else ""
        _result(case, _kind(row.answer == "denied"), f"{row.answer}: {row.check}", text)
    else:
        _result(case, "skipped", f"no required target depends on it; {row.answer}", "")


def _access_is_gate(card: Scorecard) -> bool:
    return any(m.id == "M7" and m.required and m.verdict != "met" for m in card.metrics)


def _kind(failed: bool) -> str:
    return "failure" if failed else "error"


def _case(suite: ET.Element, card: Scorecard, name: str, out: str) -> ET.Element:
    where = f"drillmaster.{card.environment}.{card.drill}"
    case = ET.SubElement(suite, "testcase", {"classname": where, "name": name})
    ET.SubElement(case, "system-out").text = out
    return case


def _result(case: ET.Element, kind: str, message: str, text: str) -> None:
    result = ET.Element(kind, {"message": message})
    result.text = text
    case.insert(0, result)


def _count(suite: ET.Element) -> None:
    suite.set("tests", str(len(suite.findall("testcase"))))
    for kind, counted in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        suite.set(counted, str(len(suite.findall(f"testcase/{kind}"))))
