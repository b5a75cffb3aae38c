"""The few SVG elements that a picture needs, with numbers to a tenth of a pixel."""

from xml.etree import ElementTree as ET


def child(parent: ET.Element, tag: str, **attributes: str | float) -> ET.Element:
    """A new element; `class_` is written as `class`, and `_` in a name as `-`."""
    written = {
        name.rstrip("_").replace("_", "-"): value if isinstance(value, str) else f"{value:.1f}"
        for name, value in attributes.items()
    }
    return ET.SubElement(parent, tag, written)


def line(
    parent: ET.Element, css: str, *, start: tuple[float, float], end: tuple[float, float]
) -> ET.Element:
    """A straight line."""
    (x1, y1), (x2, y2) = start, end
    return child(parent, "line", class_=css, x1=x1, y1=y1, x2=x2, y2=y2)


def text(parent: ET.Element, css: str, words: str, *, at: tuple[float, float]) -> ET.Element:
    """A line of text; `at` is where its baseline starts, or as the style says."""
    element = child(parent, "text", class_=css, x=at[0], y=at[1])
    element.text = words
    return element


def titled(element: ET.Element, words: str) -> ET.Element:
    """The element with a title, which browsers show and screen readers say."""
    child(element, "title").text = words
    return element
