"""Mail servers of the tests that hold letters: just enough IMAP and POP3, in a thread, with a log of what was asked."""

import re
import socketserver
import threading


class Box:
    """`with Box(Imap, [raw, …]) as box`: `box.letters` is what is left, by number, `box.log` what was asked."""

    def __init__(self, protocol, letters: list[bytes], cut_after: str = ""):
        self.letters = {n: raw for n, raw in enumerate(letters, 1)}
        self.log: list[str] = []
        self.cut_after = cut_after  # the line is cut instead of answering this
        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), protocol)
        self.server.daemon_threads = True
        self.server.box = self

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    @property
    def port(self) -> int:
        return self.server.server_address[1]


class _Line(socketserver.StreamRequestHandler):
    def say(self, line: str | bytes) -> None:
        self.wfile.write((line.encode() if isinstance(line, str) else line) + b"\r\n")

    def asked(self):
        for line in self.rfile:
            said = line.decode().strip()
            self.box.log.append(re.sub(r"(LOGIN|PASS) .*", r"\1", said))
            if self.box.cut_after and self.box.cut_after in said:
                return
            yield said

    @property
    def box(self) -> Box:
        return self.server.box


class Pop(_Line):
    def handle(self):
        self.say("+OK")
        gone = set()
        for said in self.asked():
            verb, *rest = said.split()
            if verb == "STAT":
                self.say(f"+OK {len(self.box.letters)} {sum(map(len, self.box.letters.values()))}")
            elif verb == "RETR":
                self.say("+OK")
                for line in self.box.letters[int(rest[0])].split(b"\n"):
                    self.say(b"." + line if line.startswith(b".") else line)
                self.say(".")
            elif verb == "DELE":
                gone.add(int(rest[0]))
                self.say("+OK")
            else:
                if verb == "QUIT":
                    self.box.letters = {n: raw for n, raw in self.box.letters.items() if n not in gone}
                self.say("+OK")


class Imap(_Line):
    able = "IMAP4rev1 UIDPLUS"

    def handle(self):
        self.say("* OK ready")
        deleted = set()
        for said in self.asked():
            tag, verb, *rest = said.split(maxsplit=2)
            if verb == "CAPABILITY":
                self.say(f"* CAPABILITY {self.able}")
            elif verb == "SELECT" and "Missing" in rest[0]:
                self.say(f"{tag} NO there is none")
                continue
            elif verb == "UID":
                self.uid(rest[0], deleted)
            elif verb == "EXPUNGE":
                self.expunge(deleted)
            self.say(f"{tag} OK done")
            if verb == "LOGOUT":
                return

    def uid(self, said: str, deleted: set[int]):
        verb, *rest = said.split()
        if verb == "SEARCH":
            self.say("* SEARCH " + " ".join(map(str, self.box.letters)))
        elif verb == "FETCH":
            raw = self.box.letters[int(rest[0])]
            self.say(f"* 1 FETCH (UID {rest[0]} BODY[]<0> {{{len(raw)}}}".encode() + b"\r\n" + raw + b")")
        elif verb == "STORE":
            deleted.add(int(rest[0]))
        elif verb == "EXPUNGE":
            self.expunge({int(rest[0])} & deleted)

    def expunge(self, which: set[int]):
        for number in which:
            self.box.letters.pop(number, None)


class ImapWithoutUidplus(Imap):
    able = "IMAP4rev1"
