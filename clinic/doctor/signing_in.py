"""How staff enter: whether passkeys can be used at the address that browsers know."""

from collections.abc import Iterator

from clinic.doctor.finding import Finding, failing, fine, warning
from clinic.errors import HomeError
from clinic.home import Configuration, Home
from clinic.people.models import Passkey
from clinic.public_url import REMEDY, public_url

ABOUT = "passkeys"


def passkeys(_home: Home, configuration: Configuration) -> Iterator[Finding]:
    """An address that is wrong fails; one that is missing fails where somebody has a passkey, who cannot use it."""
    console, number = configuration.console, Passkey.objects.count()
    if not console.url:
        told = f"the console's public address is not set, so nobody can use one; there are {number}"
        yield failing(ABOUT, told, REMEDY) if number else warning(ABOUT, told, REMEDY)
        return
    try:
        place = public_url(console.url)
    except HomeError as error:
        yield failing(ABOUT, str(error).removesuffix(f"; {REMEDY}").removesuffix(f": {REMEDY}"), REMEDY)
        return
    if place.host not in {*console.names, "localhost"}:
        told = f"`[console] names` does not hold {place.host}: browsers that ask for it are sent away"
        yield failing(ABOUT, told, f'names = ["{place.host}"] in clinic.toml, and the proxy in front of it')
    else:
        yield fine(ABOUT, f"at {place.origin}; {number} registered")
