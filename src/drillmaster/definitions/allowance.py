"""What activities of Chaos Toolkit may use, by the environment's own word.

Looked up in what is written: nothing is imported to find out.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from drillmaster.definitions.chaos import Allowance, Call, Chaos
from drillmaster.definitions.positions import Keys

Refusal = tuple[Keys, str, str]
"""Where it stands, what is wrong with it, and how to mend it."""


def refused_calls(chaos: Chaos, allowance: Allowance) -> Iterator[Refusal]:
    """What a fault would call and may not."""
    calls: dict[Keys, Call | None] = {(): chaos, ("undo",): chaos.undo}
    for keys, call in calls.items():
        if call is not None and not _is_module(call.module, allowance):
            yield (*keys, "module"), *_not_listed("the module", call.module, "modules")


def refused_providers(
    providers: Iterator[tuple[Keys, Mapping[str, Any]]], allowance: Allowance
) -> Iterator[Refusal]:
    """What an experiment would call and may not."""
    for keys, provider in providers:
        kind = provider.get("type")
        if kind == "python" and not _is_module(str(provider.get("module")), allowance):
            yield (*keys, "module"), *_not_listed("the module", provider.get("module"), "modules")
        elif kind == "process":
            yield from _refused_program(keys, provider, allowance)
        elif kind == "http" and not _is_host(str(provider.get("url")), allowance):
            host = _host(str(provider.get("url")))
            yield (*keys, "url"), *_not_listed("the host", host, "hosts")


def _refused_program(
    keys: Keys, provider: Mapping[str, Any], allowance: Allowance
) -> Iterator[Refusal]:
    if provider.get("path") not in allowance.programs:
        yield (*keys, "path"), *_not_listed("the program", provider.get("path"), "programs")
    if isinstance(provider.get("arguments"), str) and not allowance.shell:
        why = "is one text, which a shell would take apart"
        yield (*keys, "arguments"), why, "write a list, or allow `chaos: {shell: true}`"


def _not_listed(what: str, name: Any, key: str) -> tuple[str, str]:
    return (
        f"{what} {str(name)[:120]!r} may not be used in this environment",
        f"list it under `chaos: {{{key}: [...]}}` of the environment, if it may",
    )


def _is_module(module: str, allowance: Allowance) -> bool:
    return any(module == one or module.startswith(f"{one}.") for one in allowance.modules)


def _is_host(url: str, allowance: Allowance) -> bool:
    return "*" in allowance.hosts or _host(url) in allowance.hosts


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
