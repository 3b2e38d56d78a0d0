"""What a function finds in a ``Request``. The drop-in tests compare it with Gradio's."""

from __future__ import annotations

import pickle

import pytest

from gradio_reference import Request
from gradio_reference.request import Client
from gradio_reference.request import Headers
from gradio_reference.urls import URL
from gradio_reference.urls import Named
from gradio_reference.urls import QueryParams

WHOLE = URL("https://ann:secret@place:8443/a/b?x=1&y=&x=2#end")


def test_a_url_has_parts_and_is_text() -> None:
    assert (WHOLE.scheme, WHOLE.netloc, WHOLE.path) == ("https", "ann:secret@place:8443", "/a/b")
    assert (WHOLE.query, WHOLE.fragment, WHOLE.is_secure) == ("x=1&y=&x=2", "end", True)
    assert (WHOLE.username, WHOLE.password) == ("ann", "secret")
    assert (WHOLE.hostname, WHOLE.port) == ("place", 8443)
    assert WHOLE == str(WHOLE) == f"{WHOLE}"
    assert WHOLE.startswith("https://")
    assert len({WHOLE, str(WHOLE)}) == 1
    assert (URL().path, URL().port, URL().is_secure) == ("", None, False)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({}, "https://ann:secret@place:8443/a?x=1"),
        ({"path": "/z", "query": ""}, "https://ann:secret@place:8443/z"),
        ({"netloc": "other"}, "https://other/a?x=1"),
        ({"hostname": "other"}, "https://ann:secret@other:8443/a?x=1"),
        ({"hostname": "::1", "username": None}, "https://[::1]:8443/a?x=1"),
        ({"port": None, "password": None}, "https://ann@place/a?x=1"),
        ({"scheme": "http", "port": 80}, "http://ann:secret@place:80/a?x=1"),
    ],
)
def test_parts_of_a_url_can_be_replaced(parts: dict[str, object], expected: str) -> None:
    replaced = URL("https://ann:secret@place:8443/a?x=1").replace(**parts)
    assert (replaced, type(replaced)) == (expected, URL)


def test_the_text_of_a_url_can_be_replaced_too() -> None:
    assert URL("http://a/a").replace("a", "b") == "http://b/b"
    assert URL("http://a/a").replace("a", "b", 1).path == "/a"


def test_the_query_of_a_url_can_be_changed() -> None:
    url = URL("http://a/?x=1&y=&x=2")
    assert url.include_query_params(y="new one", z=3).query == "x=1&x=2&y=new+one&z=3"
    assert url.replace_query_params(z=3) == "http://a/?z=3"
    assert url.remove_query_params("x").query == "y="
    assert url.remove_query_params(["x", "y", "none"]) == "http://a/"


def test_query_parameters() -> None:
    query = QueryParams([("x", "1"), ("y", ""), ("x", "2")])
    assert (dict(query), query["x"], query.get("none")) == ({"x": "2", "y": ""}, "2", None)
    assert (query.getlist("x"), query.getlist("none")) == (["1", "2"], [])
    assert query.multi_items() == [("x", "1"), ("y", ""), ("x", "2")]
    assert (str(query), len(query), "y" in query) == ("x=1&y=&x=2", 2, True)
    assert QueryParams({"x": "1"}) == {"x": "1"}
    with pytest.raises(KeyError):
        query["none"]


def test_headers() -> None:
    headers = Headers([("X-Many", "one"), ("host", "h"), ("x-many", "two")])
    assert (headers["X-MANY"], list(headers), len(headers)) == ("one", ["x-many", "host"], 2)
    assert (headers.getlist("x-Many"), headers.getlist("none")) == (["one", "two"], [])
    assert headers.raw == [(b"x-many", b"one"), (b"host", b"h"), (b"x-many", b"two")]


def test_a_request_is_a_value() -> None:
    request = Request(url=WHOLE, client=Client("::1", 5), cookies=Named(size="3"))
    host, port = request.client
    assert (host, port, request.kwargs) == ("::1", 5, {})
    assert request.base_url == "https://ann:secret@place:8443/"
    assert request.cookies.size == "3"
    with pytest.raises(AttributeError, match="none"):
        _ = request.cookies.none
    again = pickle.loads(pickle.dumps(request))
    assert again == request
    assert again.url.path == "/a/b"
