"""What a release is made of, to standard output: `release.py notes VERSION` and `release.py action IMAGE@DIGEST`."""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_HEADING = re.compile(r"^## (\S+)(.*)$", re.MULTILINE)
_DATED = re.compile(r" \(\d{4}-\d{2}-\d{2}\)")
_IMAGE = re.compile(r"^  image: Dockerfile$", re.MULTILINE)
_BY_DIGEST = re.compile(r"[a-z0-9./_-]+@sha256:[0-9a-f]{64}")


def notes(version: str) -> str:
    """Return what the changelog says of a version; exits where that is not dated, or not there."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = list(_HEADING.finditer(text))
    for place, heading in enumerate(headings):
        if heading[1] == version:
            if not re.fullmatch(r"\d+\.\d+\.\d+", version) or not _DATED.fullmatch(heading[2]):
                sys.exit(f"CHANGELOG.md has no date of release for {version}: “## {version} (YYYY-MM-DD)” is expected.")
            end = headings[place + 1].start() if place + 1 < len(headings) else len(text)
            return text[heading.end() : end].strip() + "\n"
    sys.exit(f"CHANGELOG.md says nothing of {version}.")


def action(image: str) -> str:
    """`action.yml` with the image by its digest in place of the Dockerfile."""
    if not _BY_DIGEST.fullmatch(image):
        sys.exit(f"{image} is no image by digest.")
    text, found = _IMAGE.subn(f"  image: docker://{image}", (ROOT / "action.yml").read_text(encoding="utf-8"))
    if found != 1:
        sys.exit("action.yml does not say “image: Dockerfile” once.")
    return text


if __name__ == "__main__":
    sys.stdout.write({"notes": notes, "action": action}[sys.argv[1]](sys.argv[2]))
