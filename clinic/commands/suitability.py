"""home-checklists: what was found where a patient's box is to stand, in every version; and the questionnaire itself."""

import argparse
import json

from clinic.commands.common import Subparsers, audit, command, open_home, say, table
from clinic.errors import RecordError


def add(subparsers: Subparsers) -> None:
    listed = command(
        subparsers,
        "home-checklists",
        _listed,
        "What was found where a patient's box is to stand, the newest first; it forbids no loan. Or, with "
        "--questionnaire, the checklist itself as a FHIR R4 Questionnaire.",
        "chevet-clinic home-checklists --patient martin --json",
    )
    listed.add_argument("--patient", metavar="P", help="of this patient")
    listed.add_argument("--json", action="store_true", help="an array, for a machine; what was not seen is null")
    listed.add_argument("--questionnaire", action="store_true", help="the questions, as FHIR JSON")


HEADS = ("made", "by", "how", "outcome", "reason")


def _listed(arguments: argparse.Namespace) -> int:
    open_home(arguments)
    from clinic.people.access import patient_named
    from clinic.suitability.assessing import checklists_of
    from clinic.suitability.checklist import current
    from clinic.suitability.response import as_json
    from mqtt_bridge.contract.codec import encode

    if arguments.questionnaire:
        say(encode(current().questionnaire).decode())
        return 0
    if not arguments.patient:
        raise RecordError("home-checklists: of whom? Give --patient P, or --questionnaire for the questions")
    patient = patient_named(arguments.patient)
    audit("read", "home checklists by the command line", patient.id)
    found = [as_json(one) for one in checklists_of(patient).prefetch_related("answers")]
    if arguments.json:
        say(json.dumps(found, ensure_ascii=False, indent=1))
    elif found:
        cells = [[one["made_on"], one["author"], one["method"], one["outcome"], one["reason"]] for one in found]
        say(table(cells, HEADS))
    else:
        say(f"home-checklists: nobody has looked at the place of {patient.id} yet")
    return 0
