"""The functions as LangServe serves runnables: `POST /NAME/stream`. It has no queue."""

from __future__ import annotations

from collections.abc import AsyncIterator

from fastapi import FastAPI
from langchain_core.runnables import RunnableGenerator
from langchain_core.runnables import RunnableLambda
from langserve import add_routes

from sidebyside.apps import functions
from sidebyside.apps.serving import options
from sidebyside.apps.serving import serve

app = FastAPI()


async def tokens(counts: AsyncIterator[int]) -> AsyncIterator[str]:
    """Chunks, as LangChain streams them: each is what came anew. LangServe streams what is async
    only.
    """
    async for count in counts:
        sent = 0
        for text in functions.tokens(count):
            yield text[sent:]
            sent = len(text)


add_routes(app, RunnableLambda(functions.echo), path="/echo", input_type=str)
add_routes(app, RunnableGenerator(tokens), path="/tokens", input_type=int, output_type=str)

if __name__ == "__main__":
    serve(app, options())
