"""nbgrader's step that takes solutions out, with a stub in the language of the notebook."""

from nbformat import NotebookNode
from nbgrader.preprocessors import ClearSolutions
from traitlets import Dict

from nbgrader_apart.model.source_notebook import language


class LanguageStubs(ClearSolutions):
    """ClearSolutions with its own settings, and a Python stub for each language of notebooks."""

    code_stubs = Dict(
        {}, help="{a notebook's language: what stands in place of its Python solutions}; else code_stub."
    ).tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        if stub := self.code_stubs.get(language(nb) or ""):
            self.code_stub: dict = self.code_stub | {"python": stub}
        return super().preprocess(nb, resources)
