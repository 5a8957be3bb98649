"""Where the console's screens find the export that the whole platform shares."""

from sitecluster.spreadsheets import ExportMixin

__all__ = ["ExportMixin"]
