"""Rows are only ever added: the database itself refuses the rest."""

from django.db import migrations

SQLITE = [
    f"""CREATE TRIGGER audit_no_{verb.lower()} BEFORE {verb} ON audit_auditevent
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END"""
    for verb in ("UPDATE", "DELETE")
]
POSTGRESQL = [
    """CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END $$""",
    """CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_auditevent
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()""",
]
SQLITE_BACK = ["DROP TRIGGER audit_no_update", "DROP TRIGGER audit_no_delete"]
POSTGRESQL_BACK = ["DROP TRIGGER audit_no_change ON audit_auditevent", "DROP FUNCTION audit_refuse()"]


def _run(sqlite, postgresql):
    def run(_apps, schema_editor):
        vendor = schema_editor.connection.vendor
        for statement in sqlite if vendor == "sqlite" else postgresql:
            schema_editor.execute(statement)

    return run


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunPython(_run(SQLITE, POSTGRESQL), _run(SQLITE_BACK, POSTGRESQL_BACK))]
