"""The conformance suite: proves that a server keeps the Gradio event protocol."""

__version__ = "0.1.0"
