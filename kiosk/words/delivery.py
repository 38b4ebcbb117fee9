"""Words of the medicines to be delivered."""

import msgspec

from mqtt_bridge.contract.correspondence import DeliveryState


class Delivery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """kiosk/words/<language>/delivery.toml. steps: from the request to the parcel; told: by the clinic's state."""

    title: str
    steps: tuple[str, ...]
    ask: str
    note: str
    placeholder: str
    send: str
    phrases: tuple[str, ...]
    received: str
    arrived: str
    arrived_detail: str
    none: str
    pending: str
    not_read: str
    held: str
    over: str
    told: dict[DeliveryState, str]
