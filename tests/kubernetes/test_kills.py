"""Drills on a real cluster that are killed at random moments of their whole life: in ten seconds
the cluster holds nothing of ours, and what was changed is as it was."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from drillmaster.targets.kubernetes.objects.resources import DEPLOYMENTS
from tests.support.cluster_drills import shop
from tests.support.controlplane import ControlPlane
from tests.support.sweep import WAYS, Fate, live, moments, table
from tests.support.sweep.cluster import ClusterPlace

SCALE = "scale: {{namespace: {namespace}, selector: app=checkout, to: 1}}"
SEED = 20261128
SAMPLE, WHOLE = 3, 120
STRUCK = 100
"""How many of the whole must be killed: some lives are over before their moment comes."""


@pytest.fixture(scope="module")
def place(controlplane: ControlPlane) -> Iterator[ClusterPlace]:
    with shop(controlplane) as namespace:
        yield ClusterPlace(controlplane, namespace, SCALE, DEPLOYMENTS)


def lives(number: int, place: ClusterPlace, folder: Path) -> Iterator[Fate]:
    """So many lives, each at a moment and in a way of its own; all ways in turn."""
    ways = random.Random(SEED).sample(WAYS, len(WAYS))
    for index, moment in enumerate(moments(SEED, number)):
        home = folder / str(index)
        home.mkdir()
        yield live(ways[index % len(ways)], moment, home, place)


def test_a_sample(place: ClusterPlace, tmp_path: Path) -> None:
    for fate in lives(SAMPLE, place, tmp_path):
        assert not fate.problems, str(fate)


@pytest.mark.soak
def test_a_hundred(place: ClusterPlace, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fates = []
    with capsys.disabled():
        for fate in lives(WHOLE, place, tmp_path):
            fates.append(fate)
            print(fate, flush=True)
        print(table(fates))
    assert sum(fate.struck for fate in fates) >= STRUCK, "too many were over before"
    assert sum(fate.had_fault for fate in fates) >= STRUCK // 4, "most found no fault in"
    assert not [str(fate) for fate in fates if fate.problems]
