"""Quince: three published authentication dialects on one loopback port."""

import argparse
import ipaddress
import os
import signal
import sys
import threading

import accounts
from b2b import B2B
from kitchenhub import Kitchenhub
from pos import Pos
from security import Clock
from web import ApiError, Dialect, InvalidField, Response, Server, route, text


class Control(Dialect):
    """Switches for tests; no part of any of the documents."""

    prefix = "/__peer/"

    def __init__(self, clock, kitchenhub):
        super().__init__()
        self._clock = clock
        self._kitchenhub = kitchenhub

    @route("POST", "/__peer/clock")
    def advance_clock(self, request):
        seconds = request.json().get("advance_seconds")
        # bool is an int to Python, but not to JSON.
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
            raise InvalidField("advance_seconds", "Must be a number")
        try:
            offset = self._clock.advance(seconds)
        except ValueError:
            raise InvalidField("advance_seconds", "Out of range") from None
        return Response(200, {"offset_seconds": offset, "now": self._clock.now()})

    @route("POST", "/__peer/rotate-secret")
    def rotate_secret(self, request):
        secret = self._kitchenhub.rotate_secret(text(request.json(), "client_id"))
        if secret is None:
            raise ApiError(404, "No such client")
        return Response(200, {"client_secret": secret})


def loopback(value):
    """host:port or [host]:port; loopback only, as /__peer/ hands out secrets."""
    host, _, port = value.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not ipaddress.ip_address(host).is_loopback or not 0 <= int(port) <= 65535:
        raise ValueError(value)
    return host, int(port)


def build_server(address):
    clock = Clock()
    kitchenhub = Kitchenhub(clock, accounts.KITCHENHUB_CLIENTS)
    b2b = B2B(clock, accounts.B2B_ACCOUNTS)
    pos = Pos(clock, accounts.POS_CLIENTS)
    return Server(address, clock, [kitchenhub, b2b, pos, Control(clock, kitchenhub)])


def wait_for_end_of_stdin():
    # os.read, as sys.stdin holds a lock that gets in the way of exiting.
    try:
        while os.read(0, 4096):
            pass
    except OSError:
        pass  # closed from the start


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listen", type=loopback, default=("127.0.0.1", 0))
    server = build_server(parser.parse_args().listen)

    # A signal interrupts the wait below, in the main thread, with SystemExit.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    host, port = server.server_address[:2]
    print(f"ready http://{f'[{host}]' if ':' in host else host}:{port}", flush=True)
    try:
        wait_for_end_of_stdin()
    finally:
        server.shutdown()
        server.server_close()


if __name__ == "__main__":
    main()
