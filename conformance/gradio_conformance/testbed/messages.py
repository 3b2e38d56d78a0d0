"""Endpoints that send logs and progress while they run.

No postponed annotations here: the library evaluates them. Progress is made in the body, because
Server mode takes no Progress parameter.
"""

from gradio_conformance.testbed.kit import Kit


def register(kit: Kit) -> None:
    _logs(kit)
    _progress(kit)


def _logs(kit: Kit) -> None:
    gr = kit.gr

    @kit.api(name="logs")
    def logs(text: str) -> str:
        gr.Info(text)
        gr.Warning(text)
        gr.Success(text)
        gr.Info(text, duration=3, visible=False, title="Custom")
        return text

    @kit.api(name="logs_between")
    def logs_between(text: str) -> str:  # type: ignore[misc]
        gr.Info(f"1 {text}")
        yield "a"
        gr.Warning(f"2 {text}")
        yield "ab"


def _progress(kit: Kit) -> None:
    gr, gates = kit.gr, kit.gates

    @kit.api(name="progress")
    def progress(key: str) -> str:
        report = gr.Progress()
        report((1, 4), desc="outer", unit="files")
        gates.wait(key)
        report(0.5, desc="half")
        gates.wait(key)
        return "done"

    @kit.api(name="progress_nested")
    def progress_nested(key: str) -> str:
        report = gr.Progress()
        for _ in report.tqdm(range(2), desc="outer"):
            for _ in report.tqdm(range(2), desc="inner", unit="ch"):
                gates.wait(key)
        return "done"

    @kit.api(name="hold_logs", concurrency_limit=None)
    def hold_logs(key: str, text: str) -> str:
        gr.Info(text)
        gr.Progress()(0.5, desc=text)
        gates.wait(key)
        gr.Warning(text)
        return text
