"""What the config refuses, and how it says so."""

from __future__ import annotations

import pytest

from hookline_guardrails.config import Config


def test_a_pattern_that_is_none_is_named():
    with pytest.raises(ValueError, match=r"refuse: given '\(': ?|refuse: given '\('; allowed: a regular expression"):
        Config(refuse=("(",))
    with pytest.raises(ValueError, match=r"allow: given '\['; allowed: a regular expression"):
        Config(allow=("[",))


def test_a_secret_text_that_would_be_everywhere_is_refused():
    with pytest.raises(ValueError, match="fewer than 4 characters"):
        Config(keep_secret=("a ",))
