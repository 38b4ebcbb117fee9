from django.apps import AppConfig


class SuitabilityConfig(AppConfig):
    name = "clinic.suitability"
