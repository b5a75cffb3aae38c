"""Which kinds of channel there are: one line a kind; others come by entry point."""

from collections.abc import Mapping
from typing import Any

from drillmaster.oncall.channels import email, terminal, webhook
from drillmaster.oncall.channels.base import Channel, Make, Show
from drillmaster.oncall.plugins import look_up

KINDS: dict[str, Make] = {
    "webhook": webhook.make,
    "email": email.make,
    "terminal": terminal.make,
}


def make(kind: str, spec: Mapping[str, Any], show: Show | None) -> Channel:
    """A channel of a kind.

    Raises:
        InvalidError: nothing that is installed knows the kind.
    """
    return look_up("channel", kind, KINDS)(spec, show)
