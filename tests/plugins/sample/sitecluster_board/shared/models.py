from django.db import models


class Tally(models.Model):
    site_id = models.BigIntegerField()
    count = models.IntegerField(default=0)
