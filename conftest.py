"""Settings all parts' tests share."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile(
    "project",
    deadline=None,  # a loaded machine must not turn a correct property red
    derandomize="CI" in os.environ,  # a red build has its cause in the change that it judges
    print_blob=True,
)
settings.load_profile("project")
