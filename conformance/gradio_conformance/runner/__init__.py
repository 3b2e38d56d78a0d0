"""Runs the checks against one server and emits the events of :mod:`gradio_conformance.events`."""
