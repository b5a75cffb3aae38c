"""What can be typed: every command with its arguments, and nothing else.

A command is a plain function in `commands/` that returns an exit code. Here it gets its
arguments and its help; it is imported when it runs, so that `--help` is fast. To add one,
write its function below, with `@command`, in the order in which people need it.
"""

from pathlib import Path
from typing import Annotated, Literal

import typer

from drillmaster import __version__
from drillmaster.cli.help import Group
from drillmaster.cli.incident import incident
from drillmaster.cli.register import Register

app = typer.Typer(
    cls=Group,
    help="Drills that prove, before the bad night, that the secondary on-call can step in.",
    epilog="Begin with `drillmaster init`.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
command = Register(app)
app.add_typer(incident, name="incident")


def _version(*, wanted: bool) -> None:
    if wanted:
        typer.echo(f"drillmaster {__version__}")
        raise typer.Exit


@app.callback()
def _every_command(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """What stands before a command."""


@command
def init(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="The folder that gets a folder `drills`.")
    ] = Path(),
) -> int:
    """Write a first environment, drill, access profile and runbook, ready to run."""
    from drillmaster.cli.commands.init import init

    return init(folder)


@command
def check(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="PATH", help="Files and folders.")
    ] = None,
    *,
    form: Annotated[
        Literal["text", "json", "sarif"], typer.Option("--format", help="How to tell it.")
    ] = "text",
    schema: Annotated[
        Literal["drill", "environment", "access", "runbook"] | None,
        typer.Option(metavar="KIND", help="Print the JSON Schema of a kind instead."),
    ] = None,
) -> int:
    """Validate definitions and runbooks, by default those in `drills`."""
    from drillmaster.cli.commands.check import check, print_schema

    return print_schema(schema) if schema else check(paths or [], form)


Reports = Annotated[
    Path, typer.Option("--reports", metavar="DIR", help="Where reports go, a folder per run.")
]


@command
def preflight(
    environment: Annotated[
        str | None,
        typer.Argument(
            metavar="ENVIRONMENT", help="An environment's file or name; the only one there is."
        ),
    ] = None,
    *,
    form: Annotated[
        Literal["text", "json"], typer.Option("--format", help="How to tell it.")
    ] = "text",
    drill: Annotated[
        list[str] | None,
        typer.Option(
            metavar="DRILL", help="Look at this drill there, and at none else; may be repeated."
        ),
    ] = None,
    reports: Reports = Path("reports"),
) -> int:
    """Show what would stop a drill or the secondary tonight. Changes nothing."""
    from drillmaster.cli.commands.preflight import preflight

    return preflight(environment, drill or [], form, reports)


Drill = Annotated[str, typer.Argument(metavar="DRILL", help="A drill's file or name.")]
Where = Annotated[
    str | None,
    typer.Option("--environment", metavar="NAME", help="In place of the drill's own."),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]


@command
def plan(
    drill: Drill,
    *,
    environment: Where = None,
    form: Annotated[
        Literal["text", "json", "chaostoolkit"], typer.Option("--format", help="How to tell it.")
    ] = "text",
) -> int:
    """Show what a drill would do, to what, with which undo. Touches nothing."""
    from drillmaster.cli.commands.plan import plan

    return plan(drill, environment, form)


@command
def run(
    drill: Drill,
    *,
    environment: Where = None,
    responder: Annotated[
        str | None,
        typer.Option(
            metavar="WHO",
            help="Who is the secondary: [b]me[/] in this terminal, [b]simulated[/], or a simulated "
            "behaviour such as [b]late[/]. Without it: the people of the environment.",
        ),
    ] = None,
    reports: Reports = Path("reports"),
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask before real people are paged.")
    ] = False,
    json: Json = False,
) -> int:
    """Run a whole drill, undo everything, and write a readiness scorecard."""
    from drillmaster.cli.commands.run import run

    return run(drill, environment, responder, reports, yes=yes, json=json)


