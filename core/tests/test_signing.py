"""Signed webhooks: made so that the published library takes them, checked so that nothing else passes."""

from __future__ import annotations

import base64
import time

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from hookline.problems import Problem
from hookline.signing import check_signature, signed_headers

SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef").decode()
BODY = '{"text":"grüß dich"}'.encode()


def test_what_is_signed_is_taken_by_the_published_library() -> None:
    headers = signed_headers(SECRET, "msg_1", BODY, time.time())
    assert Webhook(SECRET).verify(BODY, headers) == {"text": "grüß dich"}
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(BODY + b" ", headers)


@pytest.mark.parametrize("secret", [SECRET, "any words at all", "whsec_!"])
def test_what_is_signed_is_checked(secret: str) -> None:
    headers = signed_headers(secret, "msg_1", BODY, 1000.0)
    assert check_signature(secret, headers, BODY, 1000.0) == "msg_1"
    rotated = {**headers, "webhook-signature": f"v1,AAAA {headers['webhook-signature']} v2,x"}
    assert check_signature(secret, rotated, BODY, 1299.0) == "msg_1", "one of several is enough, while secrets change"


@pytest.mark.parametrize(
    ("change", "now", "status", "told"),
    [
        ({"webhook-signature": ""}, 1000.0, 401, "the request is not signed"),
        ({"webhook-id": ""}, 1000.0, 401, "the request is not signed"),
        ({"webhook-id": "msg_2"}, 1000.0, 401, "the signature does not fit"),
        ({"webhook-timestamp": "1001"}, 1000.0, 401, "the signature does not fit"),
        ({"webhook-signature": "v1,ü"}, 1000.0, 401, "the signature does not fit"),
        ({}, 1301.0, 401, "more than 300 seconds off"),
        ({}, 699.0, 401, "more than 300 seconds off"),
    ],
)
def test_what_does_not_fit_is_refused(change: dict[str, str], now: float, status: int, told: str) -> None:
    headers = {**signed_headers(SECRET, "msg_1", BODY, 1000.0), **change}
    with pytest.raises(Problem, match=told) as raised:
        check_signature(SECRET, headers, BODY, now)
    assert raised.value.status == status


def test_without_a_secret_nothing_is_taken() -> None:
    with pytest.raises(Problem, match="no secret is configured") as raised:
        check_signature("", signed_headers("", "msg_1", BODY, 1000.0), BODY, 1000.0)
    assert raised.value.status == 503
