"""QR codes, drawn here as SVG: what is in them is shown to nobody else's server. The only door to segno."""

import segno
from django.utils.safestring import SafeString, mark_safe


def drawn(words: str) -> SafeString:
    code = segno.make(words, error="m", micro=False)
    return mark_safe(code.svg_inline(omitsize=True, svgclass="qr", lineclass=None, border=4))  # noqa: S308  # segno's
