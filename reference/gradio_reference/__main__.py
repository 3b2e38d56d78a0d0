"""``python -m gradio_reference app.py``"""

from __future__ import annotations

import sys

from gradio_reference.cli import main

if __name__ == "__main__":
    sys.exit(main())
