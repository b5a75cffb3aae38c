"""Pages by SMTP. A page is delivered when the mail server has taken it: no mail server
says more, and what lies between it and the person's eyes is what a drill measures."""

import smtplib
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Any

from drillmaster.definitions.environment import EmailChannel
from drillmaster.definitions.secrets import resolve_secret
from drillmaster.oncall.channels.base import NotDeliveredError, Page, Show


class Email:
    """Sends pages by mail."""

    def __init__(self, definition: EmailChannel) -> None:
        self._definition = definition

    def send(self, page: Page, address: str | None) -> None:
        """Give the mail to the server."""
        if address is None:
            raise NotDeliveredError("the contact has no mail address")
        try:
            mail = message(page, self._definition.sender, address)
        except ValueError as error:
            raise NotDeliveredError(f"cannot be sent ({type(error).__name__})") from None
        with self._server() as server:
            server.send_message(mail)

    def reach(self) -> None:
        """The server greets us, secures the line and takes the login."""
        with self._server():
            pass

    @contextmanager
    def _server(self) -> Iterator[smtplib.SMTP]:
        """The mail server, ready to take a mail.

        Raises:
            NotDeliveredError: it is not, or does not take it.
        """
        try:
            with self._connect() as server:
                self._secure(server)
                yield server
        except smtplib.SMTPResponseException as error:
            raise NotDeliveredError(f"the mail server said {error.smtp_code}") from None
        except smtplib.SMTPRecipientsRefused as error:
            ((code, _),) = error.recipients.values()  # there is one recipient
            raise NotDeliveredError(f"the mail server refused the address ({code})") from None
        except TimeoutError:
            raise NotDeliveredError(f"no answer within {self._definition.timeout:g} s") from None
        except (OSError, smtplib.SMTPException, ValueError) as error:
            why = f"the mail server cannot be used ({type(error).__name__})"
            raise NotDeliveredError(why) from None

    def _connect(self) -> smtplib.SMTP:
        where = (self._definition.host, self._definition.port)
        if self._definition.tls == "tls":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(*where, timeout=self._definition.timeout, context=context)
        return smtplib.SMTP(*where, timeout=self._definition.timeout)

    def _secure(self, server: smtplib.SMTP) -> None:
        if self._definition.tls == "starttls":
            server.starttls(context=ssl.create_default_context())
        if self._definition.user is not None:
            password = self._definition.password
            server.login(self._definition.user, resolve_secret(password) if password else "")


def message(page: Page, sender: str, address: str) -> EmailMessage:
    """The mail. Its id is the page's, so that a copy is known as one.

    Raises:
        ValueError: an address holds a line break.
    """
    mail = EmailMessage()
    mail["Subject"] = page.subject
    mail["From"] = sender
    mail["To"] = address
    mail["Date"] = format_datetime(page.at)
    mail["Message-ID"] = f"<{page.page}@{parseaddr(sender)[1].rpartition('@')[2] or 'localhost'}>"
    mail["Auto-Submitted"] = "auto-generated"  # no out-of-office answers (RFC 3834)
    mail.set_content(page.text)
    return mail


def make(spec: Mapping[str, Any], show: Show | None) -> Email:  # noqa: ARG001 (needs no terminal)
    """A mail channel from its definition."""
    return Email(EmailChannel.model_validate(spec))
