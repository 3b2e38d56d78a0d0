"""What a client owes, one small rule for each clause of ``client.yaml`` that traffic shows.

A rule is asked at its moment, about one exchange. It answers ``None`` where the exchange is no
occasion for its clause, and else what it found, which is mostly nothing. No rule accuses on
suspicion: what may also be a user's doing, a lost network, or the order in which two connections
happened to be seen, is not held against the client.
"""

from __future__ import annotations

from gradio_conformance.traffic.client_rules import calls
from gradio_conformance.traffic.client_rules import files
from gradio_conformance.traffic.client_rules import places
from gradio_conformance.traffic.client_rules import sessions
from gradio_conformance.traffic.client_rules.asking import ClientRule

RULES: tuple[ClientRule, ...] = (*places.RULES, *sessions.RULES, *calls.RULES, *files.RULES)
