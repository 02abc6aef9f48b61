"""The page that a learner opens first: the map of the notebooks, notation, a refresher, how checks work."""

from dataclasses import asdict

from course.build import catalogue, notebook_text, tasks, templates, translation

NAME = "start-here.md"


def render(language: str) -> str:
    """The page as Markdown."""
    say = translation.into(language)
    notebooks = [
        {"name": name, "points": sum(catalogue.points(name).values()), **asdict(tasks.front_as(name, say))}
        for name in tasks.names()
    ]
    template = templates.shared(NAME, say)
    return template.render(notebooks=notebooks, mistakes_page=notebook_text.MISTAKES_PAGE)
