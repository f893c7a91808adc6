"""Keep what a later run needs: in the workspace, and on a branch."""
