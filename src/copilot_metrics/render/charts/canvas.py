"""A picture: draw lines, marks, boxes, and text at pixels from the top left corner, and write it as PNG.

This is matplotlib's Agg renderer without figures and axes: they would take most of the time of a run, to be imported
and to be drawn, and a chart whose labels must never overlap needs to place them itself.
"""

from __future__ import annotations

import contextlib
import io
from functools import cache
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

from PIL import Image

from copilot_metrics.render.charts import look
from copilot_metrics.render.charts.settings import defaults

with defaults():
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import RendererAgg
    from matplotlib.font_manager import FontProperties, get_font
    from matplotlib.path import Path
    from matplotlib.transforms import Affine2D

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Point = tuple[float, float]

HEIGHT = 1900  # the highest chart
_DPI = 72  # a point of text is a pixel
_FINE = 100  # the size at which letters are measured
_FIXED_POINT = 65536
_MIDDLE = 0.36  # from the middle of a line of text to its baseline, as a share of its size
_FONTS = FilePath(mpl.get_data_path()) / "fonts" / "ttf"
_FLIP = Affine2D().scale(1, -1).translate(0, HEIGHT)  # Agg counts from the bottom
# All settings that this renderer reads. Letters without hinting have the font's own width and draw faster.
_SETTINGS: Any = {
    "agg.path.chunksize": 0,
    "path.simplify": True,
    "path.simplify_threshold": 1 / 9,
    "path.snap": True,
    "text.antialiased": True,
    "text.hinting": "none",
}
_ALIGN = {"left": 0.0, "center": 0.5, "right": 1.0}
_MARKS = {
    "circle": Path.unit_circle(),
    "square": Path([(-0.85, -0.85), (0.85, -0.85), (0.85, 0.85), (-0.85, 0.85), (0, 0)], closed=True),
    "diamond": Path([(0, -1.2), (1.2, 0), (0, 1.2), (-1.2, 0), (0, 0)], closed=True),
    "dot": Path([(-1, -1), (1, -1), (1, 1), (-1, 1), (0, 0)], closed=True),
    "triangle": Path([(-1.1, -0.8), (1.1, -0.8), (0, 1.1), (0, 0)], closed=True),
}


class Canvas:
    """A drawing, which `clear` makes white again."""

    def __init__(self) -> None:
        self._renderer: Any = RendererAgg(look.WIDTH, HEIGHT, _DPI)  # type: ignore[no-untyped-call] # has no types
        self.clear()

    def clear(self) -> None:
        """Make the picture white again."""
        self._renderer.clear()
        self.box(0, 0, look.WIDTH, HEIGHT, look.PAPER)

    def line(self, points: Sequence[Point], color: str, width: float, dash: Sequence[float] = ()) -> None:
        """Draw a line through points; it breaks where one has no y (NaN)."""
        pen = self._pen(color, width)
        if dash:
            pen.set_dashes(0, dash)
        self._renderer.draw_path(pen, Path(points), _FLIP)

    def marks(self, points: Sequence[Point], mark: str, radius: float, color: str, *, hollow: bool = False) -> None:
        """Draw a mark at each of the points."""
        face = mpl.colors.to_rgb(look.PAPER if hollow else color)
        pen = self._pen(color, 0.4 * radius if hollow else 0)
        self._renderer.draw_markers(pen, _MARKS[mark], Affine2D().scale(radius), Path(points), _FLIP, face)

    def box(self, left: float, top: float, right: float, bottom: float, color: str) -> None:
        """Draw a filled box; its edges are rounded to pixels."""
        left, top, right, bottom = (round(edge) for edge in (left, top, right, bottom))
        corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
        self._renderer.draw_path(self._pen(color, 0), Path(corners), _FLIP, mpl.colors.to_rgb(color))

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: int = look.TEXT,
        color: str = look.INK,
        bold: bool = False,
        align: str = "left",
    ) -> None:
        """Draw a line of text; `y` is its middle."""
        x -= _ALIGN[align] * width(text, size, bold=bold)
        self._renderer.draw_text(self._pen(color, 1), x, round(y + _MIDDLE * size), text, _font(size, bold=bold), 0)

    def picture(self, height: float) -> Image.Image:
        """Return a copy of the picture down to `height`."""
        rows = round(height)
        pixels: Any = self._renderer.buffer_rgba()[:rows]
        return Image.frombuffer("RGBA", (look.WIDTH, rows), pixels, "raw", "RGBA", 0, 1).convert("RGB")

    def _pen(self, color: str, line_width: float) -> Any:  # noqa: ANN401 - has no types
        pen = self._renderer.new_gc()
        pen.set_foreground(color)
        pen.set_linewidth(line_width)
        pen.set_joinstyle("round")
        return pen


@contextlib.contextmanager
def sheet() -> Iterator[Canvas]:
    """Open a canvas; other users of matplotlib keep their settings."""
    with mpl.rc_context(_SETTINGS):
        yield Canvas()


def packed(picture: Image.Image) -> bytes:
    """Return a small PNG with few colors, because it may be committed every week."""
    file = io.BytesIO()
    few = picture.quantize(palette=_palette(), dither=Image.Dither.NONE)
    few.save(file, "PNG", compress_level=9)
    return file.getvalue()


def width(text: str, size: int = look.TEXT, *, bold: bool = False) -> float:
    """Return the largest width of a line of text, in pixels, without kerning."""
    return size * sum(_advance(character, bold=bold) for character in text)


@cache
def glyphs() -> frozenset[int]:
    """Return the characters that the font has, bold and not."""
    return frozenset.intersection(*(frozenset(get_font(_file(bold=bold)).get_charmap()) for bold in (True, False)))


@cache
def _advance(character: str, *, bold: bool) -> float:
    """Return the advance of each letter, as a share of the font size."""
    font = get_font(_file(bold=bold))
    font.set_size(_FINE, _DPI)
    return float(font.load_char(ord(character)).linearHoriAdvance) / _FIXED_POINT / _FINE


@cache
def _font(size: int, *, bold: bool) -> FontProperties:
    """Return a font from matplotlib's own files, so that installed fonts make no difference."""
    return FontProperties(fname=_file(bold=bold), size=size)


def _file(*, bold: bool) -> FilePath:
    return _FONTS / f"DejaVuSans{'-Bold' if bold else ''}.ttf"


@cache
def _palette() -> Image.Image:
    """Return the colors, and their mixtures with white at the edges of lines and letters."""
    shades = [look.PAPER, *(look.tint(color, share) for color, shares in look.FADES for share in shares)]
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for shade in shades for part in bytes.fromhex(shade[1:])])
    return palette
