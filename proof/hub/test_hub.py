"""A term in a hub: two learners, an instructor and an assistant, each with a browser and an account."""

import pwd
import re
import shutil
from contextlib import contextmanager
from urllib.parse import urljoin

import pytest
from nbgrader.api import Gradebook
from playwright.sync_api import expect

from course.build.editions import ORIGINAL
from proof.browser.lab_course import points
from proof.demo.submissions import solutions
from proof.hub import people
from proof.hub.machine import ACCOUNT, HUB, INSTRUCTORS, LEARNERS, PREFIX, wait_until
from proof.hub.people import Person

ANNA, BORIS, PROFESSOR, ASSISTANT = (f"{PREFIX}{name}" for name in ("anna", "boris", "prof", "assist"))
NEURON = "task-1-neuron-batch"
RIGHT = solutions(NEURON)
AVERAGED = RIGHT | {"neuron": RIGHT["neuron"].replace("dldy.sum(dim=0)", "dldy.mean(dim=0)")}
LOST = 2  # points of neuron-db
COMMENTS = {ANNA: "Аккуратная работа.", BORIS: "Сложите строки, а не усредняйте."}
SERVICE = "/services/backprop"
# The formgrader's page of one submission asks for MathJax; without it formulas stay as they were typed.
MATHJAX = ("https://cdnjs.cloudflare.com/ajax/libs/mathjax/", "MathJax is not defined")


@pytest.fixture(scope="module")
def machine(bare_machine):
    """A machine on which the four have accounts; the tests go on from each other."""
    for group, names in ((LEARNERS, (ANNA, BORIS)), (INSTRUCTORS, (PROFESSOR, ASSISTANT))):
        for name in names:
            bare_machine.person(name, group)
    people.prepare_labs(bare_machine, (ANNA, BORIS, ACCOUNT))
    source = people.home(ACCOUNT) / "course" / "source"
    for folder in source.iterdir():
        if folder.name != ORIGINAL.assignment:
            shutil.rmtree(folder)  # the formgrader would have a row for the other edition too
    for path in (source / ORIGINAL.assignment).glob("*.ipynb"):
        if path.stem != NEURON:
            path.unlink()  # the others would cost minutes
    return bare_machine


@contextmanager
def seated(machine, browser, *names):
    """The hub runs, and these sit in front of a browser; none of their pages may have an error."""
    with machine.hub() as address:
        persons = [Person(name, browser, address) for name in names]
        yield persons
        for person in persons:
            person.context.close()
    assert [person.context.watch.unexpected() for person in persons] == [[] for _ in persons]


def test_a_term(machine, browser, shoot):
    with seated(machine, browser, ANNA, BORIS, PROFESSOR, ASSISTANT) as persons:
        a_term(machine, *persons, shoot)
    machine.follow("Backup", BACKUP=machine.folder / "backup")


def a_term(machine, anna, boris, professor, assistant, shoot):
    """From the release to feedback, by mouse."""
    for person in (professor, assistant):
        person.context.watch.expected = MATHJAX
    course_lab = professor.log_in()
    formgrader = people.open_formgrader(course_lab, shoot)
    formgrader.press("assign")
    formgrader.press("release")

    labs = {ANNA: anna.log_in(), BORIS: boris.log_in()}
    learners_work(labs, shoot)
    each_sees_only_their_own(machine, anna, boris)

    formgrader.page.reload()
    formgrader.press("collect")
    formgrader.frame.locator("td.num-submissions a").click()
    formgrader.press("autograde", BORIS)
    the_class_is_graded_from_a_terminal(course_lab)
    assert scores(machine) == {ANNA: points(NEURON), BORIS: points(NEURON) - LOST}
    two_comment_at_once(machine, formgrader, people.open_formgrader(assistant.log_in(), shoot))
    assert scores(machine) == {ANNA: points(NEURON), BORIS: points(NEURON) - 1}

    shoot(formgrader.page, "manual")
    formgrader.page.goto(
        f"{urljoin(formgrader.page.url, SERVICE)}/formgrader/manage_submissions/{ORIGINAL.assignment}"
    )
    expect(formgrader.page.locator("td.score", has_text="/")).to_have_count(2)
    shoot(formgrader.page, "graded")
    for column in ("generate-feedback", "release-feedback"):
        for name in (ANNA, BORIS):
            formgrader.press(column, name)
    for name, other in ((ANNA, BORIS), (BORIS, ANNA)):
        page = people.read_feedback(labs[name], NEURON)
        expect(page.get_by_text(COMMENTS[name]).first).to_be_visible()
        expect(page.get_by_text(COMMENTS[other])).to_have_count(0)
    shoot(boris.page, "feedback")
    feedback = machine.exchange / ORIGINAL.assignment / "feedback"
    assert "Permission denied" in machine.refused(ANNA, f"ls {feedback}")


