"""`drillmaster plan`: what a drill would do. It touches nothing."""

import json
import sys
from datetime import UTC, datetime

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from drillmaster.chaos.export import export
from drillmaster.cli.console import console_for
from drillmaster.definitions.project import open_bundle
from drillmaster.engine.planning.plan import Plan, make_plan
from drillmaster.errors import ExitCode


def plan(drill: str, environment: str | None, form: str) -> int:
    """Show the plan of a drill as text, JSON or a Chaos Toolkit experiment."""
    bundle = open_bundle(drill, environment)
    if form == "chaostoolkit":
        sys.stdout.write(json.dumps(export(bundle), indent=2) + "\n")
        return ExitCode.READY
    made = make_plan(bundle, datetime.now(UTC))
    if form == "json":
        sys.stdout.write(made.model_dump_json(indent=2) + "\n")
    else:
        console_for().print(plan_view(made))
    return ExitCode.READY


def plan_view(plan: Plan) -> RenderableType:
    """The plan for people."""
    simulated = ", with simulated responders" if plan.simulated else ""
    return Group(
        Text(plan.title, style="bold"),
        Text(f"{plan.drill} on {plan.environment} ({plan.target}){simulated}\n"),
        _section("Steady state", plan.steady_state),
        _faults(plan),
        _pages(plan),
        _section("Access, checked as the secondary", plan.access_checks),
        _section("Runbook", plan.runbook_steps),
        _section("Required", [f"{name}: {value}" for name, value in plan.targets.items()]),
        *(Text(f"Warning: {told}.", style="yellow") for told in plan.warnings),
        Text(f"It lasts {plan.longest} at the longest."),
        Text(plan.worst_case, style="bold"),
    )


def _section(title: str, lines: list[str]) -> RenderableType:
    if not lines:
        return Group()
    return Group(Text(title, style="bold"), *(Padding(line, (0, 2)) for line in lines), "")


def _faults(plan: Plan) -> RenderableType:
    lines: list[RenderableType] = [Text("Faults", style="bold")]
    for fault in plan.faults:
        lines += [
            Padding(Text(f"{fault.fault}: {fault.does}"), (0, 2)),
            Padding(
                Text(f"{fault.starts}, {fault.lasts}; undo: {fault.undone_by}", style="dim"), (0, 4)
            ),
        ]
    return Group(*lines, "") if plan.faults else Group()


def _pages(plan: Plan) -> RenderableType:
    table = Table(box=None, show_header=False, padding=(0, 2))
    for page in plan.pages:
        table.add_row(
            f"level {page.level}", page.role, ", ".join(page.people), f"waits {page.waits}"
        )
    return Group(Text(f"Escalation ({plan.engage})", style="bold"), table, "")
