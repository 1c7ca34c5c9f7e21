"""Writes small databases in MaxMind's format, IPv4 and IPv6: what `geo.databaseFile` names."""
import ipaddress
import struct


def country_database(networks):
    """The bytes of a database of `{"127.0.0.2/32": "DE", …}`; networks must not overlap."""
    nodes, data = [[None, None]], b""
    for network, country in networks.items():
        network = ipaddress.ip_network(network)
        bits, depth = int(network.network_address), network.prefixlen + (96 if network.version == 4 else 0)
        node = 0
        for position in range(depth - 1):
            side = bits >> (127 - position) & 1
            if nodes[node][side] is None:
                nodes.append([None, None])
                nodes[node][side] = len(nodes) - 1
            node = nodes[node][side]
        nodes[node][bits >> (128 - depth) & 1] = ("data", len(data))
        data += mapping({"country": mapping({"iso_code": text(country)})})

    def record(value):
        if value is None:
            return len(nodes)
        return value if isinstance(value, int) else len(nodes) + 16 + value[1]

    tree = b"".join(struct.pack(">II", record(left), record(right)) for left, right in nodes)
    metadata = mapping({
        "node_count": number(6, len(nodes)), "record_size": number(5, 32), "ip_version": number(5, 6),
        "database_type": text("Test-Country"), "languages": bytes([0, 4]), "description": mapping({}),
        "binary_format_major_version": number(5, 2), "binary_format_minor_version": number(5, 0),
        "build_epoch": bytes([1, 2, 1])})
    return tree + bytes(16) + data + b"\xab\xcd\xefMaxMind.com" + metadata


def mapping(fields):
    return bytes([7 << 5 | len(fields)]) + b"".join(text(name) + value for name, value in fields.items())


def text(value):
    return bytes([2 << 5 | len(value)]) + value.encode()


def number(kind, value):
    digits = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return bytes([kind << 5 | len(digits)]) + digits
