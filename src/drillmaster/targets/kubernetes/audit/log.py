"""What the people of an environment did, by the API server's audit log."""

from collections.abc import Collection
from pathlib import Path

from drillmaster.targets.base import ActionRecord, DeclinedError
from drillmaster.targets.kubernetes.audit.files import LogFiles
from drillmaster.targets.kubernetes.audit.records import Record, read
from drillmaster.targets.kubernetes.audit.whose import Owners
from drillmaster.targets.kubernetes.connection.api import KubernetesApi
from drillmaster.targets.kubernetes.rights.people import People


class AuditLog:
    """The audit log of one cluster, as far as it is about some namespaces. It is read on from
    where it was read to."""

    def __init__(
        self, path: str | None, api: KubernetesApi, people: People, namespaces: Collection[str]
    ) -> None:
        self._people, self._namespaces = people, frozenset(namespaces)
        self._owners = Owners(api)
        self._path = None if path is None else Path(path)
        self._begin(history=False)

    def _begin(self, *, history: bool) -> None:
        """Read from the beginning: of the log, or of what it was rotated to before."""
        self._files = None if self._path is None else LogFiles(self._path, history=history)
        self._seen: dict[str, tuple[Record, str]] = {}
        """Each record and its person, by the record's id, in the order of the log."""

    def after(self, last: str | None) -> list[ActionRecord]:
        """What people did, in the order of the log, after the record with that id.

        Raises:
            DeclinedError: the environment names no log, or it cannot be read; or the record with
                that id is not in it any more, so that what came after it is not known.
            UnreachableError: whose a pod was cannot be asked. Nothing is lost: the next call
                tells it.
        """
        self._read_on()
        if last is not None and last not in self._seen:
            self._begin(history=True)
            self._read_on()
        if last is not None and last not in self._seen:
            raise DeclinedError(
                f"the audit log {self._path} does not hold the record {last} any more"
            )
        ids = list(self._seen)
        begin = 0 if last is None else ids.index(last) + 1
        return [self._told(*self._seen[one]) for one in ids[begin:]]

    def _read_on(self) -> None:
        if self._files is None:
            raise DeclinedError("the environment names no audit_log, so nobody's acts can be seen")
        for line in self._files.lines():
            record = read(line) if self._people.may_be_in(line) else None
            if record is None or record.namespace not in self._namespaces:
                continue
            if record.allowed and not record.succeeded:
                continue  # what failed was not done, and was refused to nobody
            who = self._people.person(record.user)
            if who is not None:
                self._seen.setdefault(record.id, (record, who))

    def _told(self, record: Record, who: str) -> ActionRecord:
        workload = record.name
        if record.deed.of_pod:
            workload = self._owners.workload(record.namespace, record.name)
        return ActionRecord(
            id=record.id,
            at=record.at,
            precision=record.precision,
            who=who,
            action=record.deed.action,
            namespace=record.namespace,
            workload=workload,
            parameters=dict(record.deed.parameters),
            allowed=record.allowed,
            succeeded=record.succeeded,
            doubt=record.deed.doubt,
        )
