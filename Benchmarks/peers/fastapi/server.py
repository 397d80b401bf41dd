import asyncio
import os

from fastapi import FastAPI

DELAY = int(os.environ["DELAY_MS"]) / 1000
app = FastAPI()


@app.get("/")
async def hello():
    if DELAY:
        await asyncio.sleep(DELAY)
    return {"Hello": "World"}
