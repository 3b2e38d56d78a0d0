"""Ready-made calls of an endpoint for people to copy, as /info shows them."""

from __future__ import annotations

import json
from urllib.parse import quote

from gradio_reference.endpoint import Endpoint


def snippets(endpoint: Endpoint, root: str, prefix: str) -> dict[str, str]:
    """One call of the endpoint in each language."""
    values = {
        item.name: item.json_default if item.has_default else "..."
        for item in endpoint.signature.parameters
    }
    name = json.dumps(f"/{endpoint.name}")
    return {
        "python": _python(values, name, root),
        "javascript": _javascript(values, name, root),
        "bash": _bash(values, quote(endpoint.name, safe=""), root + prefix),
        "cli": f"gradio predict {root} /{endpoint.name} '{_shell(values)}'\n",
    }


def _python(values: dict[str, object], name: str, root: str) -> str:
    lines = [f"    {key}={value!r}," for key, value in values.items()]
    arguments = "\n".join([*lines, f"    api_name={name},"])
    return (
        "from gradio_client import Client\n\n"
        f"client = Client({json.dumps(root)})\n"
        f"result = client.predict(\n{arguments}\n)\nprint(result)"
    )


def _javascript(values: dict[str, object], name: str, root: str) -> str:
    return (
        'import { Client } from "@gradio/client";\n\n'
        f"const client = await Client.connect({json.dumps(root)});\n"
        f"const result = await client.predict({name}, {json.dumps(values, indent=2)});\n"
        "console.log(result.data);"
    )


def _bash(values: dict[str, object], name: str, base: str) -> str:
    return (
        f"EVENT_ID=$(curl -s {base}/call/v2/{name} -H 'Content-Type: application/json' "
        f"-d '{_shell(values)}' | cut -d'\"' -f4)\n"
        f"curl -N {base}/call/{name}/$EVENT_ID"
    )


def _shell(values: dict[str, object]) -> str:
    return json.dumps(values).replace("'", "'\\''")
