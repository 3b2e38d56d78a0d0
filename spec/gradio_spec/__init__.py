"""The Gradio event protocol as data, and the sans-I/O code that is the protocol."""

__version__ = "0.1.0"
