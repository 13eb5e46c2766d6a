"""A desk for the supervisor's tests: real PostgreSQL and Valkey, real migrations, tiny stand-ins for our own processes.

`python -m tests.sandbox.dummy_desk DATA_DIR PORT` runs the real supervisor over them, on the servers that the environment names, if any.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from sandbox.supervisor import Supervisor
from sandbox.supervisor_commands import say
from sandbox.supervisor_files import DeskFolder
from sandbox.supervisor_plan import PASSED_ON, Command, Desk, resolve

SERVERS = ("DATABASE_URL", "MIGRATION_DATABASE_URL", "REDIS_URL")
DOOR = """
import http.server, json, sys
class Door(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(json.dumps({"status": "ok", "parts": {}}).encode())
    def log_message(self, *_): pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Door).serve_forever()
"""
SLEEPER = "import time; time.sleep(3600)"
STUBBORN = "import signal, subprocess, sys, time; signal.signal(15, signal.SIG_IGN); subprocess.Popen(['sleep', '3600']); time.sleep(3600)"


def table(desk: Desk) -> list[Command]:
    passed: Mapping[str, str] = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    scripts = {"api": (DOOR, str(desk.port)), "sleeper": (SLEEPER,), "stubborn": (STUBBORN,)}
    return [Command(name, (sys.executable, "-c", *script), passed) for name, script in scripts.items()]


def main() -> int:
    data_dir, port = sys.argv[1:]
    servers = {name: os.environ[name] for name in SERVERS if name in os.environ}
    desk = resolve({**servers, "PATH": os.environ["PATH"], "DATA_DIR": data_dir, "HTTP_PORT": port})
    folder = DeskFolder(Path(data_dir))
    assert folder.lock()
    return Supervisor(desk, folder, table, say).run()


if __name__ == "__main__":
    sys.exit(main())
