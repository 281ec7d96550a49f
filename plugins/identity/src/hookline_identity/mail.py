"""The backend `smtp`: codes by e-mail, through a mail server.

With "starttls" and "tls" the server's certificate is checked; a server that offers no encryption is refused then.
"""

from __future__ import annotations

from email.message import EmailMessage
from email.utils import make_msgid
from typing import TYPE_CHECKING

import aiosmtplib

from hookline.errors import GiveUp, ServiceUnavailable

if TYPE_CHECKING:
    from hookline.tenant import Tenant

    from .sending import Letter

_SECONDS = 20.0


async def send(tenant: Tenant, letter: Letter) -> None:
    """Hand it to the mail server."""
    config = tenant.config.smtp
    told = EmailMessage()
    told["From"], told["To"], told["Subject"] = config.sender, letter.address, letter.subject
    told["Message-ID"] = make_msgid(letter.ident, config.sender.rpartition("@")[2].strip(" >") or None)
    told["Auto-Submitted"] = "auto-generated"
    told.set_content(letter.text)
    try:
        await aiosmtplib.send(
            told,
            hostname=config.host,
            port=config.port,
            username=config.username or None,
            password=config.password.value or None,
            use_tls=config.security == "tls",
            start_tls=config.security == "starttls",
            timeout=_SECONDS,
        )
    except aiosmtplib.SMTPRecipientsRefused as error:
        codes = [one.code for one in error.recipients]
        raise _refused(codes[0] if codes else 550) from None
    except aiosmtplib.SMTPAuthenticationError as error:
        raise GiveUp(f"the mail server refuses the username and password (code {error.code})") from None
    except aiosmtplib.SMTPResponseException as error:
        raise _refused(error.code) from None
    except (aiosmtplib.SMTPException, OSError) as error:
        raise ServiceUnavailable(f"the mail server does not take it: {type(error).__name__}") from None


def _refused(code: int) -> Exception:
    told = f"the mail server answered {code}"  # its own words repeat the address
    return GiveUp(told) if 500 <= code < 600 else ServiceUnavailable(told)
