from sitecluster.tasks.queue import task


@task()
def pin(note: str) -> None:
    from .models import Pin, Topic

    Pin.objects.create(topic=Topic.objects.first(), note=note)
