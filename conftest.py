"""Settings all parts' tests share."""

from __future__ import annotations

from hypothesis import settings

# No deadline: a loaded machine must not turn a correct property red.
settings.register_profile("project", deadline=None, print_blob=True)
settings.load_profile("project")
