"""Links in mails lead to the admin host of the site that sends them."""

from wagtail.admin.templatetags import wagtailadmin_tags

from sitecluster.tenancy import current_tenant

_of_the_cluster = wagtailadmin_tags.get_admin_base_url


def install() -> None:
    """Let Wagtail's notifications, which know one host a process, name the active site's own."""
    wagtailadmin_tags.get_admin_base_url = admin_root_url


def admin_root_url() -> str:
    """Scheme, host and port on which the active site is edited."""
    tenant = current_tenant()
    own: str = tenant.admin_url.removesuffix("/admin/") if tenant else _of_the_cluster()
    return own
