"""Mails: what each kind of them says, and the sender, which `manage.py send_mail` runs.

Whoever has something to tell calls `queue_few` in the transaction of what it is about. The row names the kind, which
writes the letter when it is sent: so a link with a secret is stored nowhere, and what is said is true by then.
"""

from accounts.services.mail.kinds import Letter, link, mail_kind
from accounts.services.mail.sender import Report, ServerAway, send_due

__all__ = ["Letter", "Report", "ServerAway", "link", "mail_kind", "send_due"]
