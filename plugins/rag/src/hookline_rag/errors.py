"""What can be wrong with a document: one class a failure, one clear line each."""

from __future__ import annotations

from hookline.errors import BadRequest, HooklineError


class DocumentError(HooklineError):
    """A document can't be ingested.  `name` is the file, `reason` what is wrong, `remedy` what to do about it.

    It crosses the border of a process pool unchanged; the others of its batch go on.
    """

    code = "document_error"

    def __init__(self, name: str, reason: str, remedy: str) -> None:
        super().__init__(name, reason, remedy)
        self.name = name
        self.reason = reason
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.name}: {self.reason}; {self.remedy}"


class UnknownFormat(DocumentError):
    """The file is of no format that Hookline reads."""

    code = "unknown_format"


class EmptyDocument(DocumentError):
    """There is no text in it (an empty file, or a PDF of scanned pages)."""

    code = "empty"


class BrokenDocument(DocumentError):
    """The file is damaged, or is not what its name says."""

    code = "broken"


class EncryptedDocument(DocumentError):
    """The file is protected by a password."""

    code = "encrypted"


class DocumentTooLarge(DocumentError):
    """The file, or what it unpacks to, is over the limit."""

    code = "too_large"


class ExtractTimeout(DocumentError):
    """Reading the file took longer than the limit."""

    code = "timeout"


class DocumentNotFound(HooklineError):
    """No document of that id is here (any more)."""


class RunNotFound(HooklineError):
    """No run of that id is known (any more)."""


class AlreadyRunning(HooklineError):
    """What may only run once at a time runs already; `run` is its id."""

    def __init__(self, what: str, run: str) -> None:
        super().__init__(f"{what} runs already, as {run}; wait until it is done, or cancel it")
        self.run = run


class BadLink(BadRequest):
    """The signature of a link to a document's text does not fit it."""
