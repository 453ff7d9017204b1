"""Which addresses are the open internet's, which a private network's, and which nobody's to read.

An IPv6 address may carry an IPv4 one that is reached in the end: it is judged by that one.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

Address = IPv4Address | IPv6Address

_NEVER = tuple(
    ip_network(net)
    for net in (
        "169.254.0.0/16",  # link-local, and the clouds' metadata services; the single ones below are theirs too
        "fe80::/10",
        "fd00:ec2::/64",
        "fd00:42::42/128",
        "fd20:ce::254/128",
        "168.63.129.16/32",
        "100.100.100.200/32",
        "192.0.0.192/32",
        "0.0.0.0/8",
        "::/128",
        "224.0.0.0/4",
        "ff00::/8",
        "240.0.0.0/4",
    )
)
_NOT_PUBLIC = tuple(
    ip_network(net) for net in ("100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "fec0::/10", "3fff::/20")
)
_UNICAST = ip_network("2000::/3")
_CARRIERS = tuple(ip_network(net) for net in ("64:ff9b::/96", "::ffff:0:0:0/96", "::/96"))
"""Whose last 32 bits are an IPv4 address: NAT64, IPv4-translated, IPv4-compatible."""
_OPAQUE = tuple(ip_network(net) for net in ("2001::/32", "64:ff9b:1::/48"))
"""Teredo, and NAT64 for local use: where these lead, only the network knows."""
_ISATAP = frozenset({0x5EFE, 0x200_5EFE})

_OWN_NAMES = ("localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback")
_METADATA_NAMES = ("metadata", "metadata.google.internal", "metadata.goog", "instance-data")


def is_public(address: str) -> bool:
    """Whether the IP address is one of the open internet, also when it is wrapped in another."""
    inner = _unwrap(address)
    if inner is None or any(inner in net for net in (*_NEVER, *_NOT_PUBLIC)):
        return False
    return inner.is_global and (inner.version == 4 or inner in _UNICAST)


def is_private(address: str) -> bool:
    """Whether the address may be reached by those who allow private networks: all but the metadata services."""
    inner = _unwrap(address)
    return inner is not None and not any(inner in net for net in _NEVER)


def literal(host: str) -> str:
    """The IP address that a host's name is, in any spelling that a resolver takes (0x7f.1, 2130706433); "" for none."""
    bare = host.strip("[]").rstrip(".")
    try:
        return str(ip_address(bare))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(bare))
    except (OSError, ValueError):
        return ""


def may_be_named(host: str, *, private: bool) -> bool:
    """Whether a host may be asked for by this name, as far as the name alone tells; `private`: in any network."""
    name = host.rstrip(".").lower()
    if address := literal(name):
        return is_private(address) if private else is_public(address)
    if _is_of(name, _METADATA_NAMES):
        return False
    return private or not _is_of(name, _OWN_NAMES)


def _is_of(name: str, names: tuple[str, ...]) -> bool:
    return name in names or name.endswith(tuple(f".{one}" for one in names if one != "metadata"))


def _unwrap(address: str) -> Address | None:
    """The address that is reached in the end; None where that cannot be told."""
    ip = ip_address(address.partition("%")[0])
    if ip.version == 4:
        return ip
    if any(ip in net for net in _OPAQUE):
        return None
    if embedded := ip.ipv4_mapped or ip.sixtofour:
        return embedded
    carried = any(ip in net for net in _CARRIERS) and int(ip) > 1  # :: and ::1 are addresses of their own
    if carried or (int(ip) >> 32 & 0xFFFF_FFFF) in _ISATAP:
        return IPv4Address(int(ip) & 0xFFFF_FFFF)
    return ip
