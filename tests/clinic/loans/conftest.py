"""The console's clinic with what lending needs."""

from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from clinic.home import Home
from mqtt_bridge import authority


@pytest.fixture
def home(console: Client, settings: Settings, tmp_path: Path) -> Home:
    """The console's clinic with an authority and its settings."""
    found: Home = settings.HOME
    authority.make_authority(found.authority, "maison")
    found.configuration_file.write_text('clinic = "maison"\n[broker]\nhost = "boites.example"\n')
    return found
