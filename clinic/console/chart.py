"""Charts: Vega-Lite written with Altair, made into SVG here by vl-convert. No script reaches the browser.

The only door of both libraries. A chart is a picture of its own address: it costs 70 ms of processor time, for which
the page beside it does not wait. It brings the page's colours, by day and by night, and its typeface.

Not interactive: Vega needs a script in the page, and its expressions `unsafe-eval` unless an interpreter stands beside
it; the console's policy allows neither.
"""

import base64
import copy
import hashlib
import json
import re
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

VL_VERSION = "5.20"
KEPT_MAX = 128
ROW_HEIGHT, WIDTH = 74, 620
FONT = "Atkinson, system-ui, sans-serif"
Locale = Literal["fr-FR", "en-GB"]

_drawn: OrderedDict[str, str] = OrderedDict()
_lock = threading.Lock()


@dataclass(frozen=True)
class Point:
    """One session, or the mean of one week. `at`: local time, as 2026-11-29T10:00. None: not answered."""

    row: str
    at: str
    before: float | None
    after: float | None
    pleasant: bool


@dataclass(frozen=True)
class Spot:
    """A mean change and its interval at one of the steps after a care."""

    row: str
    step: str
    mean: float
    low: float
    high: float


def course_chart(points: Sequence[Point], rows: Sequence[str], language: str) -> str:
    """SVG: before (dashed) and after (the cone's colours), one row for each indicator."""
    return _svg(_course(tuple(rows)), [_told(one) for one in points], language)


def days_chart(spots: Sequence[Spot], rows: Sequence[str], steps: Sequence[str], title: str, language: str) -> str:
    """SVG: the mean change with its interval, right after a care and on the next days; 0 is what it was before."""
    return _svg(_days(tuple(rows), tuple(steps), title), [asdict(one) for one in spots], language)


def warm() -> None:
    """The first chart takes a second to start the engine: better before anybody waits for it."""
    course_chart([Point("…", "2026-01-01T00:00", 1, 1, pleasant=False)], ["…"], "fr")


@cache
def _course(rows: tuple[str, ...]) -> dict[str, Any]:
    import altair as alt

    base = alt.Chart(alt.InlineData(values=[]), width=WIDTH, height=ROW_HEIGHT)
    x = alt.X("at:T", title=None, axis=alt.Axis(format="%-d %b", tickCount=6, grid=False))
    axis = alt.Axis(values=[0, 5, 10], title=None, domain=False, ticks=False)
    scale = alt.Scale(domain=[0, 10], nice=False)
    before = base.mark_line(strokeDash=[5, 4], strokeWidth=1.6, color="var(--muted)").encode(
        x=x, y=alt.Y("before:Q", scale=scale, axis=axis)
    )
    after = base.mark_line(strokeWidth=1.6, color="var(--ink)").encode(x=x, y=alt.Y("after:Q", scale=scale, axis=axis))
    spots = base.mark_circle(size=62, opacity=1, stroke="var(--ink)", strokeWidth=1.4).encode(
        x=x, y=alt.Y("after:Q", scale=scale, axis=axis), fill=alt.Fill("colour:N", scale=None)
    )
    header = alt.Header(title=None, labelAngle=0, labelAlign="left", labelFontSize=15, labelPadding=12)
    row = alt.Row("row:N", sort=list(rows), header=header)
    return _written(alt.layer(before, after, spots).facet(row=row, spacing=14))


