"""A wheel of the project, and an empty environment with nothing but it and its dependencies.

Neither asks the network: the build runs with what is installed here, and the environment
takes the dependencies from here.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

from tests.support.shipped import ROOT

_NOT_SOURCE = shutil.ignore_patterns("__pycache__", "*.egg-info")


def source(folder: Path) -> Path:
    """A copy of what a wheel is made of, so that the build leaves the project as it is."""
    shutil.copytree(ROOT / "src", folder / "src", ignore=_NOT_SOURCE)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copyfile(ROOT / name, folder / name)
    return folder


def build(folder: Path) -> Path:
    """Build the wheel in a folder of its own."""
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation"]
    _run(*command, "--outdir", str(folder / "dist"), str(source(folder)))
    (wheel,) = (folder / "dist").iterdir()
    return wheel


def install(wheel: Path, folder: Path) -> Path:
    """Make an environment and install the wheel into it; the folder of its programs.

    The dependencies are those of this environment, by a path file. What is on a path file
    is searched last, and no path file in it is read: the project that is installed here for
    development is not seen.
    """
    venv.create(folder, with_pip=False, symlinks=True)
    programs = folder / "bin"
    pip = [sys.executable, "-m", "pip", "--python", str(programs / "python")]
    _run(*pip, "install", "--quiet", "--no-index", "--no-deps", str(wheel))
    (packages,) = (folder / "lib").glob("python*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return programs


def _run(*command: str) -> None:
    done = subprocess.run(
        command,
        env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )
    assert done.returncode == 0, done.stdout + done.stderr
