from django.conf import settings
from django.http import HttpRequest


def house(_request: HttpRequest) -> dict[str, object]:
    return {"clinic_id": settings.CLINIC_ID, "languages": settings.LANGUAGES}
