"""The Model Context Protocol: what becomes of calls."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from gradio_conformance.binding import check
from gradio_conformance.faults import require
from gradio_conformance.faults import require_equal
from gradio_conformance.probe import Probe
from gradio_conformance.rpc import Background
from gradio_conformance.rpc import Rpc
from gradio_conformance.rpc import texts

SECRET = "the-secret-of-this-exception"


@check("MCP-009", needs=("echo_text", "add"), server="tools")
def check_results_are_text(probe: Probe) -> None:
    """Text is the result as it is, and a whole number is its digits."""
    rpc = Rpc(probe)
    for text in ("ü 🙂\nnext", "", "7"):
        require_equal(rpc.text("echo_text", {"text": text}, "MCP-009"), text, "MCP-009", "the text")
    require_equal(rpc.text("add", {"a": 40, "b": 2}, "MCP-009"), "42", "MCP-009", "the text")


@check("MCP-010", needs=("add", "fail_user"), server="tools")
def check_arguments_have_names_and_are_checked(probe: Probe) -> None:
    """Arguments come by name, may have defaults, and have to fit the schema."""
    rpc = Rpc(probe)
    arguments: dict[str, Any] = {"title": "Elsewhere", "message": "by its name"}
    found = rpc.call(rpc.tool_of("fail_user"), arguments, clause="MCP-010")
    require("by its name" in str(found.response), "MCP-010", "the message", found.response)
    require_equal(rpc.text("add", {"a": 40, "b": 2}, "MCP-010"), "42", "MCP-010", "the sum")
    require_equal(rpc.text("add", {"a": 2}, "MCP-010"), "3", "MCP-010", "the sum")
    tool = rpc.tool_of("add")
    for arguments in ({}, {"a": "two"}, {"a": None}):
        found = rpc.call(tool, arguments, clause="MCP-010")
        require(found.refused, "MCP-010", f"a refusal of {arguments}", found.response)


@check("MCP-011", needs="tokens", server="tools")
def check_the_last_value_is_the_result(probe: Probe) -> None:
    """Of a generator the last value is the result."""
    text = Rpc(probe).text("tokens", {"text": "a b c"}, "MCP-011")
    require_equal(text, "a b c", "MCP-011", "the text")


@check("MCP-012", needs=("fail", "fail_user"), server="tools")
def check_failures_are_results_with_an_error(probe: Probe) -> None:
    """A call that fails has a result with isError and a text."""
    rpc = Rpc(probe)
    for endpoint in ("fail", "fail_user"):
        arguments = {"message": "no luck today"}
        found = rpc.call(rpc.tool_of(endpoint), arguments, clause="MCP-012")
        result = found.result("MCP-012")
        require_equal(result.get("isError"), True, "MCP-012", "isError")
        told = " ".join(texts(result, "MCP-012"))
    require("no luck today" in told, "MCP-012", "the message of the error", told)


@check("MCP-013", needs=("undocumented", "private"), server="tools")
def check_nobody_else_can_be_called(probe: Probe) -> None:
    """Only tools can be called: no made-up name, no endpoint that is not public."""
    rpc = Rpc(probe)
    for name in ("nobody-has-this-name", "undocumented", "private"):
        found = rpc.call(name, {"text": "x"}, clause="MCP-013")
        require(found.refused, "MCP-013", f"a refusal of {name}", found.response)


@check("MCP-014", needs="fail", server="tools")
def check_exceptions_are_not_told(probe: Probe) -> None:
    """The text of an ordinary exception stays on the server."""
    rpc = Rpc(probe)
    found = rpc.call(rpc.tool_of("fail"), {"message": SECRET}, clause="MCP-014")
    require(
        SECRET not in str(found.response), "MCP-014", "no text of the exception", found.response
    )


@check("MCP-015", needs=("hold", "release", "journal"), server="tools")
def check_calls_wait_in_the_queue(probe: Probe) -> None:
    """A call waits until the one before it has ended."""
    rpc, first, second = Rpc(probe), probe.gate(), probe.gate()
    tool = rpc.tool_of("hold")
    session = probe.session()
    session.join("hold", [first.key])
    first.wait_journal("start", 1, "MCP-015", "the first call to start")
    call = Background(rpc, tool, {"key": second.key}, "MCP-015")
    probe.wait(
        lambda: call.over or _waiting(probe) == 1 or bool(second.journal()),
        "MCP-015",
        "the call to wait",
        lambda: _waiting(probe),
        poll_s=0.01,
    )
    require(not second.journal(), "MCP-015", "no start while the first one runs", second.journal())
    require_equal(_waiting(probe), 1, "MCP-015", "the number of waiting events")
    first.release()
    second.release()
    result = call.exchange().result("MCP-015")
    require_equal(texts(result, "MCP-015"), [second.key], "MCP-015", "the text")


@check("MCP-016", needs="tokens", server="tools")
def check_progress_is_for_who_asks(probe: Probe) -> None:
    """Progress is told with the token of the request, and to nobody without one."""
    rpc = Rpc(probe)
    tool = rpc.tool_of("tokens")
    for token in (None, 7, "seven"):
        found = rpc.call(tool, {"text": "a b c"}, clause="MCP-016", token=token)
        found.result("MCP-016")
        told = [m for m in found.notifications if m.get("method") == "notifications/progress"]
        require(token is not None or not told, "MCP-016", "no progress without a token", told)
        numbers = []
        for message in told:
            params: Any = message.get("params", {})
            require_equal(params.get("progressToken"), token, "MCP-016", "the token")
            numbers.append(params.get("progress"))
        good = all(a < b for a, b in pairwise(numbers))
        require(good, "MCP-016", "progress that increases", numbers)


@check("MCP-021", needs="settings", server="tools")
def check_unknown_resources_are_errors(probe: Probe) -> None:
    """A resource that is not there is an error of JSON-RPC."""
    params = {"uri": "nobody://has/this"}
    Rpc(probe).request("resources/read", params, clause="MCP-021").require_error("MCP-021")


@check("MCP-023", needs=("hold", "journal", "release"), server="tools")
def check_unknown_prompts_are_errors(probe: Probe) -> None:
    """A prompt that is not there is an error of JSON-RPC, and runs nothing."""
    rpc, gate = Rpc(probe), probe.gate()
    gate.release()
    for name in ("nobody-has-this-name", rpc.tool_of("hold")):
        params = {"name": name, "arguments": {"key": gate.key}}
        rpc.request("prompts/get", params, clause="MCP-023").require_error("MCP-023")
        require(not gate.happened("start"), "MCP-023", "no function run", gate.journal())


@check("MCP-025", needs="file_made", server="tools")
def check_files_are_urls(probe: Probe) -> None:
    """A file in a result is a URL, under which it can be fetched."""
    rpc = Rpc(probe)
    url = rpc.text("file_made", {"name": "a b.txt", "text": "what it holds"}, "MCP-025")
    root = probe.target.base_url
    require(url.startswith(f"{root}/"), "MCP-025", f"a URL below {root}", url)
    reply = probe.root_request("GET", url.removeprefix(root)).require_status("MCP-025", 200)
    require_equal(reply.text, "what it holds", "MCP-025", "the content")


def _waiting(probe: Probe) -> Any:
    reply = probe.request("GET", "/queue/status").require_status("QUEUE-011", 200)
    status: Any = reply.json("QUEUE-011")
    return status.get("queue_size")
