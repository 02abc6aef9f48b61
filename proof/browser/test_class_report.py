"""The report on a class as an instructor uses it: sorting, filtering, dark, phone, scripts off."""

import pytest
from playwright.sync_api import expect

from course.build import cell_rules, source_notebooks, tasks
from course.build.editions import ORIGINAL
from nbgrader_apart.report import write_report
from nbgrader_apart.report.report_settings import ClassReport
from support import made_up_class

pytestmark = pytest.mark.slow

LEARNERS = 60
CHECKS = "#heat tbody tr:visible"
NOTEBOOKS = tasks.names()
GRADED = sum(len(cell_rules.test_cells(source_notebooks.read(name))) for name in NOTEBOOKS)


@pytest.fixture(scope="session")
def address(tmp_path_factory):
    """The report on a made-up class, some of whose names are HTML."""
    room = made_up_class.make(tmp_path_factory.mktemp("class"), ORIGINAL.source, LEARNERS)
    settings = ClassReport(config=room.config(), undone=[made_up_class.UNDONE], mistakes_page="mistakes.md")
    folder = room.root / "report"
    page, _ = write_report.write(room.coursedir(), settings, room.assignment, folder)
    return page.as_uri()


@pytest.fixture
def visit(browser, address):
    """`visit(**options)` opens the report in a new context. Nothing may leave the page or fail in it."""
    contexts, left, errors = [], [], []

    def visit(**options):
        context = browser.new_context(locale="ru-RU", **options)
        contexts.append(context)
        context.on("request", lambda request: left.append(request.url))
        context.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        context.on("weberror", lambda error: errors.append(str(error.error)))
        page = context.new_page()
        page.goto(address)
        if options.get("java_script_enabled", True):
            page.wait_for_selector(".main-svg")
        return page

    yield visit
    for context in contexts:
        context.close()
    assert set(left) == {address}
    assert errors == []


def names(page):
    return page.locator(f"{CHECKS} th > bdi").all_inner_texts()


def test_names_that_are_html_stay_text(visit):
    page = visit()
    assert page.title() == "Отчёт по группе: backprop"
    expect(page.locator("h1")).to_have_count(1)
    expect(page.locator("img, iframe")).to_have_count(0)
    expect(page.locator(CHECKS, has_text="<script>document.title='pwned'</script>")).to_have_count(1)


def test_a_click_on_a_heading_sorts_and_another_one_turns_round(visit):
    page = visit()
    heading = page.locator("#heat .names th").nth(1)
    totals = page.locator("#heat tbody td:nth-child(2)")
    for order, reverse in (("ascending", False), ("descending", True)):
        heading.get_by_role("button").click()
        expect(heading).to_have_attribute("aria-sort", order)
        shown = [float(text.replace(",", ".")) for text in totals.all_inner_texts() if text != "–"]
        assert shown == sorted(shown, reverse=reverse)
        assert len(set(shown)) > LEARNERS / 3


@pytest.mark.nightly
def test_a_check_is_sorted_from_the_keyboard_by_what_came_of_it(visit):
    page = visit()
    heading = page.locator("#heat .names th.c").first
    heading.get_by_role("button").focus()
    page.keyboard.press("Enter")
    expect(heading).to_have_attribute("aria-sort", "ascending")
    place = heading.evaluate("heading => heading.cellIndex") + 1
    kinds = page.locator(f"#heat tbody td:nth-child({place})").evaluate_all(
        "cells => cells.map(cell => cell.className.replace('c ', ''))"
    )
    order = ["none", "undone", "zero", "part", "full"]
    assert kinds == sorted(kinds, key=order.index)
    assert len(set(kinds)) >= 3


def test_learners_are_found_by_name_and_by_what_there_is_to_do(visit):
    page = visit()
    everybody = names(page)
    assert len(everybody) == LEARNERS
    page.get_by_label("Имя или логин").fill("иванова")
    wanted = [name for name in everybody if "иванова" in name.lower()]
    assert 0 < len(wanted) < LEARNERS
    assert names(page) == wanted
    expect(page.locator("#shown")).to_have_text(f"Показано: {len(wanted)} из {LEARNERS}")
    page.get_by_label("Имя или логин").fill("")
    page.get_by_label("Кого показать").select_option("provisional")
    assert len(names(page)) == page.locator("section:has(#provisional) tbody tr").count() == LEARNERS // 30
    page.get_by_label("Имя или логин").fill("никого такого")
    assert names(page) == []


@pytest.mark.nightly
def test_columns_can_be_only_the_notebooks(visit):
    page = visit()
    expect(page.locator("#heat .names th:visible")).to_have_count(2 + len(NOTEBOOKS) + GRADED)
    page.get_by_label("Столбцы").select_option("notebooks")
    expect(page.locator("#heat .names th:visible")).to_have_count(2 + len(NOTEBOOKS))


@pytest.mark.parametrize(
    "options",
    [
        {"color_scheme": "light"},
        pytest.param({"color_scheme": "dark"}, marks=pytest.mark.nightly),
        pytest.param(
            {"color_scheme": "light", "viewport": {"width": 360, "height": 740}}, marks=pytest.mark.nightly
        ),
    ],
    ids=["light", "dark", "phone"],
)
def test_no_serious_violation_of_accessibility(visit, axe, options):
    page = visit(**options)
    page.locator("details").evaluate("details => details.open = true")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_scripts_every_number_is_there(visit):
    page = visit(java_script_enabled=False)
    assert len(names(page)) == LEARNERS
    expect(page.locator("noscript p")).to_be_visible()
    page.locator("summary").click()
    expect(page.locator("details table").first).to_be_visible()
