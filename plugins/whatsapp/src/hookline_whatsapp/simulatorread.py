"""The simulator's webhook reads what Meta's does: signed with `meta.app_secret`, for whoever drives it from outside."""

from __future__ import annotations

from .metaread import read

__all__ = ["read"]
