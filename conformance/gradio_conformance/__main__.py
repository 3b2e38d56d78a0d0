"""``python -m gradio_conformance``: the command, where no script is on the PATH."""

from __future__ import annotations

from gradio_conformance.cli import main

if __name__ == "__main__":
    main(prog_name="gradio-protocol")
