"""From a `Report` to files: JSON (`document`), CSV (`table`), Markdown (`markdown`) and PNG (`charts`)."""
