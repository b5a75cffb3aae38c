"""The rule of RBAC that would grant what was denied, as a line to paste."""

import re
import shlex
from collections.abc import Sequence
from itertools import groupby

from drillmaster.targets.kubernetes.rights.people import Subject
from drillmaster.targets.kubernetes.rights.questions import Question


def line(who: str, subject: Subject, missing: Sequence[Question]) -> str:
    """Commands, on one line, that grant somebody what is missing, and nothing else."""
    alike = sorted(set(missing), key=_scope)
    grants = [
        command
        for _, same in groupby(alike, key=_scope)
        for command in _grant(who, subject, sorted(same, key=str))
    ]
    return " && ".join(grants)


def _scope(question: Question) -> tuple[str, str, str]:
    """What stands in one role: one resource, or one object of it."""
    return question.namespace, question.qualified, question.name


def _grant(who: str, subject: Subject, same: Sequence[Question]) -> list[str]:
    first = same[0]
    verbs = ",".join(question.verb for question in same)
    role, binding = "role", "rolebinding"
    if not first.namespace:
        role, binding = "clusterrole", "clusterrolebinding"
    name = _name(who, verbs, first)
    resource = [f"--verb={verbs}", f"--resource={first.qualified}"]
    resource += [f"--resource-name={first.name}"] if first.name else []
    where = [f"--namespace={first.namespace}"] if first.namespace else []
    bound = [f"--{role}={name}", f"--user={subject.user}"]
    return [
        shlex.join(["kubectl", "create", role, name, *resource, *where]),
        shlex.join(["kubectl", "create", binding, name, *bound, *where]),
    ]


def _name(who: str, verbs: str, question: Question) -> str:
    words = [who, verbs, question.path, question.name]
    return re.sub(r"[^a-z0-9]+", "-", "-".join(filter(None, words)).lower()).strip("-")
