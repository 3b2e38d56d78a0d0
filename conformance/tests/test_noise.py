"""The meter of the machine's own lateness, with a clock of the test's."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from gradio_conformance.events import Noise
from gradio_conformance.noise import STEP_S
from gradio_conformance.noise import NoiseMeter
from gradio_conformance.noise import noise_of
from gradio_conformance.noise import stalled_s

LONG_S = 30.0


class Machine:
    """A clock that each wait moves on, by what was asked and by how late the machine is."""

    def __init__(self, *late_s: float) -> None:
        self.now = 100.0
        self.late = iter(late_s)

    def clock(self) -> float:
        return self.now

    def wait(self, seconds: float) -> bool:
        late = next(self.late, None)
        self.now += seconds + (late or 0.0)
        return late is None


def measured(*late_s: float) -> NoiseMeter:
    machine = Machine(*late_s)
    meter = NoiseMeter(clock=machine.clock, wait=machine.wait)
    meter.measure()
    return meter


def test_what_is_overrun_is_noise() -> None:
    assert measured(*[0.001] * 98, 0.02, 0.84).since() == Noise(1.0, 840.0, 840.0, 100)
    assert measured(0.0, 0.0).since() == Noise(0.0, 0.0, 0.0, 2)


def test_a_part_is_cut_out() -> None:
    machine = Machine(0.5, 0.001)
    meter = NoiseMeter(clock=machine.clock, wait=machine.wait)
    meter.measure()
    assert meter.mark() == 2
    assert meter.since(1) == Noise(1.0, 1.0, 1.0, 1)
    assert meter.since(2) is None


def test_a_thread_that_is_not_woken_at_all_is_noise_already() -> None:
    machine = Machine()
    meter = NoiseMeter(clock=machine.clock, wait=machine.wait)
    machine.now += STEP_S + 0.84
    assert meter.since() == Noise(840.0, 840.0, 840.0, 1)


def test_a_clock_that_is_early_is_no_noise() -> None:
    assert measured(-0.001).since() == Noise(0.0, 0.0, 0.0, 1)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("some avg10=1.53 avg60=0.87 avg300=0.73 total=2500000\nfull avg10=0.00 total=1\n", 2.5),
        ("", None),
        ("some avg10=1.53", None),
    ],
)
def test_who_waited_for_a_processor_is_told_by_the_kernel(
    text: str, seconds: float | None, tmp_path: Path
) -> None:
    path = tmp_path / "cpu"
    path.write_text(text)
    assert stalled_s(path) == seconds
    assert stalled_s(tmp_path / "none") is None


def test_a_real_machine_can_be_measured() -> None:
    over, enough = threading.Event(), threading.Event()

    def wait(seconds: float) -> bool:
        if meter.mark() >= 3:
            enough.set()
        return over.wait(seconds)

    meter = NoiseMeter(wait=wait)
    with meter:
        assert enough.wait(LONG_S)
        noise = meter.since()
        over.set()
    assert noise is not None
    assert 0 <= noise.p50_ms <= noise.p99_ms <= noise.max_ms
    assert meter.contention() is None or 0 <= (meter.contention() or 0) <= 1


def test_no_sample_is_no_noise() -> None:
    assert noise_of([]) is None
