"""Render reports as JSON (`metrics_json`), CSV (`csv_files`), Markdown (`markdown`), and PNG (`charts`)."""
