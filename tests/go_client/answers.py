"""Answers of servers, and what a probe by Go's client makes of each.

The outcomes are those of Go 1.24, which recent kubelets are built with. `python -m
tests.go_client` asks the Go compiler of this machine, if it has one; where an older one
differs, `before` says what it finds.
"""

from dataclasses import dataclass

from supervisor.probing.base import Outcome

WELL, WARNED = Outcome.SUCCESS, Outcome.WARNING
FAILED, ERRED = Outcome.FAILURE, Outcome.ERROR

OK = b"HTTP/1.1 200 OK\r\n"
PLAIN = OK + b"Content-Length: 2\r\n\r\nok"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
MIB = 1 << 20


@dataclass(frozen=True)
class Answer:
    name: str
    sent: bytes
    means: Outcome
    before: Outcome | None = None
    """By Go 1.19."""
    stays: bool = False
    """The server keeps the connection open."""


def head(*fields: bytes) -> bytes:
    return OK + b"".join(f + b"\r\n" for f in fields) + b"\r\n"


def to(location: bytes, status: int = 302) -> bytes:
    """A redirect. {port} in it is the server's; /end answers with 200."""
    return b"HTTP/1.1 %d X\r\nContent-Length: 0\r\nLocation: %s\r\n\r\n" % (
        status,
        location,
    )


