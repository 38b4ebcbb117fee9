"""Messages with one patient (A16): the thread, how far each came, and a word to them."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from clinic.clock import now_ms
from clinic.console.bedside_words import standing_said
from clinic.console.forms import MessageForm
from clinic.console.once import once
from clinic.console.opening import open_patient
from clinic.console.ordering import pen_here, read_now, ring
from clinic.console.signed_in import practitioner_of
from clinic.coordination import threads
from clinic.correspondence.messaging import Marks, marks_of, thread, when
from clinic.correspondence.models import MessageFromPatient, MessageToPatient
from clinic.errors import RecordError
from clinic.fleet.boxes import boxes_of
from clinic.fleet.models import DeviceAssociation
from clinic.people.access import patients_of
from clinic.people.may import What
from clinic.people.models import Patient, Practitioner, Standing
from clinic.results.models import Reading


@dataclass(frozen=True)
class ToldMessage:
    at_ms: int
    uncertain: bool
    paragraphs: tuple[str, ...]
    sender: Practitioner | None
    """None: the person wrote it."""
    replies: tuple[str, ...] = ()
    marks: Marks | None = None
    answers: str = ""
    """The first words of what it answers."""
    readers: tuple[Reading, ...] = ()


@require_http_methods(["GET", "HEAD", "POST"])
@once
def messages(request: HttpRequest, patient_id: str) -> HttpResponse:
    """A POST writes to the patient."""
    what = What.WRITE_MESSAGES if request.method == "POST" else What.READ_RECORD
    patient = open_patient(request, patient_id, "messages", what)
    form = MessageForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            replies = form.cleaned_data["replies"].splitlines()
            threads.answer(patient, practitioner_of(request), form.cleaned_data["text"], replies, pen_here())
            ring()
            return HttpResponseRedirect(reverse("messages", args=[patient.id]))
        except RecordError:
            why = _why_not(patient, has_box=bool(boxes_of(patient)))
            form.add_error(None, why or gettext("Ce message ne peut pas partir : voyez les limites."))
    return _page(request, patient, form)


def _why_not(patient: Patient, *, has_box: bool) -> str:
    """What keeps anything from being written to them, and the remedy; empty when nothing does."""
    if patient.standing not in (None, Standing.State.ACTIVE):
        words = gettext("On ne lui écrit plus : %(state)s. Si c’est une erreur, corrigez-la dans « Situation ».")
        return words % {"state": standing_said(patient.standing)}
    if not has_box:
        return gettext("Cette personne n’a pas de boîte : rien ne lui parviendrait. Prêtez-lui d’abord une boîte.")
    return ""


def _page(request: HttpRequest, patient: Patient, form: MessageForm) -> HttpResponse:
    who, found = practitioner_of(request), thread(patient)
    readings = _readings(found)
    unread = {row for row, own in readings.items() if who.pk not in {reading.reader_id for reading in own}}
    if unread and read_now(request, unread):
        readings = _readings(found)
    ours = {one.message: one for one in found if isinstance(one, MessageToPatient)}
    has_box = _has_box(patient, who)
    context = {
        "nav": "patients",
        "patient": patient,
        "referring": patient.referring,
        "writes": has_box is not None,
        "messages": [_tell(one, ours, readings) for one in found],
        "waits": threads.waiting_of(patient),
        "form": form,
        "why_not": "" if form.is_bound else _why_not(patient, has_box=has_box is True),
        "now_ms": now_ms(),
    }
    return render(request, "console/messages.html", context)


def _has_box(patient: Patient, who: Practitioner) -> bool | None:
    """Whether a message would reach them; None: this reader writes them none."""
    theirs = DeviceAssociation.objects.filter(patient=OuterRef("pk"), until_ms=None, device__revoked_ms=None)
    mine = patients_of(who, What.WRITE_MESSAGES).filter(pk=patient.pk)
    return mine.annotate(has_box=Exists(theirs)).values_list("has_box", flat=True).first()


def _readings(found: list[MessageFromPatient | MessageToPatient]) -> dict[int, list[Reading]]:
    """Who has read each of the person's messages, first reader first."""
    readings: dict[int, list[Reading]] = {one.row_id: [] for one in found if isinstance(one, MessageFromPatient)}
    for reading in Reading.objects.filter(row__in=readings).select_related("reader").order_by("pk"):
        readings[reading.row_id].append(reading)
    return readings


def _tell(
    one: MessageFromPatient | MessageToPatient, ours: dict[str, MessageToPatient], readings: dict[int, list[Reading]]
) -> ToldMessage:
    if isinstance(one, MessageToPatient):
        return ToldMessage(when(one), False, tuple(one.text), one.sender, tuple(one.replies), marks_of(one))
    answered = ours.get(one.reply_to)
    return ToldMessage(
        at_ms=when(one),
        uncertain=one.error_ms is None,
        paragraphs=tuple(one.text.splitlines()),
        sender=None,
        answers=str(answered.text[0])[:60] if answered and answered.text else "",
        readers=tuple(readings.get(one.row_id, ())),
    )
