"""A relay on loopback that makes a near server far: every piece is passed on some seconds later, both ways.

python -m benchmarks.far_away PORT SECONDS       # prints its own port
"""

import asyncio
import sys


async def main(port: int, seconds: float) -> None:
    async def relay(reader, writer):
        there, back = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(_pass_on(reader, back, seconds), _pass_on(there, writer, seconds))

    server = await asyncio.start_server(relay, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def _pass_on(source: asyncio.StreamReader, target: asyncio.StreamWriter, seconds: float) -> None:
    """What comes leaves later, in its order; the next piece does not wait for it."""
    loop, waiting = asyncio.get_running_loop(), asyncio.Queue()

    async def let_go() -> None:
        while True:
            at, piece = await waiting.get()
            await asyncio.sleep(max(0.0, at - loop.time()))
            if not piece:
                target.close()
                return
            target.write(piece)

    leaving = asyncio.create_task(let_go())
    piece = b"."
    while piece:
        try:
            piece = await source.read(1 << 18)
        except ConnectionError:
            piece = b""
        waiting.put_nowait((loop.time() + seconds, piece))
    await leaving


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2])))
