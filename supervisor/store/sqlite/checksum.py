"""The checksum of a row: the CRC-32 of its key, its revision and its value.

SQLite checks the structure of its pages, not the bytes of the values in them.
"""

import zlib


def checksum(
    resource: str, namespace: str, name: str, revision: int, value: bytes
) -> int:
    head = f"{resource}\0{namespace}\0{name}\0{revision}\0".encode()
    return zlib.crc32(value, zlib.crc32(head))
