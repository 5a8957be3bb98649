from django.db import migrations

# Indicators C.3: code, name, window in days, evidence (V verified, M known but unverified).
COLUMN_TYPES = [
    ("news", "动态要闻", 14, "V"),
    ("notices", "通知公告", 183, "V"),
    ("policy", "政策文件", 183, "V"),
    ("personnel", "人事信息", 366, "V"),
    ("plans", "规划计划", 366, "V"),
    ("leaders", "领导信息", 366, "V"),
    ("organs", "机构职能", 366, "V"),
    ("region", "地区介绍", 366, "V"),
    ("finance", "财政信息", 366, "V"),
    ("projects", "重大项目", 366, "V"),
    ("statistics", "统计信息", 366, "V"),
    ("catalogue", "公开目录", 366, "V"),
    ("service_statistics", "办事统计", 92, "V"),
    ("replies", "留言答复", 62, "V"),
    ("other", "其他", None, "M"),
]


def seed(apps, schema_editor):
    """Put the types in place; those that an installation has changed stay as they are."""
    ColumnType = apps.get_model("library", "ColumnType")
    for code, name, window_days, evidence in COLUMN_TYPES:
        ColumnType.objects.get_or_create(
            code=code,
            defaults={"name": name, "window_days": window_days, "evidence": evidence},
        )


class Migration(migrations.Migration):
    dependencies = [("library", "0001_initial")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
