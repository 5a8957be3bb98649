from sitecluster.plugins import Manifest, PluginConfig


class EchoConfig(PluginConfig):
    name = "sitecluster_echo"
    label = "echo"
    manifest = Manifest(title="Echo", version="1.0", requires=("board",), apps=("bell",))
