"""From a matplotlib figure to an SVG that fits any page: light or dark, any width, same bytes."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from xml.sax.saxutils import escape

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

# Okabe and Ito (2008), "Color universal design": told apart by colour-blind readers.
BLUE, VERMILLION, GREEN = "#0072B2", "#D55E00", "#009E73"
ORANGE, SKY, PURPLE = "#E69F00", "#56B4E9", "#CC79A7"

INK = "#010203"  # no figure uses this colour otherwise; it becomes currentColor
PX_PER_PT = 1.4
FONT = "DejaVu Sans"  # used to measure text only; the page's own font draws it

STYLE: dict[Any, Any] = {
    "font.family": FONT,
    "font.size": 9.0,
    "axes.titlesize": 9.0,
    "axes.edgecolor": INK,
    "axes.facecolor": "none",
    "axes.labelcolor": INK,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.facecolor": "none",
    "grid.color": INK,
    "grid.alpha": 0.15,
    "grid.linewidth": 0.5,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "text.color": INK,
    "text.parse_math": False,  # a class may be called "$"
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "svg.fonttype": "none",
    "svg.hashsalt": "hdalr",  # else ids differ from run to run
}


@contextmanager
def drawing(width_inches: float, height_inches: float) -> Iterator[Figure]:
    """Give an empty figure in the report's style; call `to_svg` before the block ends."""
    with mpl.rc_context(STYLE), warnings.catch_warnings():
        # Class names in other scripts: the browser has the letters that the measuring font lacks.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        warnings.filterwarnings("ignore", message="Matplotlib currently does not support")
        yield Figure(figsize=(width_inches, height_inches), layout="constrained")


def to_svg(figure: Figure, slug: str, title: str, description: str) -> str:
    """Write the figure as one ``<svg>`` element that can stand in a page or in a file.

    Parameters
    ----------
    slug
        Letters, digits and hyphens; prefix of all ids, so that many figures share a page.
    title, description
        What a screen reader says.

    Returns
    -------
    str
        Text and axes in ``currentColor``, no background, size in CSS pixels with a view box.
    """
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None})
    svg = buffer.getvalue()
    body = svg[svg.index(">", svg.index("<svg")) + 1 :]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(r"<style type=\"text/css\">.*?</style>", "", body, flags=re.DOTALL)
    body = re.sub(r"<!--.*?-->", "", body, flags=re.DOTALL)
    body = body.replace(INK, "currentColor").replace("xlink:href", "href")
    body = body.replace(f"font-family: '{FONT}'; ", "")
    body = re.sub(rf"font: (?:(\d+) )?([\d.]+px) '{FONT}'", font_properties, body)
    body = re.sub(r"\s*\n\s*", "\n", prefix_ids(body, slug))
    width, height = (float(side) * 72 for side in figure.get_size_inches())
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" '
        f'aria-labelledby="{slug}-title {slug}-description" '
        f'width="{width * PX_PER_PT:.0f}" height="{height * PX_PER_PT:.0f}" '
        f'viewBox="0 0 {width:g} {height:g}" '
        f'style="max-width:{width * PX_PER_PT:.0f}px;stroke-linejoin:round;stroke-linecap:butt">'
        f'<title id="{slug}-title">{escape(title)}</title>'
        f'<desc id="{slug}-description">{escape(description)}</desc>{body.strip()}\n'
    )


def font_properties(match: re.Match[str]) -> str:
    """Size and weight as matplotlib chose them, family as the page has it."""
    weight, size_px = match.groups()
    return f"font-size: {size_px}" + (f"; font-weight: {weight}" if weight else "")


def prefix_ids(body: str, slug: str) -> str:
    """Drop the ids that nothing points to and give the others the figure's own prefix."""
    used = set(re.findall(r'(?:href="|url\()#([^")]+)', body))
    body = re.sub(
        r' id="([^"]*)"',
        lambda match: f' id="{slug}-{match[1]}"' if match[1] in used else "",
        body,
    )
    return re.sub(r'(href="|url\()#', rf"\g<1>#{slug}-", body)


def standalone(svg: str) -> str:
    """Add what an SVG needs to be a file of its own: a font, and text that shows on dark pages."""
    style = (
        "<style>svg{color:#1f2328;font-family:system-ui,sans-serif}"
        "@media(prefers-color-scheme:dark){svg{color:#e6edf3}}</style>"
    )
    return svg.replace("<title", f"{style}<title", 1)


def light_grid(axes: Axes, axis: str) -> None:
    """Faint lines across one axis ("x" or "y"), behind the data, and no ticks on it."""
    axes.set_axisbelow(True)
    axes.grid(axis=axis)  # type: ignore[arg-type]
    axes.tick_params(axis=axis, length=0)  # type: ignore[arg-type]


def log_axes(axes: Axes) -> None:
    """Both axes logarithmic, with plain numbers and a faint grid; call it when all is plotted."""
    axes.set_xscale("log")
    axes.set_yscale("log")
    for axis, (low, high) in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim())):
        subs = (1.0,) if high / low > 300 else (1.0, 2.0, 5.0)
        near = high / low < 3  # hardly a round number lies between
        axis.set_major_locator(MaxNLocator(4) if near else LogLocator(subs=subs))
        axis.set_major_formatter(
            FuncFormatter(lambda x, _: f"{x:,.4g}" if x < 1000 else f"{x:,.0f}")
        )
        axis.set_minor_formatter(NullFormatter())
    axes.tick_params(which="minor", length=0)
    light_grid(axes, "both")
