"""Programs that drive a client of any release, in the environment of that release."""
