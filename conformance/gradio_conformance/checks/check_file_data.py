"""Files in values: what reaches a function, what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from gradio_conformance.answers import json_object
from gradio_conformance.answers import named_endpoints
from gradio_conformance.answers import read_config
from gradio_conformance.answers import read_info
from gradio_conformance.answers import require_valid
from gradio_conformance.binding import check
from gradio_conformance.calls import ended
from gradio_conformance.calls import event_id_of
from gradio_conformance.calls import start_call
from gradio_conformance.checks.check_file_serve import places
from gradio_conformance.faults import NonConformance
from gradio_conformance.faults import require
from gradio_conformance.faults import require_equal
from gradio_conformance.faults import show
from gradio_conformance.probe import Probe
from gradio_conformance.uploads import META
from gradio_conformance.uploads import Part
from gradio_conformance.uploads import folder_of
from gradio_conformance.uploads import get_file
from gradio_conformance.uploads import named_file
from gradio_conformance.uploads import upload
from gradio_conformance.uploads import upload_one

OUTPUT = "files#/$defs/FileOutput"
NAME = "sweet und süß #1 100%.txt"
Headers = dict[str, str]
# A call of an endpoint: its outputs, or None if it failed.
Caller = Callable[[Probe, str, list[Any]], list[Any] | None]


def by_queue(
    probe: Probe, name: str, data: list[Any], headers: Headers | None = None
) -> list[Any] | None:
    session = probe.session()
    fn_index = probe.target.fn_index(name)
    body = {"data": data, "fn_index": fn_index, "session_hash": session.hash}
    event = session.adopt(session.post_join(body, headers=headers), fn_index)
    session.open()
    message = event.completed()
    output = message.get("output")
    if message.get("success") is not True or not isinstance(output, Mapping):
        return None
    return list(output.get("data") or [])


def by_call(
    probe: Probe, name: str, data: list[Any], headers: Headers | None = None
) -> list[Any] | None:
    reply = probe.request("POST", f"/call/{name}", json_body={"data": data}, headers=headers or {})
    kind, outputs = ended(probe.call_stream(name, event_id_of(probe, reply)))[-1]
    return list(outputs) if kind == "complete" and isinstance(outputs, list) else None


def by_run(
    probe: Probe, name: str, data: list[Any], headers: Headers | None = None
) -> list[Any] | None:
    reply = probe.request("POST", f"/run/{name}", json_body={"data": data}, headers=headers or {})
    if reply.status != 200:
        return None
    outputs = json_object(reply, "RUN-001").get("data")
    return list(outputs) if isinstance(outputs, list) else None


ROUTES: dict[str, Caller] = {"queue": by_queue, "call": by_call, "run": by_run}


def output_of(probe: Probe, route: str, name: str, data: list[Any], clause: str) -> Any:
    """The only output of a call that has to succeed."""
    outputs = ROUTES[route](probe, name, data)
    if outputs is None or len(outputs) != 1:
        raise NonConformance(clause, f"one output of {name} by {route}", show(outputs))
    return outputs[0]


def require_file(probe: Probe, value: Any, content: bytes, clause: str = "FILE-039") -> str:
    """Demand a FileData whose path brings these bytes; returns the path."""
    for error in probe.spec.schemas.check(OUTPUT, value):
        raise NonConformance(clause, f"{OUTPUT} at {error.path}", error.message)
    path = str(value["path"])
    reply = get_file(probe, path).require_status(clause, 200)
    good = reply.content == content
    require(good, clause, f"the bytes {content!r} at {path}", reply.describe())
    return path


# -- in --------------------------------------------------------------------------------------------


@check("FILE-035", needs=("file_texts",))
def check_functions_get_the_files_that_were_uploaded(probe: Probe) -> None:
    """A file in an argument, at any depth and by any route, reaches the function."""
    texts = ["first", "second", ""]
    files = [named_file(upload_one(probe, text.encode(), NAME)) for text in texts]
    value = {"a": [files[0], {"b": [[files[1]], 1]}], "c": files[2], "d": "text"}
    wanted = {"a": [texts[0], {"b": [[texts[1]], 1]}], "c": texts[2], "d": "text"}
    for route in ROUTES:
        for sent, read in ((files[0], texts[0]), (value, wanted)):
            found = output_of(probe, route, "file_texts", [sent], "FILE-035")
            require_equal(found, read, "FILE-035", f"what was read, by {route}")


def _foreign_paths(probe: Probe) -> Iterator[str]:
    path = upload_one(probe, b"mine")
    yield places(probe)["outside"]
    yield "/etc/passwd"
    yield f"{folder_of(path)}/../../../../../../etc/passwd"
    yield "../" * 12 + "etc/passwd"
    yield "file:///etc/passwd"
    yield f"{path}\0"
    yield ""


@check("FILE-036", needs=("file_texts", "file_places"))
def check_foreign_files_fail_the_call(probe: Probe) -> None:
    """A file that was not uploaded fails its call, at any depth and by any route."""
    good = named_file(upload_one(probe, b"mine"))
    for path in _foreign_paths(probe):
        bad = named_file(path)
        for route, call in ROUTES.items():
            for value in (bad, {"deep": [good, [{"x": bad}]]}):
                found = call(probe, "file_texts", [value])
                require(found is None, "FILE-036", f"failure of {path!r} by {route}", found)


@check("FILE-036", needs=("file_texts", "file_places"))
def check_foreign_files_harm_nobody_else(probe: Probe) -> None:
    """A call that fails for its file spares the others of its session."""
    good = named_file(upload_one(probe, b"mine"))
    values = [good, named_file(places(probe)["outside"]), good]
    session = probe.session()
    events = [session.join("file_texts", [value]) for value in values]
    session.open()
    wins = [event.completed().get("success") for event in events]
    require_equal(wins, [True, False, True], "FILE-036", "success of the three calls")
    session.until_closed()


@check("FILE-036", needs=("file_batch", "file_places", "release"))
def check_foreign_files_spare_their_batch(probe: Probe) -> None:
    """A sample that fails for its file spares the others of its batch."""
    path = upload_one(probe, b"mine")
    good, gate, session = named_file(path), probe.gate(), probe.session()
    held = session.join("file_batch", [named_file(path, orig_name=f"hold:{gate.key}")])
    session.open()
    held.until("process_starts", clause="QUEUE-013")
    values = (good, named_file(places(probe)["outside"]), good)
    events = [session.join("file_batch", [value]) for value in values]
    gate.release()
    wins = [event.completed().get("success") for event in events]
    require_equal(wins, [True, False, True], "FILE-036", "success of the three samples")
    session.until_closed()


@check("FILE-037", needs=("echo",))
def check_other_objects_are_left_alone(probe: Probe) -> None:
    """Without the mark, an object with a path goes through as it is."""
    path = upload_one(probe, b"mine")
    for asked in (path, "/etc/passwd", "nowhere"):
        for value in (
            {"path": asked},
            {"path": asked, "url": None, "orig_name": "x"},
            {"path": asked, "meta": {"_type": "other.Type"}},
            {"path": asked, "meta": {}},
            {"path": 7, "meta": META},
            {"meta": META},
            [{"deep": {"path": asked}}],
        ):
            for route in ROUTES:
                found = output_of(probe, route, "echo", [value], "FILE-037")
                require_equal(found, value, "FILE-037", f"the object, by {route}")


@check("FILE-038", needs=("file_echo",))
def check_what_is_told_of_a_file_is_kept(probe: Probe) -> None:
    """orig_name, size and mime_type come through; members that FileData lacks are dropped."""
    path = upload_one(probe, b"mine", NAME)
    said = {"orig_name": "Näme.txt", "size": 4, "mime_type": "text/x-mine"}
    for route in ROUTES:
        sent = named_file(path, **said, mine=1)
        found = output_of(probe, route, "file_echo", [sent], "FILE-038")
        require_file(probe, found, b"mine", "FILE-038")
        kept = {name: found.get(name) for name in said}
        require_equal(kept, said, "FILE-038", f"what was said of the file, by {route}")
        require("mine" not in found, "FILE-038", "no other members", found)


# -- out -------------------------------------------------------------------------------------------


@check("FILE-039", needs=("file_made", "file_made_async"))
def check_files_that_functions_make_can_be_fetched(probe: Probe) -> None:
    """A file that a function returns is a FileData whose path serves it."""
    for name in ("file_made", "file_made_async"):
        for route in ROUTES:
            text = f"made by {name} for {route} ü"
            found = output_of(probe, route, name, [NAME, text], "FILE-039")
            require_file(probe, found, text.encode())


def _require_tree(probe: Probe, name: str) -> None:
    for route in ROUTES:
        text = f"nested, by {route}"
        found = output_of(probe, route, name, ["n.txt", text], "FILE-039")
        try:
            first, second = found["files"][0], found["files"][1]["deep"][0][0]
        except (LookupError, TypeError):
            raise NonConformance("FILE-039", "two files, one of them deep", show(found)) from None
        for file in (first, second):
            require_file(probe, file, text.encode())
        require_equal(found.get("more"), "text", "FILE-039", "the rest of the value")


@check("FILE-039", needs=("file_nested",))
def check_files_at_any_depth_can_be_fetched(probe: Probe) -> None:
    """Files inside of arrays and objects of an output can be fetched."""
    _require_tree(probe, "file_nested")


@check("FILE-039", needs=("file_objects",))
def check_file_objects_at_any_depth_can_be_fetched(probe: Probe) -> None:
    """Files in the library's own type, inside of arrays and objects, can be fetched."""
    _require_tree(probe, "file_objects")


