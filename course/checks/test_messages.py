"""The message catalogue holds every sentence that the code and the notebooks ask for, and no other."""

import json
import re
from pathlib import Path

import pytest
from checks import calls, messages, outcome

HERE = Path(__file__).parent
MODULES = [path for path in HERE.rglob("*.py") if not path.name.startswith("test_")]
MODULES.append(HERE.parents[1] / "nbgrader_config.py")  # it writes one sentence into the feedback
MODULES += HERE.glob("*.toml")  # sentences for exceptions
CODE = "\n".join(path.read_text(encoding="utf-8") for path in MODULES)
COURSE = HERE.parent
TEXTS = "\n".join(path.read_text(encoding="utf-8") for path in COURSE.glob("*/**/*.md"))
CATALOGUES = sorted((HERE / "messages").glob("*.json"))


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_every_key_of_the_code_is_there(path):
    keys = json.loads(path.read_text(encoding="utf-8")).keys()
    assert set(re.findall(r'text\(\s*"([\w.]+)"', CODE)) <= keys


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_no_key_is_left_over(path):
    for key in json.loads(path.read_text(encoding="utf-8")):
        kind, name = key.split(".", 1)
        if kind == "behaviour":
            assert re.search(rf"\b{re.escape(name.split('.')[0])}\b", TEXTS), (
                f"no notebook has a test with the title {key}"
            )
            continue
        stem = re.sub(r"^(is|network|layer\d)_", "", name)
        assert re.search(rf"\b({re.escape(name)}|{re.escape(stem)})\b", CODE), (
            f"nothing in the code says {key}"
        )


def test_a_message_remembers_its_key():
    assert messages.text("value.none", name="dw").key == "value.none"


@pytest.mark.parametrize(
    ("told", "key"),
    [
        ("by_hand.autograd", "by_hand.autograd"),
        ("verdict by the learner", "call.raised"),
        ("value.none", "call.raised"),  # its values have stayed in the other process
    ],
)
def test_a_refusal_from_another_process_is_told_by_its_key(told, key):
    def backward():
        raise type("Stop", (Exception,), {})(told)

    with pytest.raises(outcome.Stop) as caught:
        calls.call(backward)
    assert caught.value.message.key == key


def test_a_stop_is_its_key_to_another_process():
    assert str(outcome.Stop(outcome.Verdict.REFUSED, messages.text("by_hand.autograd"))) == "by_hand.autograd"
