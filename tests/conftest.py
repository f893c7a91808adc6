"""The same examples in every run, however slow the machine."""

from hypothesis import settings

settings.register_profile("steady", deadline=None, derandomize=True, database=None)
settings.register_profile("exhaustive", settings.get_profile("steady"))  # see support/examples.py
settings.load_profile("steady")
