"""The history checker: does a legal schedule explain what was seen of a server?

``explain(history, groups) -> tuple[Violation, ...]`` is pure. It judges joins, cancels, messages,
releases and status samples on the client's clock, and the functions' journal on the server's; the
two clocks are never compared. Joins whose [sent, answered] intervals overlap may have happened in
either order, messages may have been under way for any time, and an event that was cancelled or
whose reader went away may or may not have run. Nothing is blamed that some legal server could have
done.

    groups = groups_of(spec.testbed)                # or (spec.testbed, "second")
    since = mark(probe)                             # gradio_conformance.recording
    ...                                             # sessions, cancels, drops, calls of this probe
    history = collect(probe, since, at_rest=True)
    for violation in explain(history, groups): ...

``mark(probe) -> Mark`` remembers what is there already; ``collect(probe, since=None, *,
at_rest=False, statuses=()) -> History`` takes what came after it, and reads the journal of every
key that those events used. ``at_rest`` says that the client waited for every end that the server
owes; ``statuses`` are the replies to ``GET queue/status``.

What is decided (n events, m messages):

order and limits  exact, O(n log n): an event has left the queue no later than its own function
                  began and than any that joined after it began, and the latest such moments can
                  all be had at once, so it is enough to sweep over them (``order``)
batches           exact for functions with the limit 1, O(n²): greedy, as positions are alike but
                  for the size that each event was told (``batches``)
ranks, sizes      each estimation by itself: bounds from who certainly or possibly waited at some
                  moment between its join and its arrival, O(n · m) (``estimates``)
outcomes          exact: runs and terminal messages of each event (``outcomes``)

Left out, because no observer can decide them soundly: whether an estimation that is due was sent
(a newer message may take its place, QUEUE-008); how soon a slot is used (left open; a caller that
has waited says ``at_rest``); the order of starts in a group without a limit, whose functions may
begin in any order after they left the queue; the value of rank_eta where other functions run, which
the protocol leaves open (only QUEUE-010 is judged).
"""

from gradio_conformance.history.explaining import explain
from gradio_conformance.history.groups import Group
from gradio_conformance.history.groups import groups_of
from gradio_conformance.history.records import Cancel
from gradio_conformance.history.records import Drop
from gradio_conformance.history.records import Entry
from gradio_conformance.history.records import History
from gradio_conformance.history.records import Join
from gradio_conformance.history.records import Release
from gradio_conformance.history.records import Sample
from gradio_conformance.history.records import Told

__all__ = [
    "Cancel",
    "Drop",
    "Entry",
    "Group",
    "History",
    "Join",
    "Release",
    "Sample",
    "Told",
    "explain",
    "groups_of",
]
