from typing import Any

from sitecluster.plugins import Manifest, PluginConfig


class BoardConfig(PluginConfig):
    name = "sitecluster_board"
    label = "board"
    manifest = Manifest(
        title="Notice board",
        version="1.0",
        summary="Everything that a plugin can bring",
        compatible=">=0.1,<1",
        shared_app="sitecluster_board.shared",
        handed_on=("board_topic",),
        permissions={"site_admin": ("board.add_topic", "board.change_topic", "board.add_pin")},
        slots={"banner": "sitecluster_board.banner.render"},
    )

    def on_enable(self, tenant: Any) -> None:
        from .models import Topic

        Topic.objects.get_or_create(name=f"first of {tenant.code}")

    def on_disable(self, tenant: Any) -> None:
        from .models import Topic

        Topic.objects.get_or_create(name="was turned off")

    def on_purge(self, tenant: Any) -> None:
        from .shared.models import Tally

        Tally.objects.filter(site_id=tenant.id).delete()
