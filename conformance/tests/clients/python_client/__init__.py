"""What the official Python client reports, scenario by scenario; run with `python -m`."""
