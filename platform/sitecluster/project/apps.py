from django.apps import AppConfig


class ProjectConfig(AppConfig):
    name = "sitecluster.project"
    label = "project"
