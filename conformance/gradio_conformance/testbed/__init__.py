"""The testbed: the application whose endpoints a full verdict needs.

``testbed.yaml`` in the specification describes the endpoints in words that any language can
implement; this package implements them once and serves them on gradio_reference or on gradio.
"""
