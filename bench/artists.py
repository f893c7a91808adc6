"""What drawing costs in plain matplotlib: the artists of our charts, read from a pickle, saved by `savefig`.

Run as `artists.py PICKLE FOLDER`; imports nothing but matplotlib.
"""

from __future__ import annotations

import pickle
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.transforms import IdentityTransform

if TYPE_CHECKING:
    from matplotlib.artist import Artist

DPI = 72  # a point is a pixel, as on our canvas
MARKS = {"circle": "o", "square": "s", "diamond": "D", "dot": ",", "triangle": "^"}


def artist(kind: str, height: float, given: dict[str, Any]) -> Artist:
    """The artist that draws what our canvas was asked for; ours counts pixels from the top."""
    colour = given["colour"]
    if kind == "text":
        weight = "bold" if given["bold"] else "normal"
        return Text(
            given["x"], height - given["y"], given["text"], color=colour, fontsize=given["size"], fontweight=weight,
            horizontalalignment=given["align"], verticalalignment="center", parse_math=False,
        )  # fmt: skip
    if kind == "box":
        left, top, right, bottom = (given[edge] for edge in ("left", "top", "right", "bottom"))
        return Rectangle((left, height - bottom), right - left, bottom - top, color=colour, linewidth=0)
    xs, ys = zip(*((x, height - y) for x, y in given["points"]), strict=True)
    if kind == "line":
        line = Line2D(xs, ys, color=colour, linewidth=given["width"])
        if given["dash"]:
            line.set_dashes([length / given["width"] for length in given["dash"]])
        return line
    face = "white" if given["hollow"] else colour
    size = 2 * given["radius"]
    return Line2D(
        xs, ys, linestyle="", marker=MARKS[given["mark"]], markersize=size, color=colour, markerfacecolor=face
    )


def main() -> None:
    """Draw and save each chart."""
    charts = pickle.loads(Path(sys.argv[1]).read_bytes())  # noqa: S301 - written by run.py a moment ago
    for name, width, height, asked in charts:
        figure = Figure(figsize=(width / DPI, height / DPI), dpi=DPI)
        FigureCanvasAgg(figure)
        for kind, given in asked:
            made = artist(kind, height, given)
            made.set_transform(IdentityTransform())
            figure.add_artist(made)
        figure.savefig(Path(sys.argv[2]) / f"{name}.png")


main()
