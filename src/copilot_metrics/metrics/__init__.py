"""The metrics themselves: their names, totals, comparisons, and findings. No input or output."""
