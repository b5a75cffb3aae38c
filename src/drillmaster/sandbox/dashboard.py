"""The page on which a responder sees how the workload is."""

from html import escape
from typing import Any

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{workload}</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 40rem }}
dt {{ float: left; clear: left; width: 14rem }}
td, th {{ text-align: left; padding-right: 2rem }}
</style>
<h1>{workload}</h1>
<dl>{facts}</dl>
<table><tr><th>Replica</th><th>State</th></tr>{pods}</table>
</html>
"""


def page(name: str, workload: dict[str, Any]) -> str:
    """The dashboard of a workload, from its state."""
    facts = {
        "Replicas ready": f"{workload['ready']} of {workload['desired']}",
        "Requests refused by a throttle": f"{workload['throttled_share']:.0%}",
        "Delay added to requests": f"{workload['added_delay']:g} s",
        "Database": workload["database"],
    }
    rows = (
        f"<tr><td>{escape(pod['name'])}</td><td>{'ready' if pod['ready'] else 'starting'}</td></tr>"
        for pod in workload["pods"]
    )
    return _PAGE.format(
        workload=escape(name),
        facts="".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in facts.items()),
        pods="".join(rows),
    )
