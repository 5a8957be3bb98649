"""Links for a forgotten password, mailed by the worker: asking takes the same for every address."""

from urllib.parse import urlsplit

from django.utils.translation import override
from wagtail.admin.forms.auth import PasswordResetForm

from sitecluster.tasks.queue import PROMPT, task
from sitecluster.tenancy import required_tenant


@task(retries=3, priority=PROMPT)
def mail_reset_link(email: str, language: str) -> None:
    """Mail a link to the active site's admin host to its member with this address, if any."""
    where = urlsplit(required_tenant().admin_url)
    form = PasswordResetForm({"email": email})
    if form.is_valid():
        with override(language):
            form.save(
                domain_override=where.netloc,
                use_https=where.scheme == "https",
                subject_template_name="wagtailadmin/account/password_reset/email_subject.txt",
                email_template_name="wagtailadmin/account/password_reset/email.txt",
            )
