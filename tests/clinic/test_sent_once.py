"""A careless hand: a double click, the Back button, two tabs. What is sent twice is done once, and nothing is lost."""

import re

import pytest
from django.test import Client

from clinic.console.models import SentOnce
from clinic.console.once import KEPT_MS
from clinic.coordination.models import Task
from clinic.correspondence.models import MessageToPatient
from clinic.people.models import Patient, RelatedPerson
from tests.clinic.conftest import Clinic

pytestmark = pytest.mark.django_db(databases=["default", "audit"])

MESSAGES, TASKS = "/patients/martin/messages", "/patients/martin/taches"


def word_of(client: Client, path: str) -> str:
    """As the browser has it, of the page that was opened."""
    return str(re.findall(r'name="once" value="(\w+)"', client.get(path).content.decode())[-1])


def test_a_double_click_writes_one_message(console: Client, clinic: Clinic) -> None:
    told = {"text": "Je passe demain.", "once": word_of(console, MESSAGES)}
    first, second = console.post(MESSAGES, told), console.post(MESSAGES, told)
    assert first.headers["Location"] == second.headers["Location"] == MESSAGES
    assert MessageToPatient.objects.count() == 1
    console.post(MESSAGES, {**told, "once": word_of(console, MESSAGES)})
    assert MessageToPatient.objects.count() == 2, "the same words on purpose are another message"


def test_a_newcomer_is_entered_once(console: Client, clinic: Clinic) -> None:
    page = "/demandes/nouvelle"
    told = {
        "given": "Rose", "family": "Neuve", "address_as": "Rose", "asker": "patient", "words": "dort mal",
        "asked_of": str(clinic.claire.pk), "once": word_of(console, page),
    }  # fmt: skip
    assert [console.post(page, told).headers["Location"] for _ in range(2)] == ["/demandes", "/demandes"]
    assert Patient.objects.filter(family="Neuve").count() == 1


def test_a_relative_is_added_once(console: Client, clinic: Clinic) -> None:
    page = "/patients/martin/dossier/proches/nouveau"
    told = {"name": "Louise", "relationship": "child", "version": "1", "once": word_of(console, page)}
    for _ in range(2):
        assert console.post(page, told).status_code == 302
    assert RelatedPerson.objects.count() == 1


def test_what_was_refused_may_be_sent_again(console: Client, clinic: Clinic) -> None:
    word = word_of(console, TASKS)
    assert console.post(TASKS, {"reason": "", "once": word}).status_code == 200
    assert console.post(TASKS, {"reason": "Appeler", "once": word}).status_code == 302
    assert Task.objects.count() == 1
    assert SentOnce.objects.get().place == TASKS


def test_what_is_still_being_done_leads_to_its_page(console: Client, clinic: Clinic) -> None:
    SentOnce.objects.create(practitioner=clinic.claire, word="abc", sent_ms=2**42)
    answer = console.post(TASKS, {"reason": "Appeler", "once": "abc"})
    assert (answer.headers["Location"], Task.objects.count()) == (TASKS, 0)


def test_words_are_forgotten_after_a_day(console: Client, clinic: Clinic) -> None:
    SentOnce.objects.create(practitioner=clinic.claire, word="old", sent_ms=1)
    console.post(TASKS, {"reason": "Appeler", "once": "new"})
    assert [one.word for one in SentOnce.objects.all()] == ["new"]
    assert KEPT_MS == 86_400_000


@pytest.mark.parametrize("word", ["", "x" * 33, "\0"])
def test_without_a_word_nothing_is_held_back(console: Client, clinic: Clinic, word: str) -> None:
    for _ in range(2):
        assert console.post(TASKS, {"reason": "Appeler", "once": word}).status_code == 302
    assert Task.objects.count() == 2
