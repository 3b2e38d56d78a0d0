"""Settings all parts' tests share."""

from __future__ import annotations

import os
import signal

from hypothesis import settings

settings.register_profile(
    "project",
    deadline=None,  # a loaded machine must not turn a correct property red
    derandomize="CI" in os.environ,  # a red build has its cause in the change that it judges
    print_blob=True,
)
settings.load_profile("project")

# A shell starts background jobs with SIGINT ignored, and so would be every child of the tests, also
# those that are interrupted on purpose.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Started in the background of a shell, pytest ignores SIGINT, and so would every server and every
# command that a test starts in order to interrupt it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
