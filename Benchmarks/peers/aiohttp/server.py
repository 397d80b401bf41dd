import asyncio
import os

import uvloop
from aiohttp import web

DELAY = int(os.environ["DELAY_MS"]) / 1000


async def hello(request):
    if DELAY:
        await asyncio.sleep(DELAY)
    return web.Response(body=b'{"Hello":"World"}', content_type="application/json")


app = web.Application()
app.add_routes([web.get("/", hello)])
web.run_app(app, host="127.0.0.1", port=int(os.environ["PORT"]), access_log=None, print=None, backlog=4096,
            loop=uvloop.new_event_loop())
