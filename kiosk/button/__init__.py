"""The one physical button, and its light."""
