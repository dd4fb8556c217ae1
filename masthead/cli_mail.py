"""The commands `masthead mail …`: what goes out and what comes back by mail."""

import click


@click.group()
def mail():
    """What goes out and what comes back by mail."""
