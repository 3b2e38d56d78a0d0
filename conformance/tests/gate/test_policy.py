"""What counts: thresholds, severity and ignore files, and the number of the version."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from gradio_conformance.gate.model import Effect
from gradio_conformance.gate.policy import Entry
from gradio_conformance.gate.policy import Policy
from gradio_conformance.gate.policy import missing_bump
from gradio_conformance.gate.policy import read_ignored
from gradio_conformance.gate.policy import read_severities
from gradio_conformance.gate.policy import stale
from gradio_spec.data import SpecError

from .sample import LEVEL
from .sample import NULL
from .sample import PREFIX

TODAY = date(2027, 1, 31)
B, H, A, N = Effect.BREAKING, Effect.BEHAVIOURAL, Effect.ADDITIVE, Effect.NONE


@pytest.mark.parametrize(
    ("fail_on", "party", "over"),
    [
        ("breaking", "both", True),
        ("breaking", "client", True),
        ("breaking", "server", False),
        ("behavioural", "server", False),
        ("any", "server", False),
        ("never", "client", False),
    ],
)
def test_the_threshold_is_about_the_party_asked_for(fail_on: str, party: str, over: bool) -> None:
    assert (NULL.client, NULL.server) == (B, N)
    assert Policy(fail_on, party).is_over(NULL.client, NULL.server) is over


def test_behavioural_and_any_take_in_what_is_stronger() -> None:
    assert [Policy("behavioural").is_over(effect, N) for effect in Effect] == [1, 1, 0, 0]
    assert [Policy("any").is_over(effect, N) for effect in Effect] == [1, 1, 1, 0]


@pytest.mark.parametrize(
    ("versions", "effects", "over"),
    [
        (("1.4.0", "2.0.0"), (B, N), False),
        (("1.4.0", "1.5.0"), (B, N), True),
        (("1.4.0", "1.5.0"), (H, A), False),
        (("1.4.0", "1.4.1"), (A, N), True),
        (("1.4.0", "1.3.0"), (N, N), False),
        (None, (B, N), True),
        (None, (H, A), False),
    ],
)
def test_with_bump_a_difference_counts_while_the_version_does_not_account_for_it(
    versions: tuple[str, str] | None, effects: tuple[Effect, Effect], over: bool
) -> None:
    assert Policy("bump").is_over(*effects, versions) is over


def test_a_threshold_is_strict_whatever_the_version_says() -> None:
    assert Policy("breaking").is_over(B, N, ("1.0.0", "2.0.0"))
    assert not Policy("never").is_over(B, N, ("1.0.0", "1.0.0"))


@pytest.mark.parametrize(
    ("match", "matches"),
    [
        (PREFIX.fingerprint, True),
        ("address-changed", True),
        ("address-changed@openapi#/servers/*", True),
        ("address-changed@openapi#/paths/*", False),
        ("nullable-added@openapi#/servers/*", False),
        (LEVEL.fingerprint, False),
    ],
)
def test_an_entry_names_a_fingerprint_or_a_rule_at_a_place(match: str, matches: bool) -> None:
    assert Entry("f", match, "why").matches(PREFIX) is matches


def test_the_last_severity_that_matches_wins_and_may_be_for_one_party() -> None:
    entries = (
        Entry("f", "address-changed", "one", A),
        Entry("f", PREFIX.fingerprint, "two", H, party="server"),
    )
    client, server, why = Policy(severities=entries).effects(PREFIX)
    assert (client, server) == (A, H)
    assert why is entries[1]


def test_an_entry_without_a_difference_is_stale() -> None:
    entries = (Entry("f", LEVEL.fingerprint, "why"), Entry("f", PREFIX.fingerprint, "why"))
    told = stale(entries, (PREFIX,), TODAY, None)
    assert told == (f"f: {LEVEL.fingerprint}: there is no such difference",)


@pytest.mark.parametrize(
    ("until", "version", "over"),
    [
        ("2027-01-31", None, False),
        ("2027-01-30", None, True),
        ("1.4.0", (1, 4, 0), False),
        ("1.4.0", (1, 4, 1), True),
        ("1.4.0", None, False),
        (None, (9, 0, 0), False),
    ],
)
def test_an_ignored_difference_has_its_time(
    until: str | None, version: tuple[int, int, int] | None, over: bool
) -> None:
    entry = Entry("f", PREFIX.fingerprint, "why", until=until)
    assert entry.expired(TODAY, version) is over
    assert bool(stale((entry,), (PREFIX,), TODAY, version)) is over


@pytest.mark.parametrize(
    ("old", "new", "effects", "told"),
    [
        ("1.0.0", "2.0.0", (B,), None),
        ("1.0.0", "1.1.0", (B,), "needs a major bump: 2.0.0"),
        ("1.0.0", "1.1.0", (A, H), None),
        ("1.0.0", "1.0.1", (A,), "needs a minor bump: 1.1.0"),
        ("1.0.0", "1.0.1", (H,), "needs a minor bump: 1.1.0"),
        ("1.0.0", "2.0.0", (A,), None),
        ("1.0.0", "1.0.0", (N,), None),
        ("1.0.0", "1.0.0", (), None),
        ("0.3.1", "0.4.0", (B,), None),
        ("0.3.1", "0.3.2", (B,), "needs a minor bump: 0.4.0"),
        ("1.2.0", "1.1.0", (), "went back from 1.2.0 to 1.1.0"),
        (None, None, (B,), None),
    ],
)
def test_the_version_follows_the_strongest_effect(
    old: str | None, new: str | None, effects: tuple[Effect, ...], told: str | None
) -> None:
    found = missing_bump(old, new, effects)
    assert told in found if told and found else found is told


def test_the_files_are_read(tmp_path: Path) -> None:
    path = tmp_path / "ignore.yaml"
    path.write_text(
        "ignore:\n"
        "  - {match: 0123456789ab, reason: so, until: 2027-01-31}\n"
        "  - {match: 'nullable-added@messages#/*', reason: so, until: 1.4.0}\n"
    )
    assert [entry.until for entry in read_ignored(path)] == ["2027-01-31", "1.4.0"]
    path.write_text(
        "severity:\n  - {match: nullable-added, effect: none, for: client, reason: so}\n"
    )
    (entry,) = read_severities(path)
    assert (entry.effect, entry.party, entry.reason) == (N, "client", "so")


@pytest.mark.parametrize(
    ("read", "text", "told"),
    [
        (read_ignored, "ignore: [{match: 0123456789ab}]", "'reason' is a required property"),
        (read_ignored, "ignore: [{match: nullable-added, reason: so}]", "ignore/0/match"),
        (read_ignored, "ignore: [{match: 'x@y', reason: so}]", "entry 0: match: there is no rule"),
        (
            read_ignored,
            "ignore: [{match: 0123456789ab, reason: so, until: soon}]",
            "ignore/0/until",
        ),
        (
            read_ignored,
            "ignore: [{match: 0123456789ab, reason: so, until: '2027-02-31'}]",
            "entry 0: until: '2027-02-31' is neither a date nor a version",
        ),
        (read_severities, "severity: [{match: x, effect: none, reason: so}]", "there is no rule x"),
        (read_severities, "severity: [{match: nullable-added, effect: bad, reason: so}]", "effect"),
        (read_severities, "[]", "is not of type 'object'"),
    ],
)
def test_a_wrong_file_is_refused_with_the_entry(
    read: Callable[[Path], object], text: str, told: str, tmp_path: Path
) -> None:
    path = tmp_path / "file.yaml"
    path.write_text(text)
    with pytest.raises(SpecError, match=r"^file\.yaml: ") as caught:
        read(path)
    assert told in str(caught.value)