@cache
def _days(rows: tuple[str, ...], steps: tuple[str, ...], title: str) -> dict[str, Any]:
    import altair as alt

    base = alt.Chart(alt.InlineData(values=[]), width=160, height=130)
    x = alt.X("step:O", sort=list(steps), title=None, axis=alt.Axis(labelAngle=0, domain=False, ticks=False))
    axis = alt.Axis(tickCount=5, grid=True)
    zero = base.mark_rule(color="var(--ink)", strokeWidth=1.2).encode(y=alt.datum(0))
    span = base.mark_rule(color="var(--teal)", strokeWidth=3).encode(
        x=x, y=alt.Y("low:Q", title=title, axis=axis), y2="high:Q"
    )
    dots = base.mark_circle(size=80, opacity=1, fill="var(--teal)", stroke="var(--card)", strokeWidth=1.5).encode(
        x=x, y=alt.Y("mean:Q", title=title, axis=axis)
    )
    column = alt.Column("row:N", sort=list(rows), header=alt.Header(title=None, labelFontSize=15))
    return _written(alt.layer(zero, span, dots).facet(column=column, spacing=22))


def _written(chart: Any) -> dict[str, Any]:
    """With Altair's own check against the grammar's schema; once for each kind of chart."""
    told: dict[str, Any] = chart.configure(
        background="transparent",
        font=FONT,
        view={"stroke": "var(--hair)", "strokeWidth": 1},
        axis={
            "labelColor": "var(--muted)",
            "titleColor": "var(--muted)",
            "domainColor": "var(--line)",
            "tickColor": "var(--line)",
            "gridColor": "var(--hair)",
            "labelFontSize": 13,
            "titleFontSize": 13,
            "titleFontWeight": "normal",
        },
        header={"labelColor": "var(--ink)"},
    ).to_dict()
    return told


def _told(one: Point) -> dict[str, Any]:
    ramp = colours()["pleasant" if one.pleasant else "intense"]
    colour = ramp[max(0, min(10, round(one.after)))] if one.after is not None else None
    return {"row": one.row, "at": one.at, "before": one.before, "after": one.after, "colour": colour}


def _svg(grammar: dict[str, Any], values: list[dict[str, Any]], language: str) -> str:
    told = copy.copy(grammar)
    told["data"] = {"values": values}
    spec = json.dumps(told, ensure_ascii=False, sort_keys=True)
    key = hashlib.sha256(f"{language}\0{spec}".encode()).hexdigest()
    with _lock:
        if key in _drawn:
            _drawn.move_to_end(key)
            return _drawn[key]
    drawn = _dressed(_draw(spec, language))
    with _lock:
        _drawn[key] = drawn
        while len(_drawn) > KEPT_MAX:
            _drawn.popitem(last=False)
    return drawn


def _draw(spec: str, language: str) -> str:
    import vl_convert

    locale: Locale = "fr-FR" if language == "fr" else "en-GB"
    return vl_convert.vegalite_to_svg(
        spec, vl_version=VL_VERSION, allowed_base_urls=[], format_locale=locale, time_format_locale=locale
    )


def _dressed(svg: str) -> str:
    """With the page's colours and typeface: a picture sees nothing of the page that shows it."""
    head, rest = svg.split(">", 1)
    return f"{head}><style>{_style()}</style>{rest}"


@cache
def _style() -> str:
    light, dark = re.findall(r":root \{(.*?)\}", _tokens(), re.DOTALL)[:2]
    font = (
        resources.files("clinic.console").joinpath("static/fonts/AtkinsonHyperlegibleNext-Regular.woff2").read_bytes()
    )
    face = f"@font-face{{font-family:Atkinson;src:url(data:font/woff2;base64,{base64.b64encode(font).decode()})}}"
    return f"{face}:root{{{light.strip()}}}@media(prefers-color-scheme:dark){{:root{{{dark.strip()}}}}}"


@cache
def colours() -> dict[str, tuple[str, ...]]:
    """The cone's, from the stylesheet's tokens: eleven of each ramp."""
    found = {
        ramp: dict(re.findall(rf"\.{ramp} \.r(\d+) \{{ fill: (#\w+)", _tokens())) for ramp in ("intense", "pleasant")
    }
    return {ramp: tuple(steps[str(step)] for step in range(11)) for ramp, steps in found.items()}


@cache
def _tokens() -> str:
    return resources.files("clinic.console").joinpath("static/console/tokens.css").read_text()