@check("FILE-040", needs=("file_made",))
def check_urls_lead_to_the_files(probe: Probe) -> None:
    """The url of a file is the root, the route and the encoded path, and brings the file."""
    root = str(read_config(probe, "FILE-040").get("root", ""))
    for route in ROUTES:
        found = output_of(probe, route, "file_made", [NAME, "linked"], "FILE-040")
        url = _require_url(probe, found, root)
        reply = probe.root_request("GET", url.removeprefix(root)).require_status("FILE-040", 200)
        require_equal(reply.text, "linked", "FILE-040", "what the url brings")


@check("FILE-040", needs=("file_made",))
def check_urls_have_the_root_of_their_request(probe: Probe) -> None:
    """Behind a proxy, the url of a file begins with the root that the event's request came to."""
    for host, scheme in (("files.example.org", "https"), ("other.example.org:8080", "http")):
        headers = {"x-forwarded-host": host, "x-forwarded-proto": scheme}
        for route, call in (("queue", by_queue), ("call", by_call), ("run", by_run)):
            outputs = call(probe, "file_made", [NAME, route], headers)
            if not outputs:
                raise NonConformance("FILE-040", f"an output by {route}", show(outputs))
            _require_url(probe, outputs[0], f"{scheme}://{host}")


def _require_url(probe: Probe, file: Any, root: str) -> str:
    require_valid(probe, OUTPUT, file, "FILE-040")
    url, start = str(file["url"]), f"{root}{probe.target.prefix}/file="
    good = url.startswith(start) and unquote(url.removeprefix(start)) == file["path"]
    require(good, "FILE-040", f"{start} and the encoded path", file)
    return url


