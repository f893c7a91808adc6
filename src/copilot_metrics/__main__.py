"""Run the program: `python -m copilot_metrics`."""

import sys

from copilot_metrics.cli import main

sys.exit(main())
