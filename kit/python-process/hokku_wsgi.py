"""Serves a WSGI application on a Unix socket for the Node process that started this one.

A program imports this file, calls `limit()` before it loads code of others, and then
`serve(application, hello)`. What it cannot do it says with `refuse(message)`.
"""
import concurrent.futures
import ctypes
import json
import os
import resource
import signal
import socketserver
import sys
import threading
from wsgiref.simple_server import ServerHandler, WSGIRequestHandler

# Node reads one line of JSON here.
REPORT = 3


def limit():
    """Ends with the parent, and takes no more memory and processes than it allows."""
    if sys.platform == "linux":
        PR_SET_PDEATHSIG = 1
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    limits = json.loads(os.environ.pop("HOKKU_PYTHON_LIMITS", "{}"))
    if sys.platform == "linux" and "memory" in limits:
        resource.setrlimit(resource.RLIMIT_AS, (limits["memory"], limits["memory"]))
    if sys.platform == "linux" and "processes" in limits and os.getuid() != 0:
        most = _tasks_of_user() + limits["processes"]
        _, hard = resource.getrlimit(resource.RLIMIT_NPROC)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(resource.RLIMIT_NPROC, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _tasks_of_user():
    """The limit of processes counts all threads of the user, not those of this program."""
    count = 0
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            if os.stat("/proc/" + name).st_uid == os.getuid():
                count += len(os.listdir("/proc/%s/task" % name))
        except OSError:
            pass
    return count


_stop = threading.Event()


def _end_with_parent():
    """A line asks for an orderly end; the end of the pipe means that the parent is gone."""
    if os.read(0, 1) == b"":
        os.killpg(0, signal.SIGKILL)
    _stop.set()


def refuse(message):
    """Tells the parent why this program cannot serve, and ends."""
    _report({"failed": message})
    sys.stderr.flush()
    os._exit(1)


def _report(value):
    with os.fdopen(REPORT, "wb") as pipe:
        pipe.write(json.dumps(value).encode() + b"\n")


class _Handler(WSGIRequestHandler):
    def get_environ(self):
        environ = super().get_environ()
        environ["REMOTE_ADDR"] = self.headers.get("X-Hokku-Client", "127.0.0.1")
        return environ

    def handle(self):
        self.raw_requestline = self.rfile.readline(65537)
        if len(self.raw_requestline) > 65536 or not self.parse_request():
            return
        handler = ServerHandler(
            self.rfile, self.wfile, self.get_stderr(), self.get_environ(), multithread=True
        )
        handler.request_handler = self
        handler.base_env["wsgi.url_scheme"] = self.headers.get("X-Forwarded-Proto", "http")
        handler.run(self.server.application)

    def log_message(self, format, *args):
        pass


class _Server(socketserver.UnixStreamServer):
    request_queue_size = 128

    def __init__(self, path, application, threads):
        self.application = application
        self.base_environ = {
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "GATEWAY_INTERFACE": "CGI/1.1",
            "REMOTE_HOST": "",
            "CONTENT_LENGTH": "",
            "SCRIPT_NAME": "",
        }
        self.pool = concurrent.futures.ThreadPoolExecutor(threads)
        super().__init__(path, _Handler)

    def get_request(self):
        connection, _ = self.socket.accept()
        return connection, ("127.0.0.1", 0)

    def process_request(self, request, client_address):
        self.pool.submit(self._answer, request, client_address)

    def _answer(self, request, client_address):
        try:
            self.finish_request(request, client_address)
        except Exception:
            self.handle_error(request, client_address)
        finally:
            self.shutdown_request(request)


def serve(application, hello):
    """Answers until the parent asks to stop; what is under way is finished."""
    threads = int(os.environ["HOKKU_PYTHON_THREADS"])
    with _Server(os.environ["HOKKU_PYTHON_SOCKET"], application, threads) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        _report({"hello": hello})
        _stop.wait()
        server.shutdown()
        server.pool.shutdown()
