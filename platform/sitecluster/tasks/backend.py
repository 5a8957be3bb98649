"""django-tasks-db's queue, with the site that each task belongs to."""

from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.utils.translation import get_language
from django_tasks.utils import normalize_json
from django_tasks_db.backend import DatabaseBackend

from sitecluster.tenancy import PUBLIC_SCHEMA, connection, current_tenant

from .queue import CarriedTask


class CarryingBackend(DatabaseBackend):
    """Writes tasks, Wagtail's own too, into the shared schema, in the current transaction."""

    task_class: Any = CarriedTask

    def enqueue(self, task: Any, args: Any, kwargs: Any) -> Any:
        """Put a task into the queue.

        A blueprint's template schema belongs to no site and is gone before a worker sees it, so
        there the task runs at once, and its errors are the caller's. With ``TASKS_RUN_AT_ONCE``
        the worker's code runs it before this returns.
        """
        if current_tenant() is None and connection.schema_name != PUBLIC_SCHEMA:
            task.call(*args, **kwargs)
            return None
        result: Any = super().enqueue(task, args, kwargs)
        if settings.TASKS_RUN_AT_ONCE:
            from .running import run_now  # noqa: PLC0415 -- models, after the apps are loaded

            run_now(result.db_result)
        return result

    async def aenqueue(self, task: Any, args: Any, kwargs: Any) -> Any:
        """Put a task into the queue, over the connection of the synchronous code."""
        return await sync_to_async(self.enqueue)(task, args, kwargs)

    def _task_to_db_task(self, task: Any, args: Any, kwargs: Any) -> Any:
        from django_tasks_db.models import get_date_max  # noqa: PLC0415 -- after the apps are loaded

        from .models import QueuedTask  # noqa: PLC0415 -- after the apps are loaded

        tenant = current_tenant()
        return QueuedTask.objects.create(
            args_kwargs=normalize_json({"args": args, "kwargs": kwargs}),
            priority=task.priority,
            task_path=task.module_path,
            queue_name=task.queue_name,
            run_after=task.run_after or get_date_max(),
            backend_name=self.alias,
            tenant_id=tenant.id if tenant else None,
            plugin=task.owner,
            language=get_language() or "",
            retries=task.retries,
        )
