"""Settings for property tests."""

from hypothesis import settings

# a machine under load is slow, not wrong
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")
