from django.db import models


class Ring(models.Model):
    tone = models.CharField(max_length=20, default="ding")
