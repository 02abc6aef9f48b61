"""The message catalogue holds every sentence that the code asks for, and no other."""

import json
import re
from pathlib import Path

import pytest

from checks import calls, messages, outcome

HERE = Path(__file__).parent
MODULES = [path for path in HERE.glob("*.py") if not path.name.startswith("test_")]
MODULES.append(HERE.parents[2] / "nbgrader_config.py")  # it writes one sentence into the feedback
CODE = "\n".join(path.read_text(encoding="utf-8") for path in MODULES)
CATALOGUES = sorted((HERE / "messages").glob("*.json"))


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_every_key_of_the_code_is_there(path):
    keys = json.loads(path.read_text(encoding="utf-8")).keys()
    assert set(re.findall(r'text\(\s*"([\w.]+)"', CODE)) <= keys


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_no_key_is_left_over(path):
    for key in json.loads(path.read_text(encoding="utf-8")):
        name = key.split(".", 1)[1]
        stem = re.sub(r"^(is|network|layer\d)_", "", name)
        assert re.search(rf"\b({re.escape(name)}|{re.escape(stem)})\b", CODE), (
            f"nothing in the code says {key}"
        )


def test_all_languages_have_the_same_keys():
    assert len({frozenset(json.loads(path.read_text(encoding="utf-8"))) for path in CATALOGUES}) == 1


def test_a_message_remembers_its_key():
    assert messages.text("value.none", name="dw").key == "value.none"


def test_a_refusal_from_another_process_is_one_of_the_catalogue():
    def backward(sentence):
        raise type("Stop", (Exception,), {})(sentence)

    with pytest.raises(outcome.Stop) as caught:
        calls.call(backward, str(messages.text("by_hand.autograd")))
    assert caught.value.message.key == "by_hand.autograd"
    with pytest.raises(outcome.Stop) as caught:
        calls.call(backward, "verdict by the learner")
    assert caught.value.message.key == "call.raised"
