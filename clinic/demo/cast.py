"""The staff and the patients of the invented clinic: accounts, establishments, care teams, validated accesses."""

import random
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password

from clinic.demo.names import Person, people
from clinic.demo.rows import Rows, keys_follow
from clinic.people.models import (
    AccessRequest,
    CareTeamParticipant,
    Establishment,
    Patient,
    Practitioner,
    Role,
    SharingConsent,
    Team,
)

USER = "camille"
ROOMS = ("chambre", "à domicile")
_STAFF: tuple[tuple[str, str, str, Role, str], ...] = (
    (USER, "Camille", "Tilleul", Role.NURSE, "infirmière"),
    ("noe", "Noé", "Sureau", Role.PHYSICIAN, "médecin"),
    ("ines", "Inès", "Rossignol", Role.THERAPIST, "musicothérapeute"),
    ("awa", "Awa", "Bruyère", Role.COORDINATING_NURSE, "infirmière coordinatrice"),
    ("lea", "Léa", "Chardon", Role.ADVANCED_PRACTICE_NURSE, "infirmière en pratique avancée"),
    ("samir", "Samir", "Genêt", Role.NURSE, "infirmier"),
    ("rose", "Rose", "Pervenche", Role.NURSE, "infirmière de nuit"),
    ("hugo", "Hugo", "Bouleau", Role.SOCIAL_WORKER, "assistant social"),
    ("tom", "Tom", "Noisetier", Role.TECHNICIAN, "technicien"),
    ("alix", "Alix", "Fougère", Role.ADMINISTRATOR, "administratrice"),
)
_ELSEWHERE = ("paula", "Paula", "Mésange", Role.NURSE, "infirmière libérale")
_WHY = (
    "Elle dort mal depuis un mois.", "Il s’agite le soir.", "Pour la douleur pendant les soins.",
    "Les traitements l’angoissent.", "Sa fille pense que la musique l’aiderait.",
)  # fmt: skip


@dataclass(frozen=True)
class Staff:
    by_name: dict[str, Practitioner]
    establishment: Establishment
    others: tuple[Practitioner, ...]
    """More nurses, where there are many patients."""

    @property
    def user(self) -> Practitioner:
        return self.by_name[USER]


def make_staff(password: str, more: int, chance: random.Random) -> Staff:
    """All with the one password of the demonstration. `more`: how many nurses besides."""
    hashed = make_password(password)  # argon2 is slow on purpose: once for all of them

    def made(username: str, given: str, family: str, role: Role, shown: str) -> Practitioner:
        return Practitioner.objects.create(
            username=username, given=given, family=family, role=role, role_shown=shown, password=hashed
        )

    by_name = {words[0]: made(*words) for words in _STAFF}
    here = Establishment.objects.create(name="HAD des Tilleuls (inventée)")
    there = Establishment.objects.create(name="Cabinet des Mésanges (inventé)")
    others = [
        made(f"soin-{n:02}", person.given, person.family, Role.NURSE, "infirmière" if person.woman else "infirmier")
        for n, person in enumerate(people(more, chance) if more else (), 1)
    ]
    for name in ("Jour", "Nuit", "Soins de support"):
        Team.objects.create(establishment=here, name=name).members.set([*by_name.values(), *others])
    by_name["paula"] = made(*_ELSEWHERE)
    Team.objects.create(establishment=there, name="Tournée").members.set([by_name["paula"]])
    return Staff(by_name, here, tuple(others))


@dataclass(frozen=True)
class Followed:
    """A patient of the demonstration. `active`: in follow-up today; the others' follow-up is over."""

    id: str
    person: Person
    since_ms: int
    until_ms: int
    active: bool


def make_patients(found: list[Followed], staff: Staff, chance: random.Random) -> None:
    names = ("id", "given", "family", "address_as", "room", "establishment_id")
    patients = Rows(Patient, (*names, "search_key"))
    team = Rows(CareTeamParticipant, ("patient_id", "practitioner_id", "since_ms", "until_ms", "referring"))
    asked_names = (
        "patient_id",
        "asker",
        "words",
        "entered_by_id",
        "entered_ms",
        "asked_of_id",
        "decided_ms",
        "accepted",
    )
    asked = Rows(AccessRequest, (*asked_names, "reason"))
    for one in found:
        room = f"chambre {chance.randrange(1, 60)}" if chance.random() < 0.6 else "à domicile"
        told = (one.id, one.person.given, one.person.family, one.person.address_as, room, staff.establishment.pk)
        patients.add(*told, Patient(**dict(zip(names, told, strict=True))).key_to_search())
        until_ms = None if one.active else one.until_ms
        for who, referring in _team_of(one, staff, chance):
            team.add(one.id, who.pk, one.since_ms, until_ms if not referring else None, referring)
        user, entered_ms = staff.user.pk, one.since_ms - 2 * 86_400_000
        decided = (one.since_ms - 86_400_000, True, "Indiqué ; la personne est d’accord.")
        asked.add(one.id, "patient", chance.choice(_WHY), user, entered_ms, user, *decided)
    written = (patients, team, asked)
    for rows in written:
        rows.write()
    keys_follow(rows.model for rows in written)
    _from_elsewhere([one for one in found if one.active][:3], staff)


def _team_of(one: Followed, staff: Staff, chance: random.Random) -> list[tuple[Practitioner, bool]]:
    """The invented référent follows everybody in follow-up; the physician, those who were here before."""
    by_name = staff.by_name
    found = [(by_name[USER], True)] if one.active else [(by_name["noe"], True)]
    if one.active:
        found += [(by_name[name], False) for name in ("noe", "awa", "samir", "rose") if chance.random() < 0.7]
        found += [(by_name[name], False) for name in ("ines", "lea", "hugo") if chance.random() < 0.4]
        found += [(who, False) for who in chance.sample(staff.others, min(2, len(staff.others)))]
    return found


def _from_elsewhere(found: list[Followed], staff: Staff) -> None:
    """A nurse of another establishment, by the recorded consent of the patient alone (L.1110-4)."""
    paula = staff.by_name["paula"]
    for one in found:
        consent = SharingConsent.objects.create(
            patient_id=one.id, practitioner=paula, given_ms=one.since_ms, how="De vive voix, devant son fils.",
            recorded_by=staff.user,
        )  # fmt: skip
        CareTeamParticipant.objects.create(
            patient_id=one.id, practitioner=paula, since_ms=one.since_ms, consent=consent
        )
