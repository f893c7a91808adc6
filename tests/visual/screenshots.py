"""`make screenshots`: the pictures of the README, of pages that `make visual-test` looks at."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

from PIL import Image

from copilot_metrics.paths import ROOT
from support.browser import started, top
from visual.cases import CASES

# The case, its page, and how much of it from the top (pixels).
PICTURES = {"report": ("one-organization", "orgs-octo-org", 1062), "teams": ("twelve-teams", "overview", 1655)}


def main() -> None:
    """Draw each, in few colors."""
    with started() as browser:
        for name, (case, page, height) in PICTURES.items():
            with tempfile.TemporaryDirectory() as folder:
                matches = CASES[case].pages(Path(folder))[page]
                picture = Image.open(io.BytesIO(top(browser, matches, height))).convert("RGB")
            target = ROOT / "docs" / "images" / f"{name}.png"
            picture.quantize(128, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
                target, optimize=True
            )


if __name__ == "__main__":
    main()
