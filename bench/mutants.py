"""How many of the mutants that were tried the tests killed, by module; fails where fewer than `ENOUGH` were."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter, defaultdict

ENOUGH = 0.85
_MUTANT = re.compile(r"\s*(\S+)\.x[^.]*__mutmut_\d+: (.+)")
_KILLED = ("killed", "timeout", "suspicious", "caught by type check", "segfault")


def main(mutmut: str) -> int:
    """Print a row for each module and one for all; the exit status."""
    told = subprocess.run([mutmut, "results", "--all", "true"], check=True, capture_output=True, text=True).stdout
    found: defaultdict[str, Counter[bool]] = defaultdict(Counter)
    for module, verdict in _MUTANT.findall(told):
        if verdict != "not checked":
            found[module][verdict in _KILLED] += 1
            found["all"][verdict in _KILLED] += 1
    for module, counts in sorted(found.items(), key=lambda row: (row[0] == "all", row[0])):
        print(f"{counts[True]:5,} of {counts.total():5,} killed  {counts[True] / counts.total():6.1%}  {module}")
    return int(not found or found["all"][True] < ENOUGH * found["all"].total())


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
