"""One misbehaviour of the reference server per function; the catalogue says which clause it
breaks.
"""
