"""Servers that are wrong on purpose: the proof that the suite sees what it claims to see.

A mutant is the reference server with the testbed and one misbehaviour, listed in
``catalogue/``; a vacuous server answers everything and keeps nothing. ``gradio-protocol
selftest`` runs the suite against all of them.
"""
