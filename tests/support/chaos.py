"""A Chaos Toolkit extension of a test's own, and faults that play it.

What is broken is a file that is there: a process may be killed at any moment of making or
removing it, and everybody can see whether it is.
"""

import textwrap
from pathlib import Path
from typing import Any
from uuid import uuid4

from drillmaster.definitions.chaos import Allowance, Chaos, Experiment
from drillmaster.faults.base import Injection
from drillmaster.faults.chaostoolkit.order import order_for

RUN = f"r{uuid4().hex[:8]}"
"""The run that they belong to, and no other of a test that runs at the same time."""

MODULE = "ourchaos"
"""The extension's module."""

EXTENSION = """
    import os, subprocess, sys, time
    from pathlib import Path

    def break_it(path):
        Path(path).write_text("broken")

    def mend_it(path):
        Path(path).unlink(missing_ok=True)

    def mend_and_fail(path):
        mend_it(path)
        raise RuntimeError("mended, and yet")

    def fail(path=None):
        raise RuntimeError("this never works")

    def break_and_fail(path):
        break_it(path)
        fail()

    def break_and_hang(path):
        break_it(path)
        time.sleep(600)

    def break_and_swallow(path):
        break_it(path)
        while True:
            try:
                time.sleep(600)
            except BaseException:
                pass

    def break_and_exit(path):
        break_it(path)
        sys.exit(3)

    def break_late(path, after):
        time.sleep(after)
        break_it(path)

    def leave_a_child(path, after):
        code = f"import time; time.sleep({after}); open({path!r}, 'w').close()"
        subprocess.Popen([sys.executable, "-c", code], start_new_session=True)

    def leave_a_fork(path, after):
        break_it(path)
        if os.fork() == 0:
            os.setsid()
            time.sleep(after)
            os._exit(0)

    def fork_and_let_both_return(path):
        os.fork()
        break_it(path)

    def serve(path):
        given = dict(stdin=subprocess.DEVNULL, start_new_session=True)
        Path(path).write_text(str(subprocess.Popen(["sleep", "120"], **given).pid))

    def end_serving(path):
        os.kill(int(Path(path).read_text()), 9)

    def mend_by_a_child_and_hang(path):
        mend_it(path)
        subprocess.run(["sleep", "120"])

    def nothing():
        return None

    def say(text):
        print(text)
        raise RuntimeError(f"said {text}")

    def value(it):
        return it
"""


def extension(folder: Path) -> Path:
    """Write the extension into a folder; the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{MODULE}.py").write_text(textwrap.dedent(EXTENSION))
    return folder


def call(func: str, **arguments: Any) -> dict[str, Any]:
    """A call of the extension."""
    return {"module": MODULE, "func": func, "arguments": arguments}


def action(func: str, /, **arguments: Any) -> dict[str, Any]:
    """An action of an experiment that calls the extension."""
    return {
        "type": "action",
        "name": func,
        "provider": {"type": "python", **call(func, **arguments)},
    }


def shown_by(path: Path) -> dict[str, Any]:
    """Met while there is such a file."""
    return {"command": {"run": ["test", "-e", str(path)]}}


def chaos_fault(folder: Path, **changes: Any) -> Injection:
    """A fault `chaos` whose extension lies in the folder, and which makes a file there."""
    broken = folder / "broken"
    body = {
        **call("break_it", path=str(broken)),
        "undo": call("mend_it", path=str(broken)),
        "present": shown_by(broken),
        "affects": {"elsewhere": "a file"},
        "timeout": "20s",
        **changes,
    }
    given = Chaos.model_validate({key: value for key, value in body.items() if value is not None})
    return _injection("chaos", given, {}, folder)


def experiment_fault(folder: Path, experiment: dict[str, Any], **changes: Any) -> Injection:
    """A fault `experiment` whose extension lies in the folder."""
    body = {
        "file": "ours.json",
        "present": shown_by(folder / "broken"),
        "affects": {"elsewhere": "a file"},
        "timeout": "20s",
        **changes,
    }
    whole = {"title": "ours", "description": "ours", "rollbacks": [], **experiment}
    return _injection("experiment", Experiment.model_validate(body), {"ours.json": whole}, folder)


def _injection(
    kind: str, body: Chaos | Experiment, experiments: dict[str, dict[str, Any]], folder: Path
) -> Injection:
    order = order_for(body, experiments, Allowance(python_path=[str(folder)]), folder)
    return Injection(
        id=f"{RUN}-f",
        run=RUN,
        name="f",
        kind=kind,
        arguments=order.model_dump(mode="json", exclude_none=True),
        expires=0,
    )
