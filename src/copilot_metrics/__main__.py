"""`python -m copilot_metrics`."""

import sys

from copilot_metrics.app import main

sys.exit(main())
