"""Where files are put: the workspace, and later a branch."""
