"""What every test shares: hypothesis plays the same examples each time, and never by the clock of a busy machine."""

from hypothesis import HealthCheck, settings

settings.register_profile("house", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")
