"""Stateful generation: sequences of what clients do, drawn by Hypothesis, executed over the live
wire, judged by the lifecycle, shrunk to a script that anybody can read and run again.

``script``    the steps as data, and how people read them
``palette``   what the testbed's endpoints do with which arguments
``accounts``  what the client knows of its events, sessions and calls, and what it is owed
``world``     executes steps on a probe and judges what comes of them
``machine``   the Hypothesis state machine that draws steps
``search``    looks for failures within a budget, tells them apart, confirms them
"""
