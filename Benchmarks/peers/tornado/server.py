import asyncio
import os

import tornado.web

DELAY = int(os.environ["DELAY_MS"]) / 1000


class Hello(tornado.web.RequestHandler):
    async def get(self):
        if DELAY:
            await asyncio.sleep(DELAY)
        self.set_header("Content-Type", "application/json")
        self.write(b'{"Hello":"World"}')


async def main():
    app = tornado.web.Application([(r"/", Hello)], log_function=lambda handler: None)
    app.listen(int(os.environ["PORT"]), "127.0.0.1", backlog=4096)
    await asyncio.Event().wait()


asyncio.run(main())
