"""What importing adds to the desk: lists of readers."""

from wagtail import hooks

from masthead.importing.desk import ListsView


@hooks.register("register_admin_viewset")
def register_lists():
    return ListsView()
