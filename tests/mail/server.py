"""A mail server that follows a script: it says what it is told to, hangs up where it is told to, and remembers all."""

import contextlib
import socket
import ssl
import threading

HANG_UP = "hang up"
SILENCE = "silence"
DEFAULTS = {
    "GREETING": "220 server.example ready",
    "HELO": "250 server.example",
    "AUTH": "235 2.7.0 welcome",
    "STARTTLS": "220 go on",
    "MAIL": "250 2.1.0 ok",
    "RCPT": "250 2.1.5 ok",
    "DATA": "354 go on",
    ".": "250 2.0.0 taken",
    "RSET": "250 2.0.0 ok",
    "QUIT": "221 bye",
}


class ScriptedServer:
    """`answers["RCPT"]` is one answer for always, or a list used up in turn (then the default).

    `said` holds the command lines, `taken` (recipient, body) for each 250 to a dot, `talked_over` the commands that
    had others behind them before the server answered, `lines` how many connections there were.
    """

    def __init__(self, extensions=("PIPELINING",), tls=None, implicit=False, hold_dot=False, lax=False, **answers):
        self.extensions, self.tls, self.implicit, self.hold_dot = extensions, tls, implicit, hold_dot
        self.lax = lax
        self.answers = {("." if name == "dot" else name): answer for name, answer in answers.items()}
        self.said, self.taken, self.talked_over, self.dots, self.lines = [], [], [], 0, 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._sockets = []
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *exc):
        for each in [self._listener, *self._sockets]:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self._thread.join(timeout=5)

    def _serve(self):
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.lines += 1
            self._sockets.append(line)
            with contextlib.suppress(OSError, EOFError):
                _Talk(self, line).run()
            line.close()

    def answer(self, name):
        """The next line of the script for this command."""
        script = self.answers.get(name)
        if isinstance(script, list):
            return script.pop(0) if script else DEFAULTS[name]
        return script or DEFAULTS[name]


class _Talk:
    def __init__(self, server, line):
        self.server, self.line, self.buffer, self.recipient, self.step = server, line, b"", None, None

    def run(self):
        if self.server.implicit:
            self.line = self.server.tls.wrap_socket(self.line, server_side=True)
        self.say(self.server.answer("GREETING"))
        while True:
            command = self.until(b"\r\n").decode()
            self.server.said.append(command)
            if self.buffer:
                self.server.talked_over.append(command)
            name = command.split()[0].upper()
            if name == "EHLO" and "EHLO" not in self.server.answers:
                self.say("\n".join(["250-server.example", *(f"250-{one}" for one in self.extensions()), "250 OK"]))
            else:
                self.obey(name, command)

    def extensions(self):
        return [
            one for one in self.server.extensions if not (one == "STARTTLS" and isinstance(self.line, ssl.SSLSocket))
        ]

    def obey(self, name, command):
        answer = self.out_of_order(name) or self.server.answer(name)
        self.note(name, answer)
        if name == "RCPT":
            self.recipient = command[9:-1]
        self.say(answer)
        if name == "STARTTLS" and answer.startswith("220"):
            self.line = self.server.tls.wrap_socket(self.line, server_side=True)
        if name == "AUTH" and answer.startswith("334"):
            for more in ("334 UGFzc3dvcmQ6", DEFAULTS["AUTH"]):
                self.server.said.append(self.until(b"\r\n").decode())
                self.say(more)
        if name == "DATA" and answer.startswith("354"):
            self.take_body()

    def out_of_order(self, name):
        """What a strict server says to a command that does not follow from the last one."""
        if self.server.lax:
            return None
        if name == "MAIL" and self.step:
            return "503 5.5.1 nested MAIL command"
        if name == "RCPT" and not self.step:
            return "503 5.5.1 need MAIL"
        if name == "DATA" and self.step != "RCPT" and "DATA" not in self.server.answers:
            return "554 5.5.1 no valid recipients"
        return None

    def note(self, name, answer):
        if name in ("MAIL", "RCPT") and answer.startswith("250"):
            self.step = name
        if name in ("RSET", "EHLO", "HELO"):
            self.step = None

    def take_body(self):
        self.step = None
        body = b"" if self.buffer.startswith(b".\r\n") else None
        body = self.until(b".\r\n") if body == b"" else self.until(b"\r\n.\r\n") + b"\r\n"
        self.server.dots += 1
        answer = self.server.answer(".")
        if self.server.hold_dot and self.server.dots < self.server.hold_dot:
            while b"DATA\r\n" not in self.buffer:
                self.more()
        if answer.startswith("250"):
            self.server.taken.append((self.recipient, body))
        self.say(answer)

    def until(self, end):
        while end not in self.buffer:
            if end == b"\r\n.\r\n" and self.buffer.startswith(b".\r\n"):
                end = b".\r\n"
                break
            self.more()
        line, _, self.buffer = self.buffer.partition(end)
        return line

    def more(self):
        received = self.line.recv(65536)
        if not received:
            raise EOFError
        self.buffer += received

    def say(self, answer):
        if answer == SILENCE:
            while True:
                self.more()
        if answer == HANG_UP:
            raise EOFError
        last_word = answer.startswith("421")
        self.line.sendall(answer.replace("\n", "\r\n").encode() + b"\r\n")
        if last_word:
            raise EOFError
