"""The era table: official clients of many releases against servers of many releases, on live
sockets, and what is known of it from elsewhere.
"""
