"""Staffing: who at the desk may do what, and the step in which an editor approves."""

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from wagtail.models import GroupPagePermission, Page, Workflow, WorkflowPage, WorkflowTask

from masthead.newsstand.models import Approval

REPORTERS, EDITORS, SALES = "Reporters", "Editors", "Sales"
# Wagtail's first migration makes these two; the trade has other words for them.
RENAMED = {"Editors": REPORTERS, "Moderators": EDITORS}
FILED = ("theme", "organisation", "person", "story")
SOLD = ("agreement", "booking", "contact")


def staff_desk() -> None:
    """Make the desk's groups and the approval step. Doing it twice changes nothing."""
    if not Group.objects.filter(name=REPORTERS).exists():
        for old, name in RENAMED.items():
            Group.objects.filter(name=old).update(name=name)
    reporters, editors, sales = (Group.objects.get_or_create(name=name)[0] for name in (REPORTERS, EDITORS, SALES))
    _may_on_pages(reporters, ("add_page", "change_page"))
    _may_on_pages(editors, ("add_page", "change_page", "publish_page", "lock_page", "unlock_page"))
    _may(reporters, "catalogue", FILED, ("add", "change"))
    _may(editors, "catalogue", FILED, ("add", "change", "delete"))
    _may(editors, "publication", ("publication",), ("change",))
    _may(editors, "partners", SOLD, ("add", "change", "delete"))
    _may(editors, "newsletters", ("newsletter", "issue"), ("add", "change", "delete", "view", "send"))
    _may(editors, "subscribers", ("consenttext", "suppression"), ("add", "change", "view"))
    _may(editors, "subscribers", ("subscriber",), ("view",))
    _may(editors, "subscribers", ("arrival",), ("add", "view"))
    _may(sales, "partners", SOLD, ("add", "change", "delete"))
    _may(sales, "catalogue", ("organisation",), ("add", "change"))
    _may(sales, "wagtailadmin", ("admin",), ("access",))
    _approval_by(editors)


def add_user(name: str, password: str | None, *, groups: tuple[str, ...] | None = None):
    """Make a log-in and return it: without `groups` it may do everything at the desk, else what its groups may."""
    users = get_user_model().objects
    if groups is None:
        return users.create_superuser(name, password=password)
    user = users.create_user(name, password=password)
    user.groups.set(Group.objects.filter(name__in=groups))
    return user


def _may(group: Group, app: str, nouns: tuple[str, ...], verbs: tuple[str, ...]) -> None:
    codenames = [f"{verb}_{noun}" for noun in nouns for verb in verbs]
    group.permissions.add(*Permission.objects.filter(content_type__app_label=app, codename__in=codenames))


def _may_on_pages(group: Group, codenames: tuple[str, ...]) -> None:
    root = Page.objects.get(depth=1)
    for permission in Permission.objects.filter(content_type__app_label="wagtailcore", codename__in=codenames):
        GroupPagePermission.objects.get_or_create(group=group, page=root, permission=permission)
    _may(group, "wagtailadmin", ("admin",), ("access",))


def _approval_by(editors: Group) -> None:
    if Approval.objects.exists():
        return
    task = Approval.objects.create(name="Approval by an editor")
    task.groups.add(editors)
    workflow = Workflow.objects.create(name="Approval by an editor")
    WorkflowTask.objects.create(workflow=workflow, task=task)
    WorkflowPage.objects.update_or_create(page=Page.objects.get(depth=1), defaults={"workflow": workflow})
