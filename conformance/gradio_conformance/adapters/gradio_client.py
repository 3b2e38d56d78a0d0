"""``check-client -- python -m gradio_conformance.adapters.gradio_client``: the official Python
client.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from concurrent.futures import CancelledError
from typing import Any

LOOK_S = 0.005  # between two looks at a job; the library has no other way to be told
NOT_SUPPORTED = 127


class Watched:
    """One call: what its job gives is reported as it comes."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.job: Any = None
        self.first = threading.Event()
        self.end = threading.Event()

    def follow(self) -> None:
        threading.Thread(target=self._follow, daemon=True).start()

    def _follow(self) -> None:
        told = 0
        while True:
            done = self.job.done()
            for value in self.job.outputs()[told:]:
                told += 1
                self.say("data", data=_outputs(value))
            if done:
                break
            time.sleep(LOOK_S)
        try:
            self.say("result", data=_outputs(self.job.result(timeout=0)))
        except CancelledError:
            self.say("cancelled")
        except Exception as error:
            self.say("failed", message=f"{type(error).__name__}: {error}")

    def say(self, report: str, **members: Any) -> None:
        line = {"report": report, "call": self.name, **members}
        sys.stdout.write(json.dumps(line, default=str) + "\n")
        sys.stdout.flush()
        self.first.set()
        if report != "data":
            self.end.set()


def main() -> None:
    """Do what GRADIO_PROTOCOL_TASK asks for, with one ``Client``."""
    task = json.loads(os.environ["GRADIO_PROTOCOL_TASK"])
    if task["surface"] != "queue":
        sys.exit(NOT_SUPPORTED)  # this client does not make simple calls
    from gradio_client import Client
    from gradio_client import handle_file

    login = task.get("login")
    credentials = (login["username"], login["password"]) if login else None
    client = Client(sys.argv[-1], verbose=False, auth=credentials, analytics_enabled=False)
    calls: dict[str, Watched] = {}
    for step in task["steps"]:
        if step["step"] == "endpoints":
            described = client.view_api(return_format="dict", print_info=False)
            there = list(described["named_endpoints"])
            sys.stdout.write(json.dumps({"report": "endpoints", "endpoints": there}) + "\n")
        elif step["step"] == "call":
            call = calls[step["call"]] = Watched(step["call"])
            arguments = [_argument(value, handle_file) for value in step["arguments"]]
            try:
                call.job = client.submit(*arguments, api_name=step["endpoint"])
                call.follow()
            except Exception as error:
                call.say("failed", message=f"{type(error).__name__}: {error}")
        elif step["step"] == "wait":
            call = calls[step["call"]]
            (call.end if step["for"] == "end" else call.first).wait()
        elif step["step"] == "cancel":
            calls[step["call"]].job.cancel()
    for call in calls.values():
        call.end.wait()
    sys.stdout.flush()
    os._exit(0)  # its threads may wait for ever


def _argument(value: Any, handle_file: Any) -> Any:
    named = isinstance(value, dict) and "$file" in value
    return handle_file(value["$file"]) if named else value


def _outputs(value: Any) -> list[Any]:
    """One item per output: the client gives a tuple for several, the value itself for one."""
    return list(value) if isinstance(value, tuple) else [value]


if __name__ == "__main__":
    main()
