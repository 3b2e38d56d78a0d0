"""How much Hypothesis generates in a run of the suite."""

from __future__ import annotations

import os
from pathlib import Path

from hypothesis import HealthCheck
from hypothesis import Phase
from hypothesis import Verbosity
from hypothesis import settings
from hypothesis.configuration import set_hypothesis_home_dir

PROFILE = "gradio-protocol"


def configure(max_examples: int, *, shrink: bool = True) -> None:
    """Make the suite's settings Hypothesis' default; without ``shrink`` the first failing input
    will do.

    Must run before the check modules are imported: ``@given`` takes the default when it decorates.
    """
    # Hypothesis would keep tables beside the user's code. It can do without: where nothing can be
    # written, it makes them anew.
    if "HYPOTHESIS_STORAGE_DIRECTORY" not in os.environ:
        set_hypothesis_home_dir(Path(os.devnull, "hypothesis"))
    settings.register_profile(
        PROFILE,
        max_examples=max_examples,
        # Under CI, Hypothesis' own default is to ignore the seed.
        derandomize=False,
        verbosity=Verbosity.normal,
        print_blob=False,
        # A live server answers when it can; waits have deadlines of their own.
        deadline=None,
        # Failures are kept in the report (`replay`), not in a database beside the user's code.
        database=None,
        report_multiple_bugs=False,
        # A check's probe is meant to live through all its examples: one client, many requests.
        suppress_health_check=list(HealthCheck),
        phases=(Phase.explicit, Phase.generate, *([Phase.shrink] if shrink else [])),
    )
    settings.load_profile(PROFILE)
