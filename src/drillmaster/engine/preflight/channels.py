"""Can each channel be reached? Nothing is sent."""

import shlex
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urljoin

from drillmaster.definitions.environment import Channel
from drillmaster.engine.preflight.row import Row, ok, problem, unknown
from drillmaster.engine.preflight.subject import Subject
from drillmaster.errors import DrillmasterError, InvalidError
from drillmaster.oncall.channels.base import NotDeliveredError
from drillmaster.oncall.channels.registry import make
from drillmaster.probes.bounded import bounded

CHECK = "channels"

_LONGEST = 15.0  # seconds for one channel, whatever its own time-out says
_AT_ONCE = 8


def rows(subject: Subject) -> Iterator[Row]:
    """Ask all at the same time."""
    channels = subject.environment.channels
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        yield from pool.map(_row, channels, channels.values())


def _row(name: str, channel: Channel) -> Row:
    if channel.kind == "terminal":
        return ok(CHECK, f"{name} is the terminal in which the drill runs")
    try:
        spec = channel.body.model_dump(mode="json")
        bounded(make(channel.kind, spec, None).reach, _LONGEST)
    except InvalidError as error:  # of a secret, whose own row says how to mend it
        return unknown(CHECK, f"{name} ({channel.kind}) is not asked: {error}")
    except (NotDeliveredError, DrillmasterError) as error:
        return problem(CHECK, f"{name} ({channel.kind}): {error}", _mend(channel))
    except Exception as error:  # another package's channel; its text may hold a secret
        return unknown(CHECK, f"{name} ({channel.kind}): it failed ({type(error).__name__})")
    return ok(CHECK, f"{name} ({channel.kind}) answers")


def _mend(channel: Channel) -> str:
    """The command that shows what is wrong; it sends nothing either, and shows no secret."""
    if channel.email is not None:
        return f"nc -vz {channel.email.host} {channel.email.port}"
    url = channel.webhook.url if channel.webhook else ""
    if url.startswith("env:"):
        return f"printenv {url[4:]} | cut -d/ -f1-3 | xargs curl -sSI"
    if url.startswith("file:"):
        return f"cut -d/ -f1-3 {shlex.quote(url[5:])} | xargs curl -sSI"
    return f"curl -sSI {shlex.quote(urljoin(url, '/'))}"
