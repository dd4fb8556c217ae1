"""A mail server that counts: who was accepted, how often. It answers after a random moment, and breaks as it is told.

    python -m benchmarks.counting_sink ACCEPTED_FILE [--fault drop|421|4xx|5xx|no-pipelining|slow|reset] [--gap 0.01]

Prints its port, then serves until killed. It notes an address before it answers the dot; one whose line it drops after
the dot counts as accepted too, because a server may well have taken it.
"""

import argparse
import asyncio
import os
import random
from collections import Counter

REPLIES = {"MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go on", "RSET": "250 ok", "QUIT": "221 bye"}
SELDOM = 0.05  # how often a fault that must not stop everything happens


class Sink:
    def __init__(self, file: str, fault: str, gap: float):
        self.accepted = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self.fault, self.gap, self.tried = fault, gap, Counter()

    async def serve(self) -> None:
        server = await asyncio.start_server(self.talk, "127.0.0.1", 0, limit=1 << 20, backlog=512)
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()

    async def talk(self, reader, writer) -> None:
        recipient = ""
        try:
            writer.write(b"220 sink ready\r\n")
            while line := await reader.readline():
                word = line[:4].upper().decode("ascii", "replace")
                if word == "RCPT":
                    recipient = self.addressed(line)
                reply = self.reply(word, recipient)
                writer.write(f"{reply}\r\n".encode())
                if word == "RCPT" and not reply.startswith("250"):
                    recipient = ""  # a DATA that follows has nobody to go to
                taken = not reply.startswith("354") or await self.take(reader, writer, recipient)
                if not taken or reply.startswith("421") or word == "QUIT":
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    def addressed(self, line: bytes) -> str:
        recipient = line[9:].split(b">")[0].decode()
        self.tried[recipient] += 1
        return recipient

    def reply(self, word: str, recipient: str) -> str:
        if word == "EHLO":
            return "250-sink\r\n" + ("" if self.fault == "no-pipelining" else "250-PIPELINING\r\n") + "250 8BITMIME"
        if word == "DATA" and not recipient:
            return "554 5.5.1 no valid recipients"
        return self.refusal(word, recipient) or REPLIES.get(word, "250 ok")

    def refusal(self, word: str, recipient: str) -> str:
        """What a broken server says to a command; once for each address, so that a second attempt succeeds."""
        first = self.tried[recipient] == 1 and hash(recipient) % 10 == 0
        if self.fault == "4xx" and word == "RCPT" and first:
            return "451 4.3.0 later"
        if self.fault == "5xx" and word == "RCPT" and hash(recipient) % 10 == 0:
            return "550 5.1.1 nobody here"
        if self.fault == "421" and word == "MAIL" and random.random() < SELDOM:
            return "421 4.3.2 too busy"
        return ""

    async def take(self, reader, writer, recipient: str) -> bool:
        if self.fault == "reset" and random.random() < SELDOM:
            writer.transport.abort()  # in the middle of the body: nothing was taken
            return False
        await writer.drain()
        await reader.readuntil(b"\r\n.\r\n")
        await asyncio.sleep(random.random() * self.gap * (20 if self.fault == "slow" else 1))
        if self.fault == "421-dot" and random.random() < SELDOM:
            writer.write(b"421 4.3.2 closing\r\n")
            return False
        os.write(self.accepted, f"{recipient}\n".encode())
        if self.fault == "drop" and random.random() < SELDOM:
            return False
        writer.write(b"250 2.0.0 taken\r\n")
        return True


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("file")
    parser.add_argument("--fault", default="")
    parser.add_argument("--gap", type=float, default=0.01)
    asked = parser.parse_args()
    asyncio.run(Sink(asked.file, asked.fault, asked.gap).serve())


if __name__ == "__main__":
    main()