def test_restore(machine):
    """The hub is stopped; what it had recorded is lost."""
    course = people.home(ACCOUNT) / "course"
    marks = scores(machine)
    for lost in (course / "submitted", course / "autograded", machine.exchange / ORIGINAL.assignment):
        shutil.rmtree(lost)
    with gradebook_of(machine) as gradebook:
        gradebook.remove_student(ANNA)
    assert ANNA not in scores(machine)
    machine.follow("Restore", BACKUP=machine.folder / "backup")
    assert scores(machine) == marks == {ANNA: points(NEURON), BORIS: points(NEURON) - 1}
    assert "без изменений 2" in machine.course(f"apart grade {ORIGINAL.assignment}")


ONE_COMMIT_BEHIND = """
git checkout -q -B main
echo later >> CHANGELOG.md
sed -i "s/\\"# /\\"# Later. /" release/backprop/task-1-neuron-batch.ipynb
git -c user.name=a -c user.email=a@example.org commit -qam later
git clone -q --bare . ~/origin.git
git reset -q --hard HEAD~1
git remote set-url origin ~/origin.git
git fetch -q
echo "# mine" >> nbgrader_config.py
nbgrader db assignment add backprop --duedate 2099-06-15T12:00+00:00
sed -i "s/\\"# /\\"# With its date. /" release/backprop/task-1-neuron-batch.ipynb
git branch -q -u origin/main
"""


def test_upgrading(machine):
    """The course goes on with a commit more; its release had a due date, its settings a change."""
    machine.course(f"bash -euc '{ONE_COMMIT_BEHIND}'")
    machine.follow("Upgrading in mid-term")
    course = people.home(ACCOUNT) / "course"
    assert (course / "CHANGELOG.md").read_text("utf-8").endswith("later\n")
    assert (course / "nbgrader_config.py").read_text("utf-8").endswith("# mine\n")
    released = (course / "release" / ORIGINAL.assignment / f"{NEURON}.ipynb").read_text("utf-8")
    assert "**Сдать до 15 июня 2099" in released
    assert "без изменений 2" in machine.course(f"apart grade {ORIGINAL.assignment}")


def test_data_of_one_person_is_deleted(machine):
    machine.follow("Deleting a person's data", NAME=BORIS)
    assert scores(machine) == {ANNA: points(NEURON)}
    course = people.home(ACCOUNT) / "course"
    for folder in (course / "submitted", course / "autograded", course / "feedback", machine.exchange):
        paths = list(folder.rglob("*"))
        texts = [path.read_bytes() for path in paths if path.is_file()]
        assert len(texts) > 0
        assert [path for path in paths if BORIS in path.name] == []
        assert [text for text in texts if COMMENTS[BORIS].encode() in text or BORIS.encode() in text] == []
    with pytest.raises(KeyError):
        pwd.getpwnam(BORIS)


def test_idle_learners_are_culled_while_the_class_is_graded(machine, browser):
    """The hub's own database is new. An assistant who leaves the group has no course any more."""
    (machine.folder / "jupyterhub.sqlite").unlink()
    machine.environment["COURSE_IDLE_SECONDS"] = "5"
    with seated(machine, browser, ANNA, ASSISTANT) as (anna, assistant):
        lab = assistant.log_in()
        terminal = lab.terminal(HUB / "bin")
        again = f"apart grade {ORIGINAL.assignment} --force --quiet || echo 'grading' failed"
        lab.type(f"while test ! -e ~/culled; do {again}; done; echo 'it is' over")
        anna.send_password()
        anna.page.wait_for_url(re.compile("spawn-pending|/lab"))
        anna.page.goto("about:blank")
        wait_until(lambda: f"Culling server {ANNA}" in machine.log())
        machine.course("touch ../culled")
        expect(terminal).to_contain_text("it is over")
        expect(terminal).not_to_contain_text("grading failed")
        assert scores(machine) == {ANNA: points(NEURON)}
        assert assistant.reaches(f"{SERVICE}/formgrader/")
        machine.run("gpasswd", "--delete", ASSISTANT, INSTRUCTORS)
        wait_until(lambda: not assistant.reaches(f"{SERVICE}/formgrader/"))


