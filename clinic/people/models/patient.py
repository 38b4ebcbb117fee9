"""FHIR Patient: who they are, where they live, and what the team must know before anything else."""

from typing import Any, ClassVar

from django.db import models

from clinic.people.models.organization import Establishment
from clinic.people.models.practitioner import Practitioner
from clinic.people.searching import plain


class IdentityStatus(models.TextChoices):
    """How sure the identity is (référentiel national d'identitovigilance).

    Only a qualified one may bear the INS towards others. `PSEUDONYM`, ours: the record names nobody.
    """

    PROVISIONAL = "provisional"
    RETRIEVED = "retrieved"
    VALIDATED = "validated"
    QUALIFIED = "qualified"
    PSEUDONYM = "pseudonym"


class Gender(models.TextChoices):
    """FHIR AdministrativeGender."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"


class Pathway(models.TextChoices):
    """B1's three groups."""

    PALLIATIVE = "palliative"
    FLARE_UP = "flare-up"
    CARE_HOME = "care-home-support"


class Lives(models.TextChoices):
    HOME = "home"
    RELATIVES = "relatives"
    CARE_HOME = "care-home"
    SOCIAL_HOME = "social-home"
    HOSPITAL = "hospital"


class LegalProtection(models.TextChoices):
    """Code civil, livre Ier, titre XI; NONE was asked and there is none, empty is not known."""

    NONE = "none"
    SAFEGUARD = "sauvegarde"
    CURATORSHIP = "curatelle"
    CURATORSHIP_STRONG = "curatelle-renforcee"
    GUARDIANSHIP = "tutelle"
    FAMILY = "habilitation-familiale"
    MANDATE = "mandat-protection-future"


class HearingAids(models.TextChoices):
    NONE = "none"
    LEFT = "left"
    RIGHT = "right"
    BOTH = "both"


class PatientQuerySet(models.QuerySet["Patient"]):
    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> Any:
        objs = list(objs)
        for one in objs:
            one.search_key = one.key_to_search()
        return super().bulk_create(objs, *args, **kwargs)


class Patient(models.Model):
    id = models.CharField(primary_key=True, max_length=64)
    given = models.CharField(max_length=100, blank=True)
    """Empty under a pseudonym, which stands in `family`."""
    family = models.CharField(max_length=100)
    address_as = models.CharField(max_length=200)
    """How they chose to be addressed: « Madame Martin » unless they say otherwise."""
    identity_status = models.CharField(
        max_length=12, choices=IdentityStatus.choices, default=IdentityStatus.PROVISIONAL
    )
    ins = models.CharField(max_length=15, blank=True)
    """The matricule INS: thirteen characters and their key (`clinic.people.ins`)."""
    ins_oid = models.CharField(max_length=30, blank=True)
    birth_date = models.DateField(null=True, blank=True)
    gender = models.CharField(max_length=10, choices=Gender.choices, blank=True)
    pathway = models.CharField(max_length=20, choices=Pathway.choices, blank=True)
    lives = models.CharField(max_length=12, choices=Lives.choices, blank=True)
    address = models.CharField(max_length=300, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    room = models.CharField(max_length=100, blank=True)
    establishment = models.ForeignKey(Establishment, models.PROTECT, null=True, blank=True, related_name="patients")
    """Where they are cared for; None is the clinic itself, when it has named no establishment."""
    legal_protection = models.CharField(max_length=30, choices=LegalProtection.choices, blank=True)
    social_note = models.CharField(max_length=1000, blank=True)
    hearing_aids = models.CharField(max_length=6, choices=HearingAids.choices, blank=True)
    """Empty: nobody has asked. Headphones over hearing aids whistle, and levels without them mislead."""
    hearing_note = models.CharField(max_length=300, blank=True)
    team = models.ManyToManyField(Practitioner, through="CareTeamParticipant", related_name="patients")
    search_key = models.TextField(blank=True, editable=False)
    """What a search looks through, in plain letters; kept by `save`."""
    version = models.PositiveIntegerField(default=1)
    """One more at each change: who edits an older one is told (`clinic.people.editing`)."""
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged")
    """This record was a duplicate: what it held is the other's (`clinic.record.merging`)."""
    erased_ms = models.BigIntegerField(null=True, blank=True)
    referring: bool
    """Of a patient who was opened by somebody (`clinic.people.access.patient_of`): whether that is their référent."""
    standing: str | None
    """Likewise: the last word on where they stand (`Standing.State`); None: there never was one, active."""

    objects: ClassVar[Any] = PatientQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["family", "given", "id"], name="patients_by_name"),
            models.Index(fields=["ins"], condition=~models.Q(ins=""), name="patients_by_ins"),
        ]

    def __str__(self) -> str:
        return f"{self.given} {self.family}".strip()

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.search_key = self.key_to_search()
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], "search_key"}
        super().save(*args, **kwargs)

    def key_to_search(self) -> str:
        return plain(f"{self.family} {self.given} {self.family} {self.address_as} {self.room} {self.ins} {self.id}")

    @property
    def pseudonymous(self) -> bool:
        return self.identity_status == IdentityStatus.PSEUDONYM
