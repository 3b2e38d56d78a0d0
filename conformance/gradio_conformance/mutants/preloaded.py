"""Importing this loads what a child of the self-test needs; only its fork server does so."""

from __future__ import annotations

from gradio_conformance.mutants.lab import preload

preload()
