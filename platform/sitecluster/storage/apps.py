from django.apps import AppConfig


class StorageConfig(AppConfig):
    name = "sitecluster.storage"
    label = "storage"
