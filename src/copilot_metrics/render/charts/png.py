"""Figures as PNG files of few colors, light and dark."""

from __future__ import annotations

import io
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from PIL import Image

from copilot_metrics.render.charts import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

_SHADES = 10
"""Shades of each color, for smooth edges: the last one is the color itself."""

_BITS = 5
"""Bits of red, green, and blue by which the nearest color of the palette is looked up."""


def encode(figure: Figure) -> tuple[bytes, bytes]:
    """Return a figure as PNG in the light and the dark theme.

    Both have the same pixels. Only their palettes differ: each has the same colors in the same order, in shades from
    the background of the theme to the color.
    """
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # type: ignore[no-untyped-call]
    pixels = np.asarray(canvas.buffer_rgba())  # type: ignore[no-untyped-call]
    red, green, blue = (pixels[:, :, :3] >> (8 - _BITS)).astype(np.uint16).transpose(2, 0, 1)
    image = Image.fromarray(_nearest_colors()[red << (2 * _BITS) | green << _BITS | blue])
    return _png(image, "light"), _png(image, "dark")


def _png(picture: Image.Image, theme: str) -> bytes:
    image = picture.copy()
    image.putpalette(_palette(theme).astype(np.uint8).tobytes())
    file = io.BytesIO()
    image.save(file, "png", compress_level=6)
    return file.getvalue()


@cache
def _palette(theme: str) -> NDArray[np.int32]:
    """Return the colors of a theme, N × 3: the background, then the shades of each color."""
    background = np.array(to_rgb(getattr(style.BACKGROUND, theme)))
    shares = np.linspace(0, 1, _SHADES + 1)[1:, None]
    shades = [background * (1 - shares) + np.array(to_rgb(getattr(color, theme))) * shares for color in style.COLORS]
    colors: NDArray[np.int32] = np.rint(np.vstack([background, *shades]) * 255).astype(np.int32)
    return colors


@cache
def _nearest_colors() -> NDArray[np.uint8]:
    """Return the number of the nearest color of the light palette for each red, green, and blue of few bits."""
    levels = (np.arange(2**_BITS) << (8 - _BITS)) + 2 ** (7 - _BITS)
    colors = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1).reshape(-1, 3)
    palette = _palette("light")
    distances = ((colors[:, None, :] - palette[None]) ** 2).sum(axis=2)
    nearest: NDArray[np.uint8] = distances.argmin(axis=1).astype(np.uint8)
    pure = np.array([0, *range(_SHADES, len(palette), _SHADES)])  # these have no edge: they must be exact
    red, green, blue = (palette[pure] >> (8 - _BITS)).T
    nearest[red << (2 * _BITS) | green << _BITS | blue] = pure
    return nearest
