"""The commands of `drillmaster incident`, with their arguments."""

from typing import Annotated, Literal

import typer

from drillmaster.cli.help import Group
from drillmaster.cli.register import Register

incident = typer.Typer(
    cls=Group,
    help="Page for a real incident, with the embedded on-call system.",
    no_args_is_help=True,
)
command = Register(incident)

Listen = Annotated[
    str | None,
    typer.Option(metavar="HOST:PORT", help="Where the pages' links lead; port 0: a free one."),
]
Url = Annotated[str | None, typer.Option(help="How people reach that, behind a proxy for example.")]
Stay = Annotated[bool, typer.Option("--stay", help="Go on until the incident is resolved.")]


@command
def open_(
    *,
    environment: Annotated[str, typer.Option(metavar="NAME", help="Whose people are paged.")],
    summary: Annotated[str, typer.Option(help="What happens, in one line.")],
    severity: Annotated[
        Literal["critical", "error", "warning", "info"], typer.Option(help="How bad it is.")
    ] = "critical",
    service: Annotated[
        str | None, typer.Option(help="Which service, where the environment has several.")
    ] = None,
    follow: Annotated[bool, typer.Option(help="Escalate until somebody acknowledges.")] = True,
    stay: Stay = False,
    listen: Listen = None,
    url: Url = None,
) -> int:
    """Open a real incident and page."""
    from drillmaster.cli.commands.incident import Serving, open_incident

    serving = Serving(listen, url, stay) if follow else None
    return open_incident(environment, summary, severity, service, serving)


@command
def follow(
    incident: Annotated[
        str | None, typer.Argument(metavar="ID", help="An incident; the open one.")
    ] = None,
    *,
    stay: Stay = False,
    listen: Listen = None,
    url: Url = None,
) -> int:
    """Go on with an incident that another process opened."""
    from drillmaster.cli.commands.incident import Serving, follow_incident

    return follow_incident(incident, Serving(listen, url, stay))


@command
def list_() -> int:
    """Show what is open."""
    from drillmaster.cli.commands.incident import list_incidents

    return list_incidents()


@command
def resolve(
    incident: Annotated[str, typer.Argument(metavar="ID", help="An incident.")],
    *,
    person: Annotated[
        str | None, typer.Option("--as", metavar="PERSON", help="Who you are.")
    ] = None,
) -> int:
    """Close a real incident."""
    from drillmaster.cli.commands.incident import resolve_incident

    return resolve_incident(incident, person)
