"""The function of these tests: a bare ASGI app that does what the request or the event asks for.

`/echo` answers what came in; `/events` sleeps, fails or succeeds as the event's JSON says and notes each arrival in NOTES.
"""

import asyncio
import json
import os
import sys
from pathlib import Path

import uvicorn

NAME = sys.argv[1]


def note(line: object) -> None:
    if "NOTES" in os.environ:
        with Path(os.environ["NOTES"]).open("a") as notes:
            notes.write(json.dumps(line) + "\n")


async def app(scope, receive, send):
    body = b""
    while (message := await receive()).get("more_body") or message.get("body"):
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    headers = {k.decode(): v.decode() for k, v in scope["headers"]}
    status, answer = await respond(scope["path"], scope["query_string"].decode(), headers, body)
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": answer})


async def respond(path, query, headers, body):
    if path == "/readyz":
        return 200, b"{}"
    if path == "/echo":
        seen = {"name": NAME, "query": query, "headers": headers, "body": body.decode(), "env": dict(os.environ)}
        return 200, json.dumps({**seen, "pid": os.getpid()}).encode()
    if path == "/sleep":
        await asyncio.sleep(float(query))
        return 200, str(os.getpid()).encode()
    if path == "/die":
        os._exit(3)
    if path in {"/events", "/dead-letters"}:
        wish = json.loads(body or b"{}")
        event = {"id": headers["ce-id"], "source": headers["ce-source"], "headers": headers}
        note({"function": NAME, "pid": os.getpid(), "path": path, **event})
        if path == "/events":
            await asyncio.sleep(wish.get("sleep", 0))
            return wish.get("status", 204), wish.get("answer", "").encode()
        return 204, b""
    return 404, b"{}"


uvicorn.run(app, host=os.environ["LISTEN_HOST"], port=int(os.environ["PORT"]), log_level="warning", lifespan="off")
