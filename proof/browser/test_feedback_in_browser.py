"""The feedback page in a browser: light, dark, on a phone, printed, without scripts, in a sandbox."""

import io
import itertools

import pytest
from PIL import Image

from course.build.editions import ORIGINAL
from course.build.paths import ROOT
from proof.browser.browser import screenshot
from proof.demo.submissions import load
from proof.demo.working_copy import Course

pytestmark = pytest.mark.slow

LEARNER = "unsummed-bias"
FIRST, FIGURES, BROKEN = "task-3-dense-layer", "task-6-relu-network", "seminar-1-neuron"
COMMENT = "Почти всё верно. Сложите $\\sum_i G_i$ по строкам — и **готово**."
LIMIT = 1_500_000
ARTEFACTS = ROOT / "build" / "browser"
PHONE = {"viewport": {"width": 360, "height": 740}}
LOOKS = {  # each by day with another notebook, by night with all
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "phone": PHONE,
    "scripts-off": {"java_script_enabled": False},
}


@pytest.fixture(scope="session")
def pages(tmp_path_factory):
    """{notebook: path of its page}: two notebooks and a broken one handed in, one with a comment."""
    course = Course(tmp_path_factory.mktemp("feedback"), notebooks=(FIRST, FIGURES, BROKEN))
    course.create()
    submission = load(LEARNER)
    submission.write(ORIGINAL.release, course.submitted)
    for path in (course.submitted / LEARNER / ORIGINAL.assignment).glob("*.ipynb"):
        if path.stem == BROKEN:
            path.write_text("{", "utf-8")
        elif path.stem not in course.notebooks:
            path.unlink()
    (outcome,) = course.grade({LEARNER: submission.student}, feedback=False)
    assert outcome.error == ""
    with course.gradebook() as gradebook:
        gradebook.find_comment("dense-layer", FIRST, ORIGINAL.assignment, LEARNER).manual_comment = COMMENT
        gradebook.db.commit()
    assert course.write_feedback(LEARNER) == ""
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    return {path.stem: path for path in (course.feedback / LEARNER / ORIGINAL.assignment).glob("*.html")}


@pytest.fixture
def visit(browser, pages):
    """`visit(notebook, **options)` opens a page; what it asks for and complains of has to be nothing."""
    contexts, asked, said = [], [], []

    def open_page(notebook, **options):
        context = browser.new_context(locale="ru-RU", **options)
        contexts.append(context)
        context.on("request", lambda request: asked.append(request.url))
        context.on("console", lambda message: said.append(message.text))
        page = context.new_page()
        page.goto(pages[notebook].as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    opened = {path.as_uri() for path in pages.values()}
    assert [url for url in asked if url.partition("#")[0] not in opened and not url.startswith("data:")] == []
    assert said == []


def by_turns(notebooks, looks):
    """pytest's parameters: every notebook in every look; by day every look with one of the notebooks."""
    return [
        pytest.param(notebook, look, marks=[] if turn % len(notebooks) == place else pytest.mark.nightly)
        for turn, look in enumerate(looks)
        for place, notebook in enumerate(notebooks)
    ]


@pytest.mark.parametrize(("notebook", "look"), by_turns([FIRST, FIGURES], LOOKS))
def test_figures_and_formulas_are_visible(visit, look, notebook):
    page = visit(notebook, **LOOKS[look])
    path = ARTEFACTS / f"feedback-{notebook}-{look}.png"  # to be looked at
    whole = Image.open(io.BytesIO(screenshot(page, path=path, full_page=True))).convert("L")
    figures = page.locator("#notebook svg[role=img]")
    assert figures.count() >= 3
    for figure in figures.all():
        box = figure.bounding_box()
        picture = whole.crop((box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]))
        low, high = picture.getextrema()
        assert min(picture.size) > 100
        assert high - low > 60, "nothing can be told from the background"
    formulas = page.locator("#notebook .words > p math").all()
    assert len(formulas) > 3
    for formula in formulas[:20]:
        assert formula.bounding_box()["width"] > 3


@pytest.mark.parametrize(("notebook", "look"), by_turns([FIRST, FIGURES, BROKEN], ["light", "dark", "phone"]))
def test_nobody_is_kept_out(visit, axe, look, notebook):
    page = visit(notebook, **LOOKS[look])
    page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
    assert axe(page) == []


@pytest.mark.parametrize("notebook", [FIRST, FIGURES, BROKEN])
def test_a_phone_scrolls_down_only(visit, notebook):
    page = visit(notebook, **PHONE)
    page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_dark_page_is_dark_and_the_light_one_light(visit):
    for look, bright in (("light", True), ("dark", False)):
        page = visit(FIRST, **LOOKS[look])
        shown = Image.open(io.BytesIO(screenshot(page))).convert("L")
        assert (shown.getpixel((2, 2)) > 128) is bright


def test_the_way_from_a_failed_check_to_hint_and_code(visit):
    page = visit(FIRST)
    check = page.get_by_role("article", name="DenseLayer: градиент по смещению, db")
    hint = check.get_by_text("сумма строк")
    assert not hint.is_visible()
    check.get_by_text("Подсказка 2. Формула", exact=True).focus()
    page.keyboard.press("Enter")
    assert hint.is_visible()
    check.get_by_role("link", name="DenseLayer").click()
    assert page.locator(":target").get_by_text("self.db = dldy").is_visible()
    assert "#cell-dense-layer" in page.url


def test_headings_and_regions_in_order(visit):
    page = visit(FIRST)
    levels = page.evaluate("[...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map(h => +h.tagName[1])")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert page.locator("html").get_attribute("lang") == "ru"
    assert page.get_by_role("main").count() == page.get_by_role("banner").count() == 1


def test_the_comment_and_the_refusals_are_said(visit):
    comment = visit(FIRST).get_by_role("region", name="Комментарии")
    assert comment.get_by_text("готово").is_visible()
    assert comment.locator("math").is_visible()
    page = visit(BROKEN)
    assert "испорченный JSON" in page.get_by_role("region", name="Итог").inner_text()
    screenshot(page, path=ARTEFACTS / "feedback-refused.png")


def test_the_page_is_whole_in_jupyterlabs_sandbox(browser, pages):
    context = browser.new_context()
    page = context.new_page()
    page.set_content('<iframe sandbox style="width: 900px; height: 700px"></iframe>')
    page.evaluate(
        "html => { document.querySelector('iframe').srcdoc = html }", pages[FIGURES].read_text("utf-8")
    )
    frame = page.frame_locator("iframe")
    frame.locator("#notebook svg[role=img]").first.wait_for()
    assert frame.locator("#notebook svg[role=img]").last.bounding_box()["width"] > 100
    context.close()


def test_hints_are_printed_unfolded(visit):
    page = visit(FIRST)
    page.emulate_media(media="print")
    screenshot(page, path=ARTEFACTS / "feedback-print.png", full_page=True)
    assert page.get_by_text("self.db = dldy.sum").first.bounding_box()["height"] > 5


def test_no_page_is_too_large(pages):
    assert len(pages) == 3
    assert max(path.stat().st_size for path in pages.values()) < LIMIT
