"""chevet-clinic: the clinic's side, from the command line."""

import argparse
import contextlib
import os
import sys

from clinic.commands import (
    access,
    bedside,
    broker,
    care,
    demo,
    equipment,
    fleet,
    packages,
    people,
    results,
    safekeeping,
    serve,
    setup,
    suitability,
    updates,
)
from clinic.errors import ClinicError
from mqtt_bridge.contract.codec import ContractError

EPILOG = """a clinic from nothing, and one session read back:

  export CHEVET_CLINIC_HOME=/srv/chevet
  chevet-clinic init --clinic maison
  chevet-clinic add-practitioner claire --given Claire --family Moreau --role nurse --shown-as infirmière
  chevet-clinic add-patient martin --given Jeanne --family Martin --address-as "Madame Martin" --team claire
  chevet-clinic validate-access martin --by claire --asked-by patient --why "sleeps badly" --reason "relaxation"
  chevet-clinic registrar &
  chevet-clinic enrolment-code --patient martin --box box-12      (then on the box: chevet-link enrol ...)
  chevet-clinic prescribe plan.toml --patient martin --by claire --box box-12
  chevet-clinic package add riviere.chevet
  chevet-clinic broker &  chevet-clinic shelf &  chevet-clinic ingest &  chevet-clinic console
  chevet-clinic sessions --patient martin
"""


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="chevet-clinic",
        description="The clinic's record, its boxes, what arrives from them, and the staff's console.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    subparsers = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for subject in (
        setup,
        people,
        access,
        fleet,
        packages,
        updates,
        care,
        bedside,
        results,
        safekeeping,
        serve,
        equipment,
        suitability,
        broker,
        demo,
    ):
        subject.add(subparsers)
    return top


def main(argv: list[str] | None = None) -> int:
    arguments = parser().parse_args(argv)
    os.umask(0o027)  # a record is not for every account of the machine
    try:
        return int(arguments.run(arguments))
    except (ClinicError, ContractError) as error:
        print(f"chevet-clinic {arguments.command}: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        with contextlib.suppress(OSError):
            sys.stderr.close()
        return 1
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if _is_database_error(error):
            print(f"chevet-clinic {arguments.command}: {_remedy(error)}", file=sys.stderr)
            return 1
        raise


def _is_database_error(error: Exception) -> bool:
    from django.db import Error

    return isinstance(error, Error)


def _remedy(error: Exception) -> str:
    words = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    missing = "no such table" in words or "does not exist" in words
    remedy = "run `chevet-clinic migrate`" if missing else "see `database` in clinic.toml, and that it runs"
    return f"database: {words}; {remedy}"


if __name__ == "__main__":
    sys.exit(main())
