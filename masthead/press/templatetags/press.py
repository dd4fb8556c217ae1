"""How a template says which part of a page may stand for the next."""

from django import template
from django.utils.safestring import mark_safe

from masthead.press.standing import standing

register = template.Library()


class StandingNode(template.Node):
    child_nodelists = ("nodelist",)

    def __init__(self, nodelist, name: str, keys: list):
        self.nodelist, self.name, self.keys = nodelist, name, keys

    def render(self, context):
        if getattr(context.get("request"), "is_preview", False):
            return self.nodelist.render(context)
        keys = [key.resolve(context) for key in self.keys]
        title = getattr(context.get("request"), "publication", None)
        page = context.get("page")
        names = [f"publication:{title.pk}"] if title else []
        names += getattr(page, "made_of", []) if getattr(page, "pk", None) in keys else []
        said = standing((self.name, title and title.pk, *keys), lambda: self.nodelist.render(context), *names)
        return mark_safe(said)  # what a template rendered


@register.tag(name="standing")
def do_standing(parser, token):
    """`{% standing "name" key … %}…{% endstanding %}`: what stands between depends on the keys and on nothing else.

    Where it depends on the page, `page.pk` is among them. What is looked up must be looked up between the two, not
    before.
    """
    _tag, name, *keys = token.split_contents()
    nodelist = parser.parse(("endstanding",))
    parser.delete_first_token()
    return StandingNode(nodelist, name.strip("\"'"), [parser.compile_filter(key) for key in keys])
