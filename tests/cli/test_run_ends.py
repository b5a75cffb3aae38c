"""How a drill that was run ends: its exit code and its reports, whoever reads along."""

import fcntl
import os
import pty
import re
import shutil
import subprocess
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.drills import COMMAND, DRILL, command, write_project
from tests.support.shipped import DRILLS

REFUSED = DRILL.replace("status: 200", "status: 418")
"""A drill that is over soon: it is not in steady state."""


@contextmanager
def terminal() -> Iterator[tuple[int, int]]:
    """A terminal: the master's end, and the one for a program."""
    master, slave = pty.openpty()
    try:
        yield master, slave
    finally:
        os.close(slave)


def test_a_closed_terminal_changes_no_exit_code_and_no_report(tmp_path: Path) -> None:
    drill = write_project(tmp_path, REFUSED)
    with terminal() as (master, slave):
        process = subprocess.Popen(
            [*COMMAND, "run", str(drill)],
            cwd=tmp_path,
            env={**os.environ, "XDG_STATE_HOME": str(tmp_path / "state")},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509
        )
    seen = b""
    while b"started" not in seen:
        seen += os.read(master, 4096)
    os.close(master)  # hangs up, and nothing can be printed any more
    assert process.wait(60) == 130
    assert not (tmp_path / "state").exists(), "no log: this is no bug"
    (reports,) = (tmp_path / "reports").iterdir()
    assert (reports / "scorecard.html").exists()


def test_a_closed_pipe_changes_no_exit_code(tmp_path: Path) -> None:
    drill = write_project(tmp_path, REFUSED)
    process = subprocess.Popen(
        [*COMMAND, "run", str(drill)],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(60) == 3


def test_reports_that_cannot_be_written_change_no_exit_code(tmp_path: Path) -> None:
    drill = write_project(tmp_path, REFUSED)
    (tmp_path / "reports").write_text("a file stands in their place")
    done = command(tmp_path, "run", str(drill))
    assert done.returncode == 3
    assert "not in steady state" in done.stdout
    assert re.search("the reports cannot be written to reports/", done.stdout)
    assert "Traceback" not in done.stdout + done.stderr


def test_a_hint_ends_its_sentence_and_a_cluster_is_called_one(tmp_path: Path) -> None:
    shutil.copytree(DRILLS, tmp_path / "drills")
    (tmp_path / "kubeconfig").write_text(KUBECONFIG)
    where = tmp_path / "drills" / "environments" / "kubernetes.yaml"
    mistyped = f"context: stagin\n  kubeconfig: {tmp_path / 'kubeconfig'}"
    where.write_text(where.read_text().replace("context: staging", mistyped))
    refused = command(tmp_path, "run", "drills/kubernetes-pod-churn.yaml", "--yes")
    assert refused.returncode == 3
    assert "did you mean staging?" in refused.stdout
    assert "staging?." not in refused.stdout
    looked = command(tmp_path, "preflight", "kubernetes")
    assert "the cluster cannot be reached" in looked.stdout


KUBECONFIG = """\
apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}]
users: [{name: u, user: {token: t}}]
contexts: [{name: staging, context: {cluster: c, user: u}}]
"""
