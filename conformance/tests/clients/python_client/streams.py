"""Generators: every chunk that the client shows, in order."""

from __future__ import annotations

from .bench import Bench
from .bench import Json
from .bench import scenario
from .report import in_company
from .report import value
from .report import whole

GROWING_AND_SHRINKING = [[], [1], [1, 2, 3], [3], {"a": 1}, {"a": 2, "b": [1]}, {"b": [1, 2]}, None]
TEXTS = ["a", "ab", "ab", "b", "", "b\nc"]
PAIRS = [["a", 1], ["ab", 1], ["ab", [1]], ["c", [1, 2]]]
NESTED_SHRINK = [[[1, 2, 3]], [[1]], {"rows": [[1, 2], [3, 4]]}, {"rows": [[1], [3]]}]
EQUAL_BUT_TYPED = [1, True, 1.5, 0, False]


@scenario
def streaming(bench: Bench) -> Json:
    client = bench.client
    jobs = {
        "tokens": client.submit("a stream of words", api_name="/tokens"),
        "tokens_async": client.submit("a stream of words", api_name="/tokens_async"),
        "pairs": client.submit(PAIRS, api_name="/yields_pairs"),
        "no chunk": client.submit([], api_name="/yields"),
        "one chunk": client.submit(["only"], api_name="/yields"),
    }
    return {name: in_company(whole(bench, job)) for name, job in jobs.items()}


@scenario
def chunk_values(bench: Bench) -> Json:
    """Chunks that grow, shrink, change their type, or repeat."""
    return {
        "values": value(bench, list(_yields(bench, GROWING_AND_SHRINKING))),
        "texts": value(bench, list(_yields(bench, TEXTS))),
        "many": list(_yields(bench, list(range(200)))) == list(range(200)),
    }


@scenario
def iterating(bench: Bench) -> Json:
    """The client hands out each chunk while the generator still runs."""
    key = bench.key("iterating")
    job = bench.client.submit(key, 3, api_name="/hold_generator")
    handed_out = []
    for chunk in job:
        handed_out.append({"chunk": chunk, "done": job.done()})
        bench.release(key)
    return {"handed out": handed_out, **whole(bench, job)}


@scenario
def nested_shrink(bench: Bench) -> Json:
    return whole(bench, _yields(bench, NESTED_SHRINK))


@scenario
def equal_but_typed(bench: Bench) -> Json:
    return whole(bench, _yields(bench, EQUAL_BUT_TYPED))


def _yields(bench: Bench, values: list[Json]) -> Json:
    return bench.client.submit(values, api_name="/yields")
