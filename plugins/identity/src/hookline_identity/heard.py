"""What became clear about a turn, and what is said about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from hookline.message import Reply

if TYPE_CHECKING:
    from hookline.tenant import Tenant

    from .checking import Verdict
    from .proofs import Proof

CODE_BUTTONS = ("identity-button-resend", "identity-button-cancel")


@attrs.define(eq=False)
class Heard:
    """What became clear about a turn: the `answer` (key of a phrase, and its values) and what was already asked."""

    proof: Proof
    answer: tuple[str, dict[str, Any]] | None = None
    buttons: tuple[str, ...] = ()
    challenge: Reply | None = None
    offer: str = ""

    def refused(self, verdict: Verdict) -> None:
        """Why a code was not taken."""
        self.buttons = CODE_BUTTONS
        if verdict.unavailable:
            self.answer = ("identity-unavailable", {})
        elif verdict.outcome == "wrong":
            self.answer = ("identity-wrong", {"tries": verdict.tries_left})
        elif verdict.outcome == "locked":
            self.answer = ("identity-locked", {"minutes": minutes(verdict.wait)})
        elif verdict.outcome == "expired":
            self.answer = ("identity-expired", {})
        else:
            self.answer = ("identity-no-code", {})

    def reply(self, tenant: Tenant, language: str) -> Reply:
        """The answer, in the customer's language."""
        assert self.answer is not None
        key, values = self.answer
        if "mask" in values and not values["mask"]:
            key, values = f"{key}-unshown", {k: v for k, v in values.items() if k != "mask"}
        return Reply(
            tenant.phrase(key, language, **values),
            quick_replies=tuple(tenant.phrase(one, language) for one in self.buttons),
            data={"identity": key.removeprefix("identity-").removesuffix("-unshown")},
        )

    def offered(self, tenant: Tenant, language: str, reply: Reply) -> Reply:
        """The reply with the question whether two conversations are one customer's, where there is one; asked once."""
        if not self.offer or reply.partial:
            return reply
        asked, self.offer = tenant.phrase(self.offer, language), ""
        buttons = (tenant.phrase("identity-button-yes", language), tenant.phrase("identity-button-no", language))
        return attrs.evolve(reply, text=f"{reply.text}\n\n{asked}", quick_replies=reply.quick_replies or buttons)


def minutes(seconds: float) -> int:
    """In whole minutes, at least one."""
    return max(1, -(-int(seconds + 0.999) // 60))
