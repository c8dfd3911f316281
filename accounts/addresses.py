"""Whom a limit by address counts together."""

import ipaddress

PREFIX = 64
"""Bits of an IPv6 address that are one household's, office's or phone's: within them it takes new ones as it likes."""


def counted_as(address: str) -> str:
    """The address by which a client is counted: an IPv4 one as it is, an IPv6 one without what its machine chooses
    freely. What is no address stays as it is."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return address
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((int(found), PREFIX), strict=False).network_address)
