"""Faults in the HTTP routes of Istio's VirtualServices.

A route need not have a name, and its place may change; so a fault of ours is put into each route
of a VirtualService, and found again by what it is. A route that was copied meanwhile is cleaned
as well.
"""

import copy
from typing import Any, Literal

from drillmaster.targets.base import DeclinedError
from drillmaster.targets.kubernetes.connection.api import Object
from drillmaster.targets.kubernetes.objects.workloads import name_of
from drillmaster.targets.kubernetes.writing.changes import Restored
from drillmaster.targets.kubernetes.writing.fields import ABSENT, Change, Path

Part = Literal["abort", "delay"]
"""What of a route's `fault` it is."""


def serves(service: Object, host: str, namespace: str) -> bool:
    """Whether a VirtualService is for a host of the mesh, by any name that the host has there."""
    names, full = {host}, host
    for part in (namespace, "svc", "cluster.local"):
        full = f"{full}.{part}"
        names.add(full)
    return not names.isdisjoint((service.get("spec") or {}).get("hosts") or [])


def put_fault(service: Object, part: Part, value: dict[str, Any]) -> Change:
    """Put a fault into all routes.

    Raises:
        DeclinedError: there is no HTTP route, or one has such a fault already.
    """
    routes = _routes(service)
    if not routes:
        raise DeclinedError(f"VirtualService {name_of(service)} has no HTTP route")
    for route in routes:
        if part in (route.get("fault") or {}):
            raise DeclinedError(
                f"VirtualService {name_of(service)} has a fault of its own in a route: {part}"
            )
        route["fault"] = {**(route.get("fault") or {}), part: copy.deepcopy(value)}
    return change(part, value)


def change(part: Part, value: dict[str, Any]) -> Change:
    """What the mark says of it."""
    return Change(path_of(part), before=ABSENT, ours=value)


def path_of(part: Part) -> Path:
    """Where it is: in each route."""
    return ("spec", "http", "[*]", "fault", part)


def part_of(told: Change) -> Part:
    """Which fault a mark tells of."""
    return "abort" if told.path[-1] == "abort" else "delay"


def has_fault(service: Object, told: Change) -> bool:
    """Whether a route still has the fault as we put it there."""
    part = part_of(told)
    return any((route.get("fault") or {}).get(part) == told.ours for route in _routes(service))


def take_fault(service: Object, told: Change) -> Restored:
    """Take our fault out of all routes that have it. What somebody made of it elsewhere stays."""
    part, what = part_of(told), f"VirtualService {name_of(service)}"
    in_force, others = has_fault(service, told), False
    for route in _routes(service):
        faults: dict[str, Any] = route.get("fault") or {}
        if faults.get(part) == told.ours:
            del faults[part]
        others |= part in faults
        if "fault" in route and not faults:
            del route["fault"]
    if others:
        return Restored(in_force, [f"{what}: fault.{part} of a route is something else by now"])
    return Restored(in_force, [] if in_force else [f"{what} had been put back"])


def _routes(service: Object) -> list[dict[str, Any]]:
    routes: list[dict[str, Any]] = (service.get("spec") or {}).get("http") or []
    return routes
