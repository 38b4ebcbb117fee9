"""SQLite's INSERT OR REPLACE removes a row without asking the trigger of DELETE: an id that is there stays."""

from django.db import migrations

SQLITE = """CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit_auditevent
    WHEN EXISTS (SELECT 1 FROM audit_auditevent WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END"""


def _run(statement):
    def run(_apps, schema_editor):
        if schema_editor.connection.vendor == "sqlite":
            schema_editor.execute(statement)

    return run


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_append_only")]
    operations = [migrations.RunPython(_run(SQLITE), _run("DROP TRIGGER audit_no_replace"))]
