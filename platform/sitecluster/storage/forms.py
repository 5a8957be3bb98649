"""Wagtail's forms of images and documents, which every way of uploading one goes through: the
form, many at once, the chooser, the API."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from wagtail.documents.forms import BaseDocumentForm
from wagtail.images.forms import BaseImageForm

from . import quota


class WithinQuota(forms.BaseForm):
    """Refuses, at its field, a file for which the site has no room left."""

    original_file: Any

    def clean_file(self) -> Any:
        """The file; one that takes the place of another needs room for the difference alone."""
        file = self.cleaned_data["file"]
        if isinstance(file, UploadedFile):
            problem = quota.refusal((file.size or 0) - _size(self.original_file))
            if problem:
                raise ValidationError(problem, code="quota")
        return file


def _size(file: Any) -> int:
    try:
        return int(file.size) if file else 0
    except OSError:  # it is gone
        return 0


class ImageForm(WithinQuota, BaseImageForm):
    """WAGTAILIMAGES_IMAGE_FORM_BASE."""


class DocumentForm(WithinQuota, BaseDocumentForm):
    """WAGTAILDOCS_DOCUMENT_FORM_BASE."""
