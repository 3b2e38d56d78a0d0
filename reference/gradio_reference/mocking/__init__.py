"""A server that answers for another one, of which only the description is there.

``described`` makes endpoints of an ``/info``, ``values`` what they return, ``answering`` the
functions; ``plan`` reads the file that says how they behave, ``faults`` what goes wrong on demand.
"""
