"""« Séance par séance », « Commentaires », one session and the table for a spreadsheet, on Madame Martin's own."""

import csv
import io

import pytest
from django.test import Client

from clinic.audit.models import AuditEvent
from clinic.clock import now_ms
from clinic.coordination.models import Task
from clinic.people.models import Patient
from clinic.people.team import join
from clinic.results.models import Reading, Session
from tests.clinic.box import evaluation, listening, stamp
from tests.clinic.cast import practitioner, signed_in
from tests.clinic.conftest import Clinic

pytestmark = pytest.mark.django_db(databases=["default", "audit"])

LIST, COMMENTS = "/patients/martin/resultats/seances", "/patients/martin/resultats/commentaires"
DAY_MS = 86_400_000


def told(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode().replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


def lived(clinic: Clinic, days_ago: int, comment: str | None = None, *, after: int = 3) -> str:
    """One care so many days ago, heard whole; its id."""
    name, now = f"s-{days_ago}", now_ms()
    at = stamp(now - days_ago * DAY_MS - 3_600_000)
    for content in (
        evaluation("before", (6, 7, "declined", None, 2), session=name, asked=at),
        listening(name, started=at),
        evaluation("after", (after, 0, 3, 2, 5), comment, session=name, asked=at),
    ):
        clinic.receive(clinic.box.report(content), at_ms=now)
    return name


def test_each_session_is_a_line_and_its_silences_are_words(console: Client, clinic: Clinic) -> None:
    lived(clinic, 2, "J’ai <b>dormi</b>.")
    page = told(console, LIST)
    assert page.count('<th scope="row">') == 1
    assert "entendue en entier" in page
    assert "J’ai &lt;b&gt;dormi&lt;/b&gt;." in page
    assert "décliné" in page
    assert "la personne elle-même" in page
    assert "pas encore lu" in page
    assert not Reading.objects.exists(), "a list marks nothing as read"
    session = Session.objects.get()
    assert f"/patients/martin/seances/{session.pk}" in page
    assert "?soin=riviere" in page


def test_it_is_narrowed_by_care_and_period_and_turned(console: Client, clinic: Clinic) -> None:
    for days in (2, 40, 100, 400):
        lived(clinic, days)
    Session.objects.filter(session="s-40").update(request="nuit", care="Sommeil")
    for query, sessions in (
        ("", 4), ("jours=30", 1), ("jours=90", 2), ("jours=365", 3), ("soin=nuit", 1), ("soin=riviere&jours=30", 1),
        ("soin=nobody", 4), ("jours=7", 4), ("jours=²&page=x", 4), ("page=2", 0), ("soin=%00", 4), ("page=99999", 0),
    ):  # fmt: skip
        assert told(console, f"{LIST}?{query}").count('<th scope="row">') == sessions, query
    assert "Aucune séance" in told(console, f"{LIST}?page=2")


def test_forty_lines_a_page_and_none_is_lost(console: Client, clinic: Clinic) -> None:
    lived(clinic, 1)
    one = Session.objects.get()
    Session.objects.bulk_create(
        Session(
            device=one.device, session=f"more-{n}", patient=one.patient, request="riviere", care="Relaxation",
            started_ms=one.started_ms - n * DAY_MS, error_ms=0, time_source="clinic", first_received_ms=one.started_ms,
        )
        for n in range(1, 90)
    )  # fmt: skip
    counts = [told(console, f"{LIST}?page={n}").count('<th scope="row">') for n in (1, 2, 3)]
    assert counts == [40, 40, 10]
    assert "Plus anciennes" not in told(console, f"{LIST}?page=3")


def test_comments_are_read_where_they_stand_in_full(console: Client, clinic: Clinic) -> None:
    lived(clinic, 3, "Calme.")
    lived(clinic, 2)
    lived(clinic, 1, "Mal au dos\nce soir.")
    first = told(console, COMMENTS)
    assert first.index("Mal au dos") < first.index("Calme.")
    assert first.count("nouveau") == 2
    read = set(Reading.objects.values_list("row__evaluation__session__session", "row__evaluation__moment"))
    assert read == {("s-3", "after"), ("s-1", "after")}, "what is shown, and nothing else"
    assert not Task.objects.filter(kind="comment", ended_ms=None).exists(), "seen is ended"
    assert "lu par Claire" in told(console, LIST)
    again = told(console, COMMENTS)
    assert "nouveau" not in again
    assert Reading.objects.count() == 2
    assert console.head(COMMENTS).status_code == 200


def test_one_session_is_shown_whole_and_read_whole(console: Client, clinic: Clinic) -> None:
    lived(clinic, 1, "Bien.")
    lived(clinic, 2)
    key = Session.objects.get(session="s-1").pk
    assert "Bien." in told(console, f"/patients/martin/seances/{key}")
    assert Reading.objects.count() == 3
    assert console.get("/patients/martin/seances/999999999").status_code == 404


def test_another_patients_session_is_not_ones_own(console: Client, clinic: Clinic) -> None:
    lived(clinic, 1, "Secret.")
    other = Patient.objects.create(id="durand", given="Paul", family="Durand", address_as="Monsieur Durand")
    join(other, clinic.claire)
    key = Session.objects.get().pk
    assert console.get(f"/patients/durand/seances/{key}").status_code == 404
    assert "Secret." not in told(console, "/patients/durand/resultats/commentaires")
    assert not Reading.objects.exists()


def test_the_table_runs_nothing_and_a_silence_is_no_number(console: Client, clinic: Clinic) -> None:
    lived(clinic, 2, "=1+1|cmd", after=0)
    lived(clinic, 400)
    answer = console.get(f"{LIST}.csv?jours=30")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="seances-martin.csv"'
    head, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";")
    [row] = [dict(zip(head, one, strict=True)) for one in rows]
    assert row["comment_after"] == "'=1+1|cmd"
    items = [
        name.removesuffix("_before")
        for name in head
        if name.endswith("_before") and name not in ("who_before", "comment_before")
    ]
    assert len(items) == 5
    assert [row[f"{item}_before"] for item in items] == ["6", "7", "", "", "2"]
    assert row[f"{items[2]}_before_absent"] == "asked-declined"
    assert row[f"{items[0]}_after"] == "0"
    assert (row["outcome"], row["listened_s"], row["exact"]) == ("heard_whole", "60.0", "True")
    assert AuditEvent.objects.filter(agent="claire", detail__startswith="results exported").exists()
    physician = practitioner("paul", "physician")
    join(clinic.patient, physician)
    assert signed_in(physician).get(f"{LIST}.csv").status_code == 404, "the référent alone takes data away"
    assert "CSV" not in told(signed_in(physician), LIST)
