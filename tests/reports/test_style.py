"""The page's colours: legible in light, dark and print (WCAG AA, 4.5 to 1)."""

import re
from importlib.resources import files

import pytest

TEMPLATES = files("drillmaster.reports") / "templates"

PAIRS = [
    ("ink", "paper"), ("muted", "paper"), ("accent", "paper"), ("ink", "accent-wash"),
    ("muted", "accent-wash"), ("accent", "accent-wash"), ("paper", "unsure"),
    *((ink, f"{tone}-wash") for tone in ("good", "bad", "unsure") for ink in ("ink", tone)),
    ("plain", "plain-wash"),
]  # fmt: skip


def palettes() -> dict[str, dict[str, str]]:
    """The colours by their names, for each place that sets them."""
    screen = (TEMPLATES / "screen.css").read_text(encoding="utf-8")
    printed = (TEMPLATES / "print.css").read_text(encoding="utf-8")
    light, dark = [_colours(block) for block in re.findall(r":root \{([^}]*)\}", screen)]
    (paper,) = [_colours(block) for block in re.findall(r":root \{([^}]*)\}", printed)]
    return {"light": light, "dark": dark, "print": light | paper}


def _colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+): #([0-9a-f]{6});", block))


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", ["light", "dark", "print"])
@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_text_stands_out_from_its_ground(name: str, ink: str, ground: str) -> None:
    colours = palettes()[name]
    assert contrast(colours[ink], colours[ground]) >= 4.5


def test_dark_colours_are_for_screens_alone() -> None:
    screen = (TEMPLATES / "screen.css").read_text(encoding="utf-8")
    assert re.findall(r"@media[^{]*dark\)", screen) == [
        "@media screen and (prefers-color-scheme: dark)"
    ]
    assert palettes()["dark"].keys() == palettes()["light"].keys()


def test_every_colour_has_a_name() -> None:
    for name in ("screen.css", "tables.css", "picture.css"):
        rules = re.sub(r":root \{[^}]*\}", "", (TEMPLATES / name).read_text(encoding="utf-8"))
        assert not re.findall(r"#[0-9a-f]{3,6}\b", rules)
