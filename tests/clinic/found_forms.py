"""The forms of a page, as a browser has them: where they go, their fields, what each could be sent with."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin

WORDS = "Une phrase assez longue."
SECRET = "une-toute-autre-nuit-calme"
PLAUSIBLE = {
    "email": "anne@example.fr", "number": "1", "date": "2030-05-04", "datetime-local": "2030-05-04T10:00",
    "time": "10:00", "password": SECRET, "search": "martin", "file": "",
}  # fmt: skip
"""What somebody could type into an empty field of this kind; words into every other."""


@dataclass
class Field:
    """`values`: what a choice offers, or what stands there."""

    name: str
    kind: str
    values: list[str] = field(default_factory=list)
    chosen: list[str] = field(default_factory=list)

    @property
    def plausible(self) -> list[str]:
        """As somebody would leave it who fills in the form."""
        if self.kind in ("radio", "select"):
            offered = [value for value in self.values if value]
            return self.chosen or offered[:1] or [""]
        if self.kind == "checkbox":
            return self.chosen
        standing = [value for value in self.values if value]
        return standing[:1] or ([""] if self.kind == "hidden" else [PLAUSIBLE.get(self.kind, WORDS)])


@dataclass
class FoundForm:
    """`buttons`: those that have a name, with their value: one of them is pressed."""

    action: str
    method: str
    fields: dict[str, Field] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    @property
    def key(self) -> tuple[object, ...]:
        return self.action, self.method, tuple(sorted(self.fields)), tuple(self.buttons)

    def filled(self, press: int = 0) -> dict[str, list[str]]:
        told = {name: one.plausible for name, one in self.fields.items()}
        if self.buttons:
            name, value = self.buttons[press % len(self.buttons)]
            told[name] = [value]
        return {name: values for name, values in told.items() if values}


class _Reader(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self._page = page
        self.found: list[FoundForm] = []
        self._open: FoundForm | None = None
        self._select: Field | None = None
        self._area: Field | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            action = urldefrag(urljoin(self._page, told.get("action") or self._page))[0]
            self._open = FoundForm(action, told.get("method", "get").lower())
            self.found.append(self._open)
        elif self._open is not None:
            self._inside(self._open, tag, told)

    def _inside(self, form: FoundForm, tag: str, told: dict[str, str]) -> None:
        name = told.get("name", "")
        match tag:
            case "button" if name:
                form.buttons.append((name, told.get("value", "")))
            case "input" if name:
                self._input(form, name, told)
            case "select" if name:
                self._select = form.fields.setdefault(name, Field(name, "select"))
            case "option" if self._select is not None:
                self._select.values.append(told.get("value", ""))
                self._select.chosen += [told.get("value", "")] if "selected" in told else []
            case "textarea" if name:
                self._area = form.fields.setdefault(name, Field(name, "textarea", [""]))
            case _:
                pass

    @staticmethod
    def _input(form: FoundForm, name: str, told: dict[str, str]) -> None:
        one = form.fields.setdefault(name, Field(name, told.get("type", "text")))
        value = told.get("value", "on" if one.kind == "checkbox" else "")
        one.values.append(value)
        if "checked" in told:
            one.chosen.append(value)

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area.values[-1] += data.removeprefix("\r\n").removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        match tag:
            case "form":
                self._open = None
            case "select":
                self._select = None
            case "textarea":
                self._area = None
            case _:
                pass


def forms_of(page: str, html: str) -> Iterator[FoundForm]:
    """`page`: its address, for forms that name none."""
    reader = _Reader(page)
    reader.feed(html)
    yield from reader.found
