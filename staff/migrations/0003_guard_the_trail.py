from django.db import migrations

from staff import trail_guard


def guard(apps, schema_editor):
    trail_guard.install(schema_editor.connection)


def unguard(apps, schema_editor):
    trail_guard.remove(schema_editor.connection)


def widen(apps, schema_editor):
    """A supervisor without an organization saw everything until now, and goes on to."""
    users = apps.get_model("staff", "User").objects
    users.filter(role="supervisor", organization=None).update(is_service_wide=True)


class Migration(migrations.Migration):
    dependencies = [("staff", "0002_accounts_and_trail")]

    operations = [
        migrations.RunPython(guard, unguard),
        migrations.RunPython(widen, migrations.RunPython.noop),
    ]
