"""Servers on this machine."""

from collections.abc import Iterable
from typing import Any

import pytest
import urllib3

from local_aws.loopback import Loopback, Start, hang_up


def hello(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    start("200 OK", [("Content-Length", "5")])
    return [b"hello" if environ["PATH_INFO"] == "/x" else b"other"]


def test_an_application_is_served_until_it_is_closed() -> None:
    server = Loopback(hello, "hello")
    server.start()
    assert urllib3.request("GET", f"{server.url}/x").data == b"hello"
    server.close()
    port = int(server.url.rpartition(":")[2])
    again = Loopback(hello, "again", port)
    assert again.url == server.url
    again.start()
    again.close()


def test_a_port_that_is_taken_is_an_error() -> None:
    server = Loopback(hello, "first")
    server.start()
    with pytest.raises(OSError, match="in use"):
        Loopback(hello, "second", int(server.url.rpartition(":")[2]))
    server.close()


def test_who_hangs_up_answers_nothing() -> None:
    def silent(environ: dict[str, Any], _start: Start) -> Iterable[bytes]:
        hang_up(environ, ValueError("lost"))

    server = Loopback(silent, "silent")
    server.start()
    with pytest.raises(urllib3.exceptions.ProtocolError):
        urllib3.request("GET", server.url, retries=False)
    server.close()
