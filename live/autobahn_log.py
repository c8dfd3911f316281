"""Autobahn writes out all options of each new connection for its log, which Daphne doesn't keep: a quarter of what a
handshake costs. The fast path leaves that out."""

import pprint
from typing import Any

from autobahn.websocket import protocol

inside: Any = protocol


def leave_out(_options: object) -> str:
    return ""


def enable() -> None:
    """Leave it out from now on."""
    inside.pformat = leave_out


def self_test() -> None:
    """Raises RuntimeError where Autobahn doesn't write the options out, or doesn't by this name."""
    if inside.pformat not in (pprint.pformat, leave_out):
        raise RuntimeError("autobahn.websocket.protocol.pformat is not pprint's")
    if "pformat" not in inside.WebSocketProtocol._connectionMade.__code__.co_names:  # noqa: SLF001 - what is tested
        raise RuntimeError("Autobahn's _connectionMade doesn't call pformat")
