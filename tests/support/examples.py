"""The number of examples of a property."""

from hypothesis import settings


def max_examples(number: int) -> settings:
    """Return settings for a property: all examples in `make test-all`, a fifth of them in `make test`."""
    is_exhaustive = settings.get_current_profile_name() == "exhaustive"
    return settings(max_examples=number if is_exhaustive else number // 5)
