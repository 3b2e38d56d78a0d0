"""Desk: texts and pictures on a shelf, and three tools that work on them. The one application
behind all front ends of this folder.
"""
