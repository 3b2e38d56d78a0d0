"""Optional packages, which an option of the server may need."""

from __future__ import annotations

from importlib import import_module


def require(option: str, package: str, extra: str) -> None:
    """Raises ``RuntimeError`` that names the option, the package and how to install it."""
    try:
        import_module(package)
    except ImportError:
        how = f"pip install 'gradio-protocol[server,{extra}]'"
        raise RuntimeError(f"{option}=True needs the package {package}: {how}") from None
