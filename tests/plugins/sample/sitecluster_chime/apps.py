from sitecluster.plugins import Manifest, PluginConfig


class ChimeConfig(PluginConfig):
    name = "sitecluster_chime"
    label = "chime"
    manifest = Manifest(title="Chime", version="1.0", apps=("bell",), default=("township",))
