"""What was written before chains cannot be chained any more (rows never change): one entry holds the digest of it all.

The two written forms are those of clinic/audit/chain.py and verify.py when this was made; tests hold them together.
"""

import hashlib
import json
import time

from django.db import migrations


def seal(apps, _schema_editor):
    events = apps.get_model("audit", "AuditEvent").objects.using(_schema_editor.connection.alias)
    hashed, count = hashlib.sha256(), 0
    for event in events.filter(chain=None).order_by("pk").iterator(chunk_size=2000):
        words = [event.recorded_ms, event.agent, event.action, event.patient, event.detail]
        hashed.update(("\x1f".join(map(str, words)) + "\x1e").encode())
        count += 1
    if not count:
        return
    detail = f"entries from before chains: {count}, sha256 {hashed.hexdigest()}"
    content = [f"sealed-{count}", 1, "", time.time_ns() // 1_000_000, "migrate", "write", "", detail]
    digest = hashlib.sha256(json.dumps(content, ensure_ascii=True, separators=(",", ":")).encode()).hexdigest()
    names = ("chain", "position", "previous", "recorded_ms", "agent", "action", "patient", "detail")
    events.create(**dict(zip(names, content)), digest=digest)


class Migration(migrations.Migration):
    dependencies = [("audit", "0004_chains")]
    operations = [migrations.RunPython(seal, migrations.RunPython.noop)]
