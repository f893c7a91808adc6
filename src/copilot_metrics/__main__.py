"""`python -m copilot_metrics`."""

import gc
import sys

gc.set_threshold(100_000)  # a run makes hardly any cyclic garbage, and looking for it takes a tenth of a short one
sys.setswitchinterval(0.0005)  # answers are read at once, although the rest of the program is imported meanwhile

from copilot_metrics.app import main  # noqa: E402 - the imports are most of what would be looked through

status = main()
gc.freeze()  # nor is there any use in looking once more at the end
sys.exit(status)
