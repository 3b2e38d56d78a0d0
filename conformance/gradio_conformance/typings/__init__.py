"""Typed signatures of an app's endpoints, read off its ``/info``: TypeScript or Python.

``reading`` turns JSON Schemas into the types of ``model``; ``typescript`` and ``python`` write
them down. All of it is pure: the same description gives the same text, whatever wrote it.
"""
