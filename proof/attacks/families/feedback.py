"""Active content that must not reach the page which the learner and the instructor open."""

from nbgrader_apart.testing.small_course import WRONG
from proof.attacks.families.register import NOTEBOOK, attack, edit

SCRIPT = "<script>alert(2)</script><img src=x onerror=alert(1)>"
SCRIPT += "<svg onload=alert(1)></svg><iframe src=x></iframe>"


def hostile(tries, mime):
    """A display of `mime` with active content; nothing of it may reach the feedback."""

    def mutate(folder):
        show = "from IPython.display import display\n"
        show += f"display({{{mime!r}: {SCRIPT!r}, 'text/plain': 'x'}}, raw=True)\n"
        edit(folder, lambda nb, by: by["dense-layer"].update(source=show + WRONG))

    mutate.__name__ = "feedback-" + mime.split("/")[1].split("+")[0]
    attack("feedback", tries, "wrong")(mutate)


for kind in ("html", "markdown", "latex", "javascript"):
    hostile(
        f"active content as text/{kind}", f"text/{kind}" if kind != "javascript" else "application/javascript"
    )
hostile("an SVG with a handler", "image/svg+xml")
hostile("a picture whose data ends the attribute", "image/png")


@attack("feedback", "a script in a Markdown cell", "wrong")
def markdown_cell(folder):
    cell = {
        "cell_type": "markdown",
        "id": "m",
        "metadata": {},
        "source": SCRIPT + "\n[x](javascript:alert(1))",
    }
    edit(folder, lambda nb, by: nb["cells"].insert(1, cell))


@attack("feedback", "a script in the tick box's cell", "wrong")
def box_cell(folder):
    edit(folder, lambda nb, by: by["box"].update(source="- [x] " + SCRIPT))


@attack("feedback", "a script in a file name", "zero")
def file_name(folder):
    (folder / NOTEBOOK).rename(folder / "<script>alert(1)<script>layer.ipynb")
    (folder / "<img src=x onerror=alert(1)>layer.ipynb").write_bytes(
        (folder / "<script>alert(1)<script>layer.ipynb").read_bytes()
    )
    (folder / "loop.ipynb").write_text("{}")
