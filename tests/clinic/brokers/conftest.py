"""mosquitto and RabbitMQ as `chevet-clinic broker` sets them up: a clinic of its own for each file of tests."""

from collections.abc import Iterator

import pytest

from tests.clinic.brokers.ward import OTHER, Ward
from tests.clinic.parts import Commands, furnished
from tests.support.brokers import BrokerProcess, is_here, of_its_own
from tests.support.ports import kept_ports


@pytest.fixture(scope="module")
def home(module_environment: dict[str, str]) -> Iterator[Commands]:
    with (
        kept_ports(2) as (epmd, distribution),
        furnished({**module_environment, **of_its_own(epmd, distribution)}, "--broker-protocol", "4") as made,
    ):
        made.run("enrol", OTHER, "--patient", "martin", "--out", str(made.home.parent / OTHER))
        yield made


@pytest.fixture(scope="module", params=["mosquitto", "rabbitmq"])
def ward(request: pytest.FixtureRequest, home: Commands) -> Iterator[Ward]:
    kind = request.param
    if not is_here(kind):
        pytest.skip(f"no {kind} here: apt-get install {kind}{'-server' if kind == 'rabbitmq' else ''}")
    broker = BrokerProcess(kind, home.home, home.environment)
    try:
        broker.start()
        yield Ward(home, broker)
    finally:
        broker.end()
