"""Send requests to GitHub, and return its responses or raise an `ApiError` that says what to do."""
