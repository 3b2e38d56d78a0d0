"""`python -m sidebyside`"""

from __future__ import annotations

from sidebyside.cli import main

if __name__ == "__main__":
    main()