@command
def ack(
    run: Annotated[
        str | None, typer.Argument(metavar="RUN", help="A run or incident; the open one.")
    ] = None,
    *,
    person: Annotated[str, typer.Option("--as", metavar="PERSON", help="Who you are.")],
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Take it back.")] = False,
    hand_over: Annotated[bool, typer.Option("--hand-over", help="To the next level.")] = False,
) -> int:
    """Acknowledge a page of the embedded on-call system."""
    from drillmaster.cli.commands.ack import ack

    return ack(run, person, withdraw=withdraw, hand_over=hand_over)


@command
def report(
    run: Annotated[
        str | None,
        typer.Argument(metavar="RUN", help="A run, or with --check a folder; the newest run."),
    ] = None,
    *,
    form: Annotated[
        str | None,
        typer.Option("--format", help="One format to standard output: html, md, json, junit, …"),
    ] = None,
    reports: Reports = Path("reports"),
    check: Annotated[
        bool, typer.Option("--check", help="Verify the chain and compute the scorecard again.")
    ] = False,
) -> int:
    """Write a recorded run's reports again, or check them."""
    from drillmaster.cli.commands.report import report

    return report(run, form, reports, check=check)


@command
def runs(
    *,
    limit: Annotated[int, typer.Option(min=1, help="How many, newest first.")] = 20,
    json: Json = False,
) -> int:
    """List past and open runs."""
    from drillmaster.cli.commands.runs import show_runs

    return show_runs(limit, json=json)


@command
def status(*, json: Json = False) -> int:
    """Show open runs and faults, and what to do about them."""
    from drillmaster.cli.commands.status import show_status

    return show_status(json=json)


@command
def stop(
    *,
    why: Annotated[
        str, typer.Option("--why", metavar="TEXT", help="The reason, for all whom it concerns.")
    ] = "no reason was given",
    environment: Annotated[
        str | None, typer.Option("--environment", metavar="NAME", help="There alone.")
    ] = None,
) -> int:
    """End every running drill, see it undone, and let none begin until `resume`."""
    from drillmaster.cli.commands.stop import stop

    return stop(why, environment)


@command
def resume(
    *,
    environment: Annotated[
        str | None, typer.Option("--environment", metavar="NAME", help="The stop of this one.")
    ] = None,
) -> int:
    """Lift a stop: drills may begin again."""
    from drillmaster.cli.commands.stop import resume

    return resume(environment)


@command
def reap(
    *,
    accept: Annotated[
        str | None,
        typer.Option("--accept", metavar="RUN", help="Release a run that nothing can settle."),
    ] = None,
    because: Annotated[
        str | None, typer.Option("--because", metavar="TEXT", help="Why it may be released.")
    ] = None,
) -> int:
    """Undo what dead runs left."""
    from drillmaster.cli.commands.reap import accept_run, reap_runs

    return reap_runs() if accept is None and because is None else accept_run(accept, because)


@command
def sweep(
    environment: Annotated[
        str, typer.Argument(metavar="ENVIRONMENT", help="An environment's file or name.")
    ],
    *,
    everything: Annotated[
        bool, typer.Option("--all", help="Undo also what a living drill may own.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before that.")] = False,
    json: Json = False,
) -> int:
    """Undo faults by the marks at the target alone, without the store."""
    from drillmaster.cli.commands.sweep import sweep

    return sweep(environment, everything=everything, yes=yes, json=json)


@command
def collect_audit(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="What `audit_log` of the target names.")
    ],
    *,
    token: Annotated[
        str,
        typer.Option(metavar="REF", help="The API server's bearer token: env:NAME or file:PATH."),
    ],
    listen: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="Where; port 0 takes a free one.")
    ] = "127.0.0.1:8712",
    certificate: Annotated[
        Path | None, typer.Option(metavar="PEM", help="The server's certificate, for TLS.")
    ] = None,
    key: Annotated[Path | None, typer.Option(metavar="PEM", help="Its private key.")] = None,
    rotate: Annotated[
        int, typer.Option(min=1, metavar="MIB", help="At which size the file is rotated.")
    ] = 64,
) -> int:
    """Keep the audit log that a Kubernetes API server posts to a webhook in a file."""
    from drillmaster.cli.commands.collect_audit import collect_audit
    from drillmaster.intake.audit import Listening

    return collect_audit(file, token, Listening(listen, certificate, key), rotate)
