"""A question before people are paged, or faults of others undone: only a yes goes on."""

import os
import pty
import subprocess
from pathlib import Path

import pytest

from tests.support.drills import COMMAND, DRILL, ENVIRONMENT, command, write_project

REAL = ENVIRONMENT.replace(
    "responder-1: {roles: [primary], simulate: silent}",
    "responder-1: {roles: [primary], contacts: [{channel: here}]}",
).replace(
    "responder-2: {roles: [secondary], simulate: silent}",
    "responder-2: {roles: [secondary], contacts: [{channel: here}]}",
)
REAL += "channels: {here: {terminal: {}}}\n"
"""The environment, with people who are really paged."""


def answered(folder: Path, keys: bytes) -> tuple[int, str]:
    """`run` at a terminal, where its question is answered; its exit code and what it said."""
    drill = write_project(folder, DRILL, REAL)
    master, terminal = pty.openpty()
    try:
        with subprocess.Popen(
            [*COMMAND, "run", str(drill)],
            cwd=folder,
            stdin=terminal,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            assert process.stdout is not None
            os.write(master, keys)
            said = process.stdout.read()
        return process.returncode, said
    finally:
        os.close(master)
        os.close(terminal)


@pytest.mark.parametrize("keys", [b"\x04", b"n\n", b"\n", b"\xff\nn\n"])
def test_whoever_does_not_say_yes_pages_nobody(tmp_path: Path, keys: bytes) -> None:
    code, said = answered(tmp_path, keys)
    assert "for real. Go on?" in " ".join(said.split())
    assert said.endswith("nothing was done\n")
    assert code == 2
    assert not (tmp_path / ".drillmaster").exists()


def test_where_nobody_can_be_asked_it_says_how_to_agree(tmp_path: Path) -> None:
    drill = write_project(tmp_path, DRILL, REAL)
    refused = command(tmp_path, "run", str(drill))
    assert refused.returncode == 2
    assert "Say --yes if that is meant" in refused.stderr
