from sitecluster.plugins import Manifest, PluginConfig, Scope


class WatchConfig(PluginConfig):
    name = "sitecluster_watch"
    label = "watch"
    manifest = Manifest(title="Watch", version="1.0", scope=Scope.PLATFORM)
