"""Trying again what was held: a key, a patient or an order may be known now."""

from django.db import transaction

from clinic.ingest.store import settle_row
from clinic.plans.orders import Pen
from clinic.results.answers import text
from clinic.results.models import LedgerRow
from clinic.results.problems import code_of
from mqtt_bridge import seal
from mqtt_bridge.contract.codec import ContractError, decode
from mqtt_bridge.contract.report import Report


def retry_held(keys: seal.SecretKeys, pen: Pen | None = None) -> tuple[int, int]:
    """(rows that are in the record now, rows still held). One transaction for each row."""
    rows = list(LedgerRow.objects.filter(state=LedgerRow.State.HELD).values_list("pk", flat=True))
    entered = sum(retry(pk, keys, pen) for pk in rows)
    return entered, len(rows) - entered


def retry(pk: int, keys: seal.SecretKeys, pen: Pen | None) -> bool:
    """One row: whether it is in the record now."""
    with transaction.atomic():
        row = LedgerRow.objects.select_for_update().select_related("device").get(pk=pk)
        if row.state != LedgerRow.State.HELD:
            return True
        try:
            settle_row(row, _report(row, keys), pen)
        except ContractError as error:
            LedgerRow.objects.filter(pk=pk).update(problem=text(str(error)), code=code_of(str(error)))
        return row.state == LedgerRow.State.STORED


def _report(row: LedgerRow, keys: seal.SecretKeys) -> Report:
    letter = seal.verify(bytes(row.payload), row.device.keys)
    report = decode(seal.open_body(letter, keys), Report)
    told = report.identity
    if (told.box, told.stream, told.epoch, told.seq) != (row.device_id, row.stream, row.epoch, row.seq):
        raise ContractError(f"the sealed report names {told}, its letter {row}")
    return report
