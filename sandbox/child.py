"""How this machine's servers are started as direct children: they die with us, on a free port of this machine only.

Used by the launchers of PostgreSQL and Valkey and by the supervisor. Never daemonises anything.
"""

from __future__ import annotations

import ctypes
import os
import random
import signal
import socket
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1


def die_with_parent(with_signal: signal.Signals) -> Callable[[], None]:
    """A `preexec_fn`: on Linux the kernel sends `with_signal` to the child when the thread that started it ends.

    The library is loaded here, before the fork; the child only makes the call. Elsewhere it does nothing (the supervisor's own
    shutdown is all there is).
    """
    if sys.platform != "linux":
        return lambda: None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def preexec() -> None:
        prctl(_PR_SET_PDEATHSIG, int(with_signal), 0, 0, 0)
        if os.getppid() != parent:  # it died between the fork and the call
            os.kill(os.getpid(), signal.SIGKILL)

    return preexec


_QUIET_PORTS = range(15_000, 32_000)
"""Below those of outgoing connections (from 32768 on Linux, 49152 elsewhere)."""


def free_port(preferred: int | None = None) -> int:
    """`preferred` if nobody listens there, else any free TCP port of 127.0.0.1.

    One that the system gives to no outgoing connection, drawn by chance, so that hardly anybody takes it before it is listened on.
    """
    if preferred is not None and _can_bind(preferred):
        return preferred
    for port in random.SystemRandom().sample(_QUIET_PORTS, 100):
        if _can_bind(port):
            return port
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found: int = probe.getsockname()[1]
    return found


def _can_bind(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
