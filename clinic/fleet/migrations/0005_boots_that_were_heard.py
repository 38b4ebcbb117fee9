"""How far each boot of a box was heard, and which are over: what is repeated is no sign of life."""

from typing import Any, ClassVar

import django.db.models.deletion
from django.db import migrations, models


def from_what_is_known(apps: Any, _editor: Any) -> None:
    """The boot last heard goes on; those of before, as far as their clocks and heartbeats tell, are over."""
    heard = apps.get_model("fleet", "BootHeard").objects
    for device in apps.get_model("fleet", "Device").objects.all():
        told: dict[str, dict[str, int]] = {clock.boot: {} for clock in device.boot_clocks.all()}
        last = ""
        for one in device.heartbeats.order_by("id"):
            states = told.setdefault(one.boot, {})
            states["state_ms"], last = max(states.get("state_ms", 0), one.monotonic_ms), one.boot
        hello = apps.get_model("fleet", "Hello").objects.filter(device=device).first()
        if hello is not None:
            told.setdefault(hello.boot, {})["hello_ms"], last = hello.monotonic_ms, hello.boot
        for boot, times in told.items():
            heard.create(device=device, boot=boot, over=boot != last, **times)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("fleet", "0004_one_living_code")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="BootHeard",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("boot", models.CharField(max_length=64)),
                ("hello_ms", models.BigIntegerField(null=True)),
                ("state_ms", models.BigIntegerField(null=True)),
                ("over", models.BooleanField(default=False)),
                (
                    "device",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="boots_heard", to="fleet.device"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("device", "boot"), name="one_hearing_of_a_boot")],
            },
        ),
        migrations.RunPython(from_what_is_known, migrations.RunPython.noop),
    ]
