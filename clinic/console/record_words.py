"""What the first page of a record holds in codes, as staff say it."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext

from clinic.people.models import (
    Flag,
    Gender,
    HearingAids,
    IdentityStatus,
    LegalProtection,
    Lives,
    Pathway,
    Relationship,
)

Choices = list[tuple[str, str]]
Say = Callable[[str], str]


def identity_said(status: str) -> str:
    words = {
        IdentityStatus.PROVISIONAL: gettext("identité provisoire"),
        IdentityStatus.RETRIEVED: gettext("identité récupérée"),
        IdentityStatus.VALIDATED: gettext("identité validée"),
        IdentityStatus.QUALIFIED: gettext("identité qualifiée"),
        IdentityStatus.PSEUDONYM: gettext("pseudonyme"),
    }
    return _known(words, status)


def gender_said(gender: str) -> str:
    words = {Gender.FEMALE: gettext("féminin"), Gender.MALE: gettext("masculin"), Gender.OTHER: gettext("autre")}
    return _known(words, gender)


def pathway_said(pathway: str) -> str:
    words = {
        Pathway.PALLIATIVE: gettext("soins palliatifs"),
        Pathway.FLARE_UP: gettext("épisode aigu ou poussée d’une maladie chronique"),
        Pathway.CARE_HOME: gettext("appui à un établissement d’hébergement"),
    }
    return _known(words, pathway)


def lives_said(lives: str) -> str:
    words = {
        Lives.HOME: gettext("à son domicile"),
        Lives.RELATIVES: gettext("chez un proche"),
        Lives.CARE_HOME: gettext("en EHPAD"),
        Lives.SOCIAL_HOME: gettext("dans un autre établissement médico-social"),
        Lives.HOSPITAL: gettext("à l’hôpital"),
    }
    return _known(words, lives)


def protection_said(protection: str) -> str:
    words = {
        LegalProtection.NONE: gettext("aucune"),
        LegalProtection.SAFEGUARD: gettext("sauvegarde de justice"),
        LegalProtection.CURATORSHIP: gettext("curatelle simple"),
        LegalProtection.CURATORSHIP_STRONG: gettext("curatelle renforcée"),
        LegalProtection.GUARDIANSHIP: gettext("tutelle"),
        LegalProtection.FAMILY: gettext("habilitation familiale"),
        LegalProtection.MANDATE: gettext("mandat de protection future"),
    }
    return _known(words, protection)


def hearing_aids_said(aids: str) -> str:
    words = {
        HearingAids.NONE: gettext("aucune"),
        HearingAids.LEFT: gettext("oreille gauche"),
        HearingAids.RIGHT: gettext("oreille droite"),
        HearingAids.BOTH: gettext("les deux oreilles"),
    }
    return _known(words, aids)


def contraindication_said(code: str) -> str:
    words = {
        Flag.Code.MUSICOGENIC_EPILEPSY: gettext("épilepsie musicogène"),
        Flag.Code.HYPERACUSIS: gettext("hyperacousie"),
        Flag.Code.DISSOCIATION: gettext("dissociation"),
        Flag.Code.SHORTNESS_OF_BREATH: gettext("essoufflement"),
    }
    return _known(words, code)


def relationship_said(relationship: str) -> str:
    words = {
        Relationship.SPOUSE: gettext("conjoint ou conjointe"),
        Relationship.CHILD: gettext("enfant"),
        Relationship.PARENT: gettext("père ou mère"),
        Relationship.SIBLING: gettext("frère ou sœur"),
        Relationship.GRANDCHILD: gettext("petit-enfant"),
        Relationship.RELATIVE: gettext("autre parent"),
        Relationship.FRIEND: gettext("ami ou amie"),
        Relationship.NEIGHBOUR: gettext("voisin ou voisine"),
        Relationship.PROFESSIONAL: gettext("professionnel ou association"),
        Relationship.OTHER: gettext("autre lien"),
    }
    return _known(words, relationship)


def field_said(field: str) -> str:
    """A field of the first page, as its label and its history call it."""
    words = {
        "given": gettext("prénom"),
        "family": gettext("nom"),
        "address_as": gettext("comment l’appeler"),
        "identity_status": gettext("état de l’identité"),
        "ins": gettext("INS"),
        "ins_oid": gettext("registre de l’INS"),
        "birth_date": gettext("date de naissance"),
        "gender": gettext("sexe"),
        "pathway": gettext("parcours"),
        "lives": gettext("lieu de vie"),
        "address": gettext("adresse"),
        "phone": gettext("téléphone"),
        "email": gettext("courriel"),
        "room": gettext("chambre ou lieu"),
        "establishment": gettext("établissement"),
        "legal_protection": gettext("protection juridique"),
        "social_note": gettext("note sociale"),
        "hearing_aids": gettext("appareils auditifs"),
        "hearing_note": gettext("précision sur l’audition"),
        "name": gettext("nom"),
        "relationship": gettext("lien"),
        "reach": gettext("quand et comment joindre"),
        "main_caregiver": gettext("aidant principal"),
        "trusted_person": gettext("personne de confiance"),
        "trusted_how": gettext("écrit de désignation"),
        "legal_representative": gettext("représentant légal"),
        "emergency_contact": gettext("à prévenir"),
        "until_ms": gettext("n’est plus joint à ce titre"),
        "merged": gettext("dossier réuni"),
    }
    return words.get(field, field)


def value_said(field: str, value: object) -> str:
    """A value of such a field; a dash for nothing."""
    if value in ("", None):
        return "—"
    if isinstance(value, bool):
        return gettext("oui") if value else gettext("non")
    says = {
        "identity_status": identity_said,
        "gender": gender_said,
        "pathway": pathway_said,
        "lives": lives_said,
        "legal_protection": protection_said,
        "hearing_aids": hearing_aids_said,
        "relationship": relationship_said,
    }
    return says[field](str(value)) if field in says else str(value)


def choices(codes: list[str], said: Say, empty: str = "") -> Choices:
    """For a list to choose from; `empty` is the first line, for nothing."""
    return [*([("", empty)] if empty else []), *((code, said(code)) for code in codes)]


def _known(words: Mapping[Any, str], code: str) -> str:
    return {str(known): said for known, said in words.items()}.get(code, code)