_STATUS_LINES = [
    Answer("a usual answer", PLAIN, WELL),
    Answer("no reason", b"HTTP/1.1 200\r\n\r\n", WELL),
    Answer("no reason, but a space", b"HTTP/1.1 200 \r\n\r\n", WELL),
    Answer("two spaces before the status", b"HTTP/1.1  200 OK\r\n\r\n", WELL),
    Answer("a control character in the reason", b"HTTP/1.1 200 \x01\r\n\r\n", WELL),
    Answer("HTTP/1.0", b"HTTP/1.0 200 OK\r\n\r\nok", WELL),
    Answer("HTTP/0.9", b"HTTP/0.9 200 OK\r\n\r\nok", WELL),
    Answer("HTTP/2.0 in plain text", b"HTTP/2.0 200 OK\r\n\r\nok", WELL),
    Answer("HTTP/1.9", b"HTTP/1.9 200 OK\r\n\r\nok", WELL),
    Answer("HTTP/10.1", b"HTTP/10.1 200 OK\r\n\r\nok", FAILED),
    Answer("HTTP/1", b"HTTP/1 200 OK\r\n\r\nok", FAILED),
    Answer("lower case", b"http/1.1 200 OK\r\n\r\nok", FAILED),
    Answer("another protocol's name", b"ICY 200 OK\r\n\r\nok", FAILED),
    Answer("a space in front", b" HTTP/1.1 200 OK\r\n\r\n", FAILED),
    Answer("an empty line in front", b"\r\nHTTP/1.1 200 OK\r\n\r\n", FAILED),
    Answer("a tab after the version", b"HTTP/1.1\t200 OK\r\n\r\n", FAILED),
    Answer("a tab after the status", b"HTTP/1.1 200\tOK\r\n\r\n", FAILED),
    Answer("a status of two digits", b"HTTP/1.1 20 OK\r\n\r\n", FAILED),
    Answer("a status of four digits", b"HTTP/1.1 2000 OK\r\n\r\n", FAILED),
    Answer("a status with a sign", b"HTTP/1.1 +20 OK\r\n\r\n", FAILED),
    Answer("no status", b"HTTP/1.1 \r\n\r\n", FAILED),
    Answer("a version alone", b"HTTP/1.1\r\n\r\n", FAILED),
    Answer("status 199", b"HTTP/1.1 199 X\r\n\r\n", FAILED),
    Answer("status 299", b"HTTP/1.1 299 X\r\n\r\n", WELL),
    Answer("status 399", b"HTTP/1.1 399 X\r\n\r\n", WARNED),
    Answer("status 600", b"HTTP/1.1 600 X\r\n\r\n", FAILED),
    Answer("status 000", b"HTTP/1.1 000 X\r\n\r\n", FAILED),
    Answer("an SSH server", b"SSH-2.0-OpenSSH_9.2\r\n", FAILED),
    Answer("a TLS alert", b"\x15\x03\x01\x00\x02\x02\x16", FAILED),
    Answer("an HTTP/2 server", b"\x00\x00\x06\x04\x00\x00\x00\x00\x00", FAILED),
    Answer("the body alone", b"ok\n", FAILED),
    Answer("nothing", b"", FAILED),
]
_LINE_ENDS = [
    Answer("bare newlines", b"HTTP/1.1 200 OK\n\nok", WELL),
    Answer("bare newlines, and HTTP/1.0", b"HTTP/1.0 200 OK\n\nok", WELL),
    Answer("bare newlines and fields", b"HTTP/1.1 200 OK\nA: b\nC: d\n\nok", WELL),
    Answer("CRLF, then a bare newline", b"HTTP/1.1 200 OK\r\nA: b\r\n\nok", WELL),
    Answer("a bare newline, then CRLF", b"HTTP/1.1 200 OK\nA: b\r\n\r\nok", WELL),
    Answer("a bare newline, then CRLF at once", b"HTTP/1.1 200 OK\n\r\nok", WELL),
    Answer("bare carriage returns", b"HTTP/1.1 200 OK\r\rok", FAILED),
    Answer("a length, all bare", b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok", WELL),
    Answer("two carriage returns", b"HTTP/1.1 200 OK\r\nA: b\r\r\n\r\n", FAILED, WELL),
    Answer("the end after the status line", OK, FAILED),
    Answer("the end inside the status line", b"HTTP/1.1 200 OK", FAILED),
    Answer("the end inside a field", OK + b"A: b", FAILED),
    Answer("the end after a field", OK + b"A: b\r\n", FAILED),
    Answer("a head that does not end", OK + b"A: b\r\n", FAILED, stays=True),
]
_FIELDS = [
    Answer("a field without a colon", head(b"nonsense"), FAILED),
    Answer("a continued field", head(b"A: b", b" c", b"\td"), WELL),
    Answer("a continuation of spaces alone", head(b"A: b", b"   "), WELL),
    Answer("a continuation at the beginning", head(b" A: b"), FAILED),
    Answer("a continued length", head(b"Content-Length:", b" 2") + b"ok", WELL),
    Answer("a length in pieces", head(b"Content-Length: 1", b" 2") + b"ok", FAILED),
    Answer("a space in a name", head(b"A b: c"), WELL),
    Answer("a space before the colon", head(b"Content-Length : 9") + b"ok", WELL),
    Answer("an empty name", head(b": b"), FAILED, WELL),
    Answer("a parenthesis in a name", head(b"A(: b"), FAILED, WELL),
    Answer("a byte above 127 in a name", head(b"\xe4: b"), FAILED, WELL),
    Answer("a byte above 127 in a value", head(b"A: \xe4"), WELL),
    Answer("a tab in a value", head(b"A: b\tc"), WELL),
    Answer("a NUL in a value", head(b"A: b\0c"), FAILED, WELL),
    Answer("a DEL in a value", head(b"A: b\x7fc"), FAILED, WELL),
    Answer("an empty value", head(b"A:"), WELL),
    Answer("a thousand fields", head(*[b"A: b"] * 1000), WELL),
    Answer("a field of a megabyte", head(b"A: " + b"x" * MIB), WELL),
    Answer("a head of eleven megabytes", head(b"A: " + b"x" * 11 * MIB), FAILED),
]
_LENGTHS = [
    Answer("a length of 0, and no end", head(b"Content-Length: 0"), WELL, stays=True),
    Answer("all of the body, and no end", PLAIN, WELL, stays=True),
    Answer("more than the length", PLAIN + b"more", WELL),
    Answer("less than the length", PLAIN[:-1], ERRED),
    Answer("less than the length, and no end", PLAIN[:-1], ERRED, stays=True),
    Answer("no length", head() + b"ok", WELL),
    Answer("no length, and no end", head() + b"ok", ERRED, stays=True),
    Answer("a body of 10 KiB, and no end", head() + b"x" * 10240, WELL, stays=True),
    Answer("one byte less, and no end", head() + b"x" * 10239, ERRED, stays=True),
    Answer("the same length twice", head(*[b"Content-Length: 2"] * 2) + b"ok", WELL),
    Answer(
        "two lengths",
        head(b"Content-Length: 2", b"Content-Length: 3") + b"ok",
        FAILED,
    ),
    Answer("a list of lengths", head(b"Content-Length: 2, 2") + b"ok", FAILED),
    Answer("an empty length", head(b"Content-Length:") + b"ok", FAILED, WELL),
    Answer("a length with a sign", head(b"Content-Length: +2") + b"ok", FAILED),
    Answer("a negative length", head(b"Content-Length: -2") + b"ok", FAILED),
    Answer("a length in hexadecimal", head(b"Content-Length: 0x2") + b"ok", FAILED),
    Answer("a length with zeros", head(b"Content-Length: 0002") + b"ok", WELL),
    Answer("a length of 2^63", head(b"Content-Length: %d" % 2**63) + b"ok", FAILED),
    Answer(
        "204 with a length",
        b"HTTP/1.1 204 X\r\nContent-Length: 5\r\n\r\n",
        WELL,
        stays=True,
    ),
    Answer(
        "204 with a bad length",
        b"HTTP/1.1 204 X\r\nContent-Length: x\r\n\r\n",
        FAILED,
        WELL,
    ),
    Answer("304, and no end", b"HTTP/1.1 304 X\r\n\r\n", WARNED, stays=True),
    Answer(
        "500 and a body that is cut",
        b"HTTP/1.1 500 X\r\nContent-Length: 9\r\n\r\n",
        ERRED,
    ),
]
_CHUNKS = [
    Answer("chunks", CHUNKED + b"2\r\nok\r\n0\r\n\r\n", WELL, stays=True),
    Answer(
        "chunks in capitals", head(b"Transfer-Encoding: CHUNKED") + b"0\r\n\r\n", WELL
    ),
    Answer(
        "chunks and a length",
        head(b"Content-Length: 9", b"Transfer-Encoding: chunked") + b"0\r\n\r\n",
        WELL,
    ),
    Answer(
        "chunks and a bad length",
        head(b"Content-Length: x", b"Transfer-Encoding: chunked") + b"0\r\n\r\n",
        FAILED,
        WELL,
    ),
    Answer(
        "chunks and two lengths",
        head(b"Content-Length: 2", b"Content-Length: 3", b"Transfer-Encoding: chunked")
        + b"0\r\n\r\n",
        FAILED,
        WELL,
    ),
    Answer(
        "204 with two lengths",
        b"HTTP/1.1 204 X\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n",
        FAILED,
    ),
    Answer(
        "two encodings",
        head(b"Transfer-Encoding: gzip, chunked") + b"0\r\n\r\n",
        FAILED,
    ),
    Answer(
        "chunked twice",
        head(*[b"Transfer-Encoding: chunked"] * 2) + b"0\r\n\r\n",
        FAILED,
    ),
    Answer("identity", head(b"Transfer-Encoding: identity") + b"ok", FAILED),
    Answer("no encoding", head(b"Transfer-Encoding:") + b"ok", FAILED),
    Answer(
        "chunks by HTTP/1.0",
        b"HTTP/1.0 200 X\r\nTransfer-Encoding: chunked\r\n\r\n5",
        WELL,
    ),
    Answer(
        "an encoding unknown to HTTP/1.0",
        b"HTTP/1.0 200 X\r\nTransfer-Encoding: y\r\n\r\n5",
        WELL,
    ),
    Answer(
        "204 with chunks",
        b"HTTP/1.1 204 X\r\nTransfer-Encoding: chunked\r\n\r\n",
        WELL,
        stays=True,
    ),
    Answer("extensions", CHUNKED + b"2;a=b;c\r\nok\r\n0;d\r\n\r\n", WELL),
    Answer("a space after the size", CHUNKED + b"2 \r\nok\r\n0\r\n\r\n", WELL),
    Answer("a space before an extension", CHUNKED + b"2 ;a\r\nok\r\n0\r\n\r\n", ERRED),
    Answer("a space before the size", CHUNKED + b" 2\r\nok\r\n0\r\n\r\n", ERRED),
    Answer("a size that is none", CHUNKED + b"zz\r\nok\r\n0\r\n\r\n", ERRED),
    Answer("an empty size", CHUNKED + b"\r\nok\r\n0\r\n\r\n", ERRED),
    Answer("a size with 0x", CHUNKED + b"0x2\r\nok\r\n0\r\n\r\n", ERRED),
    Answer("a size of 16 digits", CHUNKED + b"%016x\r\nok\r\n0\r\n\r\n" % 2, WELL),
    Answer("a size of 17 digits", CHUNKED + b"%017x\r\nok\r\n0\r\n\r\n" % 2, ERRED),
    Answer("a bare newline after a size", CHUNKED + b"2\nok\r\n0\r\n\r\n", ERRED, WELL),
    Answer("a bare newline after a chunk", CHUNKED + b"2\r\nok\n0\r\n\r\n", ERRED),
    Answer("a chunk that is too long", CHUNKED + b"2\r\noka\r\n0\r\n\r\n", ERRED),
    Answer(
        "an extension of 5 KiB",
        CHUNKED + b"2;" + b"x" * 5120 + b"\r\nok\r\n0\r\n\r\n",
        ERRED,
    ),
    Answer(
        "extensions and hardly any data",
        CHUNKED + (b"1;" + b"x" * 2000 + b"\r\ny\r\n") * 20 + b"0\r\n\r\n",
        ERRED,
        WELL,
    ),
    Answer("the end inside a chunk", CHUNKED + b"5\r\nok", ERRED),
    Answer("the end after a chunk", CHUNKED + b"2\r\nok\r\n", ERRED),
    Answer("the end after the last size", CHUNKED + b"0\r\n", ERRED),
    Answer(
        "no line after the last size, and no end", CHUNKED + b"0\r\n", ERRED, stays=True
    ),
    Answer(
        "a chunk of many megabytes",
        CHUNKED + b"fffffff\r\n" + b"x" * 10240,
        WELL,
        stays=True,
    ),
    Answer("trailers", CHUNKED + b"0\r\nA: b\r\nC: d\r\n\r\n", WELL, stays=True),
    Answer(
        "announced trailers",
        head(b"Trailer: A", b"Transfer-Encoding: chunked") + b"0\r\nA: b\r\n\r\n",
        WELL,
    ),
    Answer(
        "a forbidden trailer",
        head(b"Trailer: A, Content-Length", b"Transfer-Encoding: chunked")
        + b"0\r\n\r\n",
        FAILED,
    ),
    Answer("a trailer without a colon", CHUNKED + b"0\r\nA\r\n\r\n", ERRED),
    Answer("a trailer of bare newlines", CHUNKED + b"0\r\nA: b\n\n", ERRED),
    Answer(
        "a trailer of 5 KiB", CHUNKED + b"0\r\nA: " + b"x" * 5120 + b"\r\n\r\n", ERRED
    ),
]
_INTERIM = [
    Answer("100, then the answer", b"HTTP/1.1 100 Continue\r\n\r\n" + PLAIN, WELL),
    Answer("103, then the answer", b"HTTP/1.1 103 X\r\nLink: a\r\n\r\n" + PLAIN, WELL),
    Answer("100 with bare newlines", b"HTTP/1.1 100 Continue\n\n" + PLAIN, WELL),
    Answer("ten times 102", b"HTTP/1.1 102 X\r\n\r\n" * 10 + PLAIN, WELL, FAILED),
    Answer("100 alone", b"HTTP/1.1 100 Continue\r\n\r\n", FAILED),
    Answer("100 with a bad field", b"HTTP/1.1 100 X\r\nA\r\n\r\n" + PLAIN, FAILED),
    Answer("101", b"HTTP/1.1 101 X\r\n\r\n" + PLAIN, FAILED, stays=True),
    Answer(
        "101 that upgrades",
        b"HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n",
        FAILED,
        stays=True,
    ),
    Answer(
        "101 that upgrades and ends",
        b"HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n",
        FAILED,
    ),
]
_REDIRECTS = [
    Answer("to a path", to(b"/end"), WELL),
    Answer("to a path beside", to(b"end"), WELL),
    Answer("to a path with dots", to(b"/a/../end"), WELL),
    Answer("to a query alone", to(b"?end"), WELL),
    Answer("to the same host", to(b"http://127.0.0.1:{port}/end"), WELL),
    Answer("without a scheme", to(b"//127.0.0.1:{port}/end"), WELL),
    Answer("with a scheme in capitals", to(b"HTTP://127.0.0.1:{port}/end"), WELL),
    Answer("with a fragment", to(b"/end#there"), WELL),
    Answer("with bytes above 127", to("/end?ä".encode()), WELL),
    Answer("with an escaped space", to(b"/end?a%20b"), WELL),
    Answer("with a user", to(b"http://u:p@127.0.0.1:{port}/end"), WELL),
    *[Answer(f"by {n}", to(b"/end", n), WELL) for n in (301, 303, 307, 308)],
    *[
        Answer(f"by {n}, which is none", to(b"/end", n), WARNED)
        for n in (300, 304, 305, 306)
    ],
    Answer("to another host", to(b"http://other.example/end"), WARNED),
    Answer("to a name of this host", to(b"http://localhost:{port}/end"), WARNED),
    Answer("to another host without a scheme", to(b"//other.example/"), WARNED),
    Answer("to no host", to(b"http:///end"), WARNED),
    Answer("to a mail address", to(b"mailto:a@b"), WARNED),
    Answer("to another scheme of this host", to(b"ftp://127.0.0.1/end"), FAILED),
    Answer("to TLS where there is none", to(b"https://127.0.0.1:{port}/end"), FAILED),
    Answer("to a port where nobody listens", to(b"http://127.0.0.1:1/"), FAILED),
    Answer("to a port that is none", to(b"http://127.0.0.1:99999/"), FAILED),
    Answer("nowhere", b"HTTP/1.1 302 X\r\n\r\n", WARNED),
    Answer("to an empty location", to(b""), WARNED),
    Answer("to a bad escape", to(b"/%zz"), FAILED),
    Answer("to a bad escape in the query", to(b"/end?%zz"), WELL),
    Answer("to a bad escape in the fragment", to(b"/end#%zz"), FAILED),
    Answer("to a bad port", to(b"http://127.0.0.1:x/"), FAILED),
    Answer("to a space in the host", to(b"http://127.0.0.1 /"), FAILED),
    Answer("to half a bracket", to(b"http://[::1/"), FAILED),
    Answer("to a colon first", to(b":end"), FAILED),
    Answer("to a colon in the first segment", to(b"1:2/end"), FAILED),
    Answer("to a tab", to(b"/e\tnd"), FAILED),
    Answer("to itself, for ever", to(b"/"), FAILED),
    Answer(
        "elsewhere, with a body that is cut",
        b"HTTP/1.1 302 X\r\nLocation: //o.example\r\nContent-Length: 9\r\n\r\n",
        ERRED,
    ),
    Answer(
        "on, with a body that is cut",
        b"HTTP/1.1 302 X\r\nLocation: /end\r\nContent-Length: 9\r\n\r\n",
        WELL,
    ),
    Answer(
        "on, with a long body that hangs",
        b"HTTP/1.1 302 X\r\nLocation: /end\r\nContent-Length: 9999\r\n\r\n",
        WELL,
        stays=True,
    ),
    Answer(
        "on, with a short body that hangs",
        b"HTTP/1.1 302 X\r\nLocation: /end\r\nContent-Length: 9\r\n\r\n",
        FAILED,
        stays=True,
    ),
    Answer(
        "on, with a bad chunk",
        b"HTTP/1.1 302 X\r\nLocation: /end\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n",
        WELL,
    ),
]

ANSWERS = [
    *_STATUS_LINES,
    *_LINE_ENDS,
    *_FIELDS,
    *_LENGTHS,
    *_CHUNKS,
    *_INTERIM,
    *_REDIRECTS,
]
