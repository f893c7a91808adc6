"""Asking GitHub: yields what it sent, or an `ApiError` that says what to do."""
