"""The public URL of a server behind a proxy: forwarded headers, and a root path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from gradio_conformance.answers import read_config
from gradio_conformance.binding import check
from gradio_conformance.faults import require
from gradio_conformance.faults import require_equal
from gradio_conformance.logins import GUARDED
from gradio_conformance.probe import Probe
from gradio_conformance.wire import Reply

HOST, SCHEME = "public.example:8443", "https"
FORWARDED = {
    "x-forwarded-host": f"{HOST}, inner.example",
    "x-forwarded-proto": f"{SCHEME}, http",
}
MADE = ["made.txt", "behind a proxy"]


def _root(probe: Probe, headers: Mapping[str, str], clause: str) -> str:
    reply = probe.root_request("GET", "/config", headers=headers).require_status(clause, 200)
    config: Any = reply.json(clause)
    root = config.get("root") if isinstance(config, dict) else None
    require(isinstance(root, str), clause, "a text in root", root)
    return str(root)


@check("NET-001")
def check_forwarded_headers_make_the_root(probe: Probe) -> None:
    """The first forwarded host and scheme are those of root, together and each alone."""
    own = urlsplit(_root(probe, {}, "NET-001"))
    for given in (FORWARDED, *({name: value} for name, value in FORWARDED.items())):
        found = _root(probe, given, "NET-001")
        expected = own._replace(
            netloc=HOST if "x-forwarded-host" in given else own.netloc,
            scheme=SCHEME if "x-forwarded-proto" in given else own.scheme,
        )
        require_equal(found, expected.geturl(), "NET-001", f"root with {given}")


@check("NET-001", needs="file_made")
def check_forwarded_headers_make_the_urls_of_files(probe: Probe) -> None:
    """The URL of a file is one that the caller can reach, by run and by the queue."""
    expected = f"{SCHEME}://{HOST}/"
    body: Any = {"data": MADE}
    reply = probe.request("POST", "/run/file_made", json_body=body, headers=FORWARDED)
    url = _url_of(reply, "NET-001")
    require(url.startswith(expected), "NET-001", f"a URL below {expected} by run", url)
    session = probe.session()
    index = probe.target.fn_index("file_made")
    joined = {"data": MADE, "fn_index": index, "session_hash": session.hash}
    answer = session.post_join(joined, headers=FORWARDED).require_status("NET-001", 200)
    event = session.adopt(answer, index, data=MADE)
    session.open()
    file = event.result(clause="NET-001")[0]
    url = str(file.get("url")) if isinstance(file, Mapping) else str(file)
    require(url.startswith(expected), "NET-001", f"a URL below {expected} by the queue", url)


def _url_of(reply: Reply, clause: str) -> str:
    """The URL of the one file in the answer of a direct call."""
    body: Any = reply.require_status(clause, 200).json(clause)
    try:
        return str(body["data"][0]["url"])
    except (LookupError, TypeError):
        require(False, clause, "a file with a url", body)
        raise


@check("NET-002", needs="file_made", server=GUARDED)
def check_a_root_path_is_in_root_and_urls(probe: Probe) -> None:
    """The path below which a proxy shows the app is the end of root, and in the URLs of files."""
    root_path = probe.spec.testbed["servers"][GUARDED]["root_path"]
    root = str(read_config(probe, "NET-002").get("root"))
    wanted = probe.target.base_url + root_path
    require_equal(root.rstrip("/"), wanted, "NET-002", "root")
    url = _url_of(probe.run("file_made", MADE), "NET-002")
    require(url.startswith(f"{wanted}/"), "NET-002", f"a URL below {wanted}", url)
    path = url.removeprefix(probe.target.base_url)
    text = probe.root_request("GET", path).require_status("NET-002", 200).text
    require_equal(text, MADE[1], "NET-002", "the file behind its URL")


@check("NET-002", needs="settings", server=GUARDED)
def check_routes_answer_with_and_without_the_root_path(probe: Probe) -> None:
    """A proxy may take the root path off, or leave it where it is."""
    root_path, prefix = probe.spec.testbed["servers"][GUARDED]["root_path"], probe.target.prefix
    for before in ("", root_path):
        for path in ("/config", f"{prefix}/info", f"{prefix}/user"):
            probe.root_request("GET", before + path).require_status("NET-002", 200)
        body: Any = {"data": []}
        reply = probe.root_request("POST", f"{before}{prefix}/run/settings", json_body=body)
        reply.require_status("NET-002", 200)
