"""Single calls: values, arguments, shapes of results, what the client says about the API."""

from __future__ import annotations

from typing import Any

from .bench import Bench
from .bench import Json
from .bench import scenario
from .report import failure
from .report import outcome
from .report import value
from .report import whole

VALUES = [None, True, 0, -7, 1.5, "", "text", [], [1, [2, [3]]], {}, {"a": {"b": [None, False]}}]
UNICODE = 'é 漢字 🎈 \u202eשלום \u2028\u2029 "\\/ \x7f\t\n end'
TYPED = {
    "text": "t",
    "whole": 3,
    "number": 0.25,
    "flag": True,
    "choice": "green",
    "items": [1, 2],
    "mapping": {"k": 1},
}


@scenario
def predict(bench: Bench) -> Json:
    return [value(bench, bench.client.predict(one, api_name="/echo")) for one in VALUES]


@scenario
def submit(bench: Bench) -> Json:
    called_back: list[Any] = []
    job = bench.client.submit("text", api_name="/echo", result_callbacks=called_back.append)
    report = whole(bench, job)
    return report | {"done": job.done(), "called_back": called_back}


@scenario
def arguments(bench: Bench) -> Json:
    predict = bench.client.predict
    return {
        "positional": predict(2, 3, api_name="/add"),
        "keywords": predict(b=3, a=2, api_name="/add"),
        "mixed": predict(2, b=3, api_name="/add"),
        "default": predict(2, api_name="/add"),
        "all defaults": predict(api_name="/echo_text"),
        "typed": predict(**TYPED, api_name="/typed"),
        "typed, default given": predict(**TYPED, maybe="m", api_name="/typed"),
        "by index": predict("text", fn_index=_index(bench, "echo")),
    }


@scenario
def wrong_arguments(bench: Bench) -> Json:
    attempts: dict[str, tuple[list[Any], dict[str, Any]]] = {
        "missing": ([], {"api_name": "/add"}),
        "unknown": ([1], {"api_name": "/add", "c": 2}),
        "twice": ([1], {"api_name": "/add", "a": 2}),
        "no such endpoint": ([1], {"api_name": "/nowhere"}),
        "private": (["text"], {"api_name": "/private"}),
        "private by index": (["text"], {"fn_index": _index(bench, "private")}),
        "no endpoint named": (["text"], {}),
    }
    return {name: _refused(bench, *attempt) for name, attempt in attempts.items()}


@scenario
def shapes(bench: Bench) -> Json:
    client, noted = bench.client, bench.key("noted")
    return {
        "two outputs": value(bench, client.predict("t", 1, api_name="/pair")),
        "no inputs": value(bench, client.predict(api_name="/no_inputs")),
        "no outputs": value(bench, client.predict(noted, api_name="/no_outputs")),
        "no outputs, but called": bench.journal(noted),
        "an output too many": value(bench, client.predict("t", api_name="/returns_too_many")),
        "an output too few": outcome(bench, client.submit("t", api_name="/returns_too_few")),
    }


@scenario
def unicode(bench: Bench) -> Json:
    client = bench.client
    return {
        "text": client.predict(UNICODE, api_name="/echo_text") == UNICODE,
        "key": client.predict({UNICODE: UNICODE}, api_name="/echo") == {UNICODE: UNICODE},
        "chunks": list(client.submit("é 漢字 🎈 שלום", api_name="/tokens")),
        "log": whole(bench, client.submit("🎈 漢字", api_name="/logs"))["logs"],
        "error": outcome(bench, client.submit("🎈 漢字", api_name="/fail_user")),
    }


@scenario
def not_queued(bench: Bench) -> Json:
    return whole(bench, bench.client.submit("text", api_name="/quick"))


@scenario
def undocumented(bench: Bench) -> Json:
    return {
        "positional": bench.client.predict("text", api_name="/undocumented"),
        "keyword": _refused(bench, [], {"api_name": "/undocumented", "text": "text"}),
    }


@scenario
def not_finite(bench: Bench) -> Json:
    return value(bench, bench.client.predict("nan", api_name="/unserialisable"))


@scenario
def request(bench: Bench) -> Json:
    client = bench.connect(headers={"x-testbed": "from the client"})
    who = client.predict(api_name="/whoami")
    who["session_hash"] = who["session_hash"] == client.session_hash
    return who


@scenario
def view_api(bench: Bench) -> Json:
    """All that the client learned from /info, as data and as the text it prints."""
    described = bench.client.view_api(return_format="dict", print_info=False)
    text = bench.client.view_api(return_format="str", print_info=False)
    return {"dict": described, "str": text.splitlines()}


def _index(bench: Bench, name: str) -> int:
    dependencies = bench.client.config["dependencies"]
    return next(int(one["id"]) for one in dependencies if one["api_name"] == name)


def _refused(bench: Bench, args: list[Any], kwargs: dict[str, Any]) -> Json:
    try:
        return {"accepted": bench.client.predict(*args, **kwargs)}
    except Exception as error:
        report = failure(bench, error)
        index = str(kwargs.get("fn_index", "(none)"))
        return report | {"message": report["message"].replace(index, "(index)")}