@check("FILE-041", needs=("file_steps",))
def check_files_in_chunks_can_be_fetched(probe: Probe) -> None:
    """Files that a generator yields can be fetched, in every chunk and in the result."""
    texts = ["one", "two", "three"]
    events = ended(start_call(probe, "file_steps", ["step.txt", texts]))
    chunks = [data[0] for kind, data in events if kind in ("generating", "complete")]
    require_equal(len(chunks), len(texts) + 1, "FILE-041", "chunks and result")
    wanted = [texts[:1], texts[:2], texts, texts]
    last = output_of(probe, "queue", "file_steps", ["step.txt", texts], "FILE-041")
    for chunk, read in zip([*chunks, last], [*wanted, texts], strict=True):
        require_equal(len(chunk), len(read), "FILE-041", "files of a chunk")
        for file, text in zip(chunk, read, strict=True):
            require_file(probe, file, text.encode(), "FILE-041")


@check("FILE-041", needs=("file_batch",))
def check_files_in_batches_can_be_fetched(probe: Probe) -> None:
    """Each sample of a batch gets its own file back."""
    contents = [b"one", b"two", b"three"]
    files = [named_file(p) for p in upload(probe, *(Part(c, "b.txt") for c in contents))]
    session = probe.session()
    events = [session.join("file_batch", [file]) for file in files]
    session.open()
    for event, content in zip(events, contents, strict=True):
        require_file(probe, event.result(clause="FILE-041")[0], content, "FILE-041")
    alone = output_of(probe, "run", "file_batch", [files[0]], "FILE-041")
    require_file(probe, alone, contents[0], "FILE-041")


@check("FILE-042", needs=("file_missing", "file_made"))
def check_files_that_are_not_there_fail(probe: Probe) -> None:
    """A function that returns a file that does not exist fails."""
    output_of(probe, "run", "file_made", [NAME, "there"], "FILE-039")
    for route, call in ROUTES.items():
        found = call(probe, "file_missing", [])
        require(found is None, "FILE-042", f"failure by {route}", found)


# -- types -----------------------------------------------------------------------------------------


@check("FILE-043", needs=("file_echo", "file_list"))
def check_info_tells_what_is_a_file(probe: Probe) -> None:
    """/info and /config give the types of files with their constant."""
    named = named_endpoints(read_info(probe, "FILE-043"), "FILE-043")
    config = read_config(probe, "FILE-043")
    components = {c.get("id"): c for c in config.get("components", []) if isinstance(c, Mapping)}
    for name in ("file_echo", "file_list"):
        endpoint = named.get(f"/{name}", {})
        types = [item.get("type") for item in endpoint.get("parameters", [])]
        types += [item.get("type") for item in endpoint.get("returns", [])]
        dependency = probe.target.dependency(name) or {}
        for component in (*dependency.get("inputs", ()), *dependency.get("outputs", ())):
            types.append(components.get(component, {}).get("api_info"))
        require_equal(len(types), 4, "FILE-043", f"types of {name}")
        for found in types:
            inner = found.get("items") if name == "file_list" and found else found
            require_valid(probe, "files#/$defs/FileType", inner, "FILE-043")
