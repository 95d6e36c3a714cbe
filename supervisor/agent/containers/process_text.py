"""What the kernel and the engine's API can carry as text. Pure."""


def unusable(given: str | bytes) -> str | None:
    """Why it cannot be a variable or an argument of a process; None if it can."""
    try:
        text = given if isinstance(given, str) else given.decode()
        data = text.encode()
    except UnicodeDecodeError as error:
        byte = error.object[error.start]
        return f"it is not valid UTF-8 (byte {error.start} is 0x{byte:02x})"
    except UnicodeEncodeError as error:
        return f"it is not valid Unicode (character {error.start} is half of a pair)"
    place = data.find(b"\0")
    return f"it contains a NUL byte (byte {place})" if place >= 0 else None
