"""docs/image-test.md: what the runs in a table's file have shown, for people, in the place of what stood there."""

from collections.abc import Sequence
from pathlib import Path

from tests.appliance.results import Image, Run
from tests.appliance.table import Row, images, last, summary

FIRST, LAST = "<!-- measured -->", "<!-- until here -->"


def write(runs: Sequence[Run], wanted: Sequence[str], page: Path) -> None:
    """In the order of `wanted`. Raises OSError; ValueError: the page has no place for it."""
    text = page.read_text()
    start, end = text.index(FIRST) + len(FIRST), text.index(LAST)
    page.write_text(text[:start] + "\n" + "\n".join(_lines(runs, wanted)) + "\n" + text[end:])


def _lines(runs: Sequence[Run], wanted: Sequence[str]) -> list[str]:
    named = images(runs)
    lines = ["", f"`{summary(runs, wanted)}`", ""]
    lines += [
        f"- {letter}: {image}; test code {_commits(runs, image)}; {_days(runs, image)}."
        for image, letter in named.items()
    ]
    lines += ["", "| part | run | s | load | seen |", "|---|---|---:|---:|---|"]
    for run in sorted(last(runs), key=lambda run: [*wanted, run.part].index(run.part)):
        head = f"| {_name(run, runs)} | {named[run.image]} {run.began[-5:]} | {run.took_s:.0f} | {run.load:.0f} |"
        for row in run.rows:
            lines.append(f"{head} {_cell(row)} |")
            head = "| | | | |"
    return [*lines, "", *_tries(runs)]


def _name(run: Run, runs: Sequence[Run]) -> str:
    tries = sum(one.part == run.part for one in runs)
    return f"`{run.part}`" + (f", {tries} runs" if tries > 1 else "")


def _cell(row: Row) -> str:
    """What was seen; what is counted only where it is not nothing."""
    counted = [
        f"{count} {word}" for count, word in ((row.boots, "boots"), (row.cuts, "cuts")) if count > (word == "boots")
    ]
    counted += [f"**{word} {count}**" for count, word in ((row.lost, "lost"), (row.twice, "twice")) if count]
    counted += [] if row.within else ["**beyond its limit**"]
    told = " ".join(row.told.split()).replace("|", "\\|")
    return f"**{row.name}**: {told}" + (f" ({', '.join(counted)})" if counted else "")


def _tries(runs: Sequence[Run]) -> list[str]:
    """The runs before a part's last one that were not fine: none is left out."""
    kept = {id(run) for run in last(runs)}
    bad = [run for run in runs if id(run) not in kept and not run.fine]
    lines = [f"- `{run.part}`, {run.began}, {run.commit}: {'; '.join(_cell(row) for row in run.rows)}" for run in bad]
    return ["Before their last run:", "", *lines, ""] if lines else []


def _commits(runs: Sequence[Run], image: Image) -> str:
    return ", ".join(dict.fromkeys(run.commit for run in runs if run.image == image))


def _days(runs: Sequence[Run], image: Image) -> str:
    days = sorted({run.began[:10] for run in runs if run.image == image})
    return days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
