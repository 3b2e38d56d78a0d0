"""``/mock``: which faults are on, and how to switch them, for people and for tests."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from collections.abc import Sequence
from typing import Any

from quart import Blueprint
from quart import Response
from quart import request

from gradio_reference.mocking import faults
from gradio_reference.mocking.faults import FaultError
from gradio_reference.mocking.faults import Switchboard
from gradio_reference.mocking.faults import Where
from gradio_reference.mocking.interfering import CONTROL
from gradio_reference.mocking.plan import bare
from gradio_reference.mocking.sleep import Sleep
from gradio_reference.routes.answers import json_answer


def blueprint(
    names: Sequence[str], switchboard: Switchboard, sleep: Sleep, start_again: Callable[[], None]
) -> Blueprint:
    """The routes; ``names``: of the endpoints."""
    routes = Blueprint("gradio_mock", __name__)

    def told() -> Response:
        on = {endpoint: fault.as_json() for endpoint, fault in switchboard.on.items()}
        return json_answer({"faults": on, "asleep": sleep.asleep})

    @routes.get(CONTROL, strict_slashes=False)
    async def page() -> Response:
        return Response(_page(names, switchboard), content_type="text/html; charset=utf-8")

    @routes.get(f"{CONTROL}/faults")
    async def listed() -> Response:
        return told()

    @routes.post(f"{CONTROL}/faults")
    async def switch() -> Response:
        try:
            _switch(await request.get_json(force=True, silent=True), names, switchboard, sleep)
        except FaultError as error:
            return json_answer({"detail": str(error)}, 422)
        return told()

    @routes.post(f"{CONTROL}/wake")
    async def wake() -> Response:
        sleep.wake()
        return told()

    @routes.post(f"{CONTROL}/reset")
    async def reset() -> Response:
        start_again()
        return told()

    return routes


def _switch(said: Any, names: Sequence[str], switchboard: Switchboard, sleep: Sleep) -> None:
    """``{"fault": NAME or null, "endpoint": NAME or nothing, …options}``. Raises ``FaultError``."""
    if not isinstance(said, dict) or "fault" not in said:
        raise FaultError("fault: a name is expected, or null")
    options = {name: value for name, value in said.items() if name != "endpoint"}
    endpoint = said.get("endpoint", faults.ALL)
    if not isinstance(endpoint, str):
        raise FaultError("endpoint: a name is expected, or * for all")
    endpoint = bare(endpoint)
    if endpoint != faults.ALL and endpoint not in names:
        raise FaultError(f"endpoint: {endpoint!r}; there are {', '.join(names)}")
    fault = None if said["fault"] is None else faults.fault_of(options)
    if fault is not None and fault.kind.where is Where.SERVER and endpoint != faults.ALL:
        raise FaultError(f"endpoint: {fault.name} is for the whole server")
    if fault is None or fault.kind.where is Where.SERVER:
        sleep.fall_asleep()
    switchboard.switch(endpoint, fault)


_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Mock</title>
<style>
body {{ font: 16px/1.5 system-ui; max-width: 46rem; margin: 2rem auto; padding: 0 1rem;
  color-scheme: light dark }}
li {{ margin: .4rem 0 }} button, select {{ font: inherit }} code {{ font-size: .95em }}
</style>
<h1>What goes wrong</h1>
<p id="now" role="status">Now: {now}</p>
<p><label>For <select id="endpoint"><option value="*">all endpoints</option>{options}</select>
</label>
<button data-fault="">nothing</button></p>
<ul>{faults}</ul>
<p>Tests switch with <code>POST /mock/faults</code>
<code>{{"fault": "cut", "endpoint": "/name", "times": 1}}</code>, or for one call with the header
<code>{header}: cut</code> or the query <code>?{query}=cut</code>; <code>POST /mock/reset</code> is
the start again.</p>
<script>
document.addEventListener("click", async ({{ target }}) => {{
  if (target.dataset.fault === undefined) return;
  const body = {{ fault: target.dataset.fault || null,
    endpoint: document.getElementById("endpoint").value }};
  const answer = await fetch("{control}/faults", {{ method: "POST",
    headers: {{ "content-type": "application/json" }}, body: JSON.stringify(body) }});
  const {{ faults }} = await answer.json();
  document.getElementById("now").textContent = `Now: ${{JSON.stringify(faults)}}`;
}});
</script>
"""


def _page(names: Sequence[str], switchboard: Switchboard) -> str:
    on = {endpoint: fault.as_json() for endpoint, fault in switchboard.on.items()}
    shown = [f"<option>/{html.escape(name)}</option>" for name in names]
    buttons = [
        f'<li><button data-fault="{kind.name}">{kind.name}</button> {html.escape(kind.text)}</li>'
        for kind in faults.KINDS.values()
    ]
    return _PAGE.format(
        now=html.escape(json.dumps(on)),
        options="".join(shown),
        faults="\n".join(buttons),
        header=faults.HEADER,
        query=faults.QUERY,
        control=CONTROL,
    )
