"""How this machine's servers are started as direct children: they die with us, on a free port of this machine only.

Used by the launchers of PostgreSQL and Valkey and by the supervisor. Never daemonises anything.
"""

from __future__ import annotations

import ctypes
import os
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


def free_port(preferred: int | None = None) -> int:
    """`preferred` if nobody listens there, else any free TCP port of 127.0.0.1."""
    if preferred is not None and _can_bind(preferred):
        return preferred
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _can_bind(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
