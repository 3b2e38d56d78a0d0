"""`python -m clients.record`: write expected/*.json anew from the reference server.

For a new release of a client; read the difference before it is committed. Run it from the folder
that holds this one.
"""

from __future__ import annotations

from . import servers
from .transcripts import MUTUAL
from .transcripts import save_expected


def main() -> None:
    with servers.testbed("reference") as url:
        for client, report in (
            ("python", servers.python_report),
            ("javascript", servers.javascript_report),
        ):
            reports = report(url)["scenarios"]
            save_expected(client, {name: reports[name] for name in reports if name not in MUTUAL})


if __name__ == "__main__":
    main()
