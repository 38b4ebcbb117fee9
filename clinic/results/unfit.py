"""Why a readable report cannot enter the record yet."""

from mqtt_bridge.contract.codec import ContractError


class Unfit(ContractError):
    """The report is readable, but cannot enter the record yet; its words are for staff."""
