"""Have the C library give freed memory back to the system.

Left alone, glibc learns from large buffers to keep them: 200 TLS watches that have
ended leave 60 MB behind, which 200 others use again, but nobody else. And the threads,
most of which wait, would share eight heaps for each core.
"""

import ctypes

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""As of malloc.h."""
_KEPT_BYTES = 64 * 1024
_MAPPED_BYTES = 128 * 1024
"""Larger ones are the system's as soon as they are freed; what glibc begins with."""
_ARENAS = 2


def configure() -> None:
    """For the whole process, before its threads start. Does nothing without glibc."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_TRIM_THRESHOLD, _KEPT_BYTES)
        mallopt(_MMAP_THRESHOLD, _MAPPED_BYTES)
        mallopt(_ARENA_MAX, _ARENAS)


def trim() -> None:
    """Give back what lies free between what is used, too; takes some milliseconds."""
    malloc_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if malloc_trim is not None:
        malloc_trim(0)