def learners_work(labs, shoot):
    """Both fetch, write, validate and submit; one averages the bias gradient, and is told so."""
    for lab in labs.values():
        only_a_learners_lab(lab)
        people.fetch(lab)
    shoot(labs[ANNA].page, "assignments")
    for name, answers, sentence in ((BORIS, AVERAGED, "усреднили по пакету"), (ANNA, RIGHT, "Success")):
        said, notebook = people.work(labs[name], NEURON, answers)
        expect(said).to_contain_text(sentence)
        shoot(labs[name].page, f"validate-{name}")
        notebook.close_dialog()
        people.submit(labs[name])


def only_a_learners_lab(lab):
    """Russian menus, nothing of the instructor's."""
    expect(lab.page.get_by_role("menuitem", name="Файл")).to_be_visible()
    expect(lab.page.get_by_role("menuitem", name="Formgrader")).to_have_count(0)
    assert lab.commands("nbgrader") == ["nbgrader:open-assignment-list"]


def each_sees_only_their_own(machine, anna, boris):
    for path in (f"{SERVICE}/lab", f"{SERVICE}/formgrader/", f"/user/{boris.name}/lab"):
        assert not anna.reaches(path), path
    assert anna.reaches(f"/user/{anna.name}/lab")
    inbound = machine.exchange / ORIGINAL.assignment / "inbound"
    server = machine.run("pgrep", "-u", ACCOUNT, "-f", "jupyterhub-singleuser").split()[0]
    for command in (
        f"ls {people.home(boris.name)}",
        f"ls {people.home(ACCOUNT)}/course",
        f"ls {inbound}",
        f"cat /proc/{server}/environ",  # the gradebook's password
    ):
        assert "Permission denied" in machine.refused(anna.name, command), command
    assert "Operation not permitted" in machine.refused(
        anna.name, f"mv {machine.exchange / ORIGINAL.assignment} {machine.exchange}/x"
    )


def the_class_is_graded_from_a_terminal(lab):
    terminal = lab.terminal(HUB / "bin")
    lab.type(f"apart grade {ORIGINAL.assignment}")
    expect(terminal).to_contain_text("работ в минуту")


def two_comment_at_once(machine, professors, assistants):
    """Manual grading of one submission each: both are open before either is written."""
    for formgrader, name in ((professors, BORIS), (assistants, ANNA)):
        with gradebook_of(machine) as gradebook:
            submission = gradebook.find_submission_notebook(NEURON, ORIGINAL.assignment, name).id
        show(formgrader.page, f"submissions/{submission}/")
        expect(formgrader.page.locator("#neuron-db")).to_have_attribute("placeholder", re.compile(r"\d"))
    for formgrader, name in ((professors, BORIS), (assistants, ANNA)):
        write(formgrader.page, "#neuron-comment", COMMENTS[name])
    write(professors.page, "#neuron-db", "1")


def show(page, path):
    """Go to one of the formgrader's pages."""
    page.goto(urljoin(page.url, f"{SERVICE}/formgrader/{path}"))


def write(page, field, value):
    with page.expect_response(lambda response: response.request.method == "PUT" and response.ok):
        page.locator(field).fill(value)
        page.locator(field).blur()


def gradebook_of(machine):
    return Gradebook(machine.environment["GRADEBOOK_URL"], ORIGINAL.assignment)


def scores(machine):
    """{student: score} in the gradebook."""
    with gradebook_of(machine) as gradebook:
        return {one.student.id: one.score for one in gradebook.assignment_submissions(ORIGINAL.assignment)}
