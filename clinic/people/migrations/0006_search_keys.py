from django.db import migrations

from clinic.people.searching import plain

ROWS_AT_ONCE = 500


def fill(apps, _editor):
    """What a search looks through, of the patients who were there before there was one."""
    patients = apps.get_model("people", "Patient").objects
    some = []
    for one in patients.all().iterator(ROWS_AT_ONCE):
        one.search_key = plain(" ".join((one.family, one.given, one.family, one.address_as, one.room, one.ins, one.id)))
        some.append(one)
        if len(some) == ROWS_AT_ONCE:
            patients.bulk_update(some, ["search_key"])
            some = []
    patients.bulk_update(some, ["search_key"])


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0005_the_record"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
