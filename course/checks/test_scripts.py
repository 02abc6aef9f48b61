"""Scripts: each answer comes in its place, and so does what was raised."""

import pytest
import torch
from checks import at_once, scripts
from checks.outcome import Stop, Verdict


class Learners:
    """Returns its argument; raises for zeros. Backward stores before it raises."""

    def __init__(self, *parameters):
        self.dw = None

    def forward(self, inputs):
        inputs += 1
        if not inputs.any():
            raise ValueError("zeros")
        return inputs

    def backward(self, inputs, dldy):
        self.dw = dldy
        raise NotImplementedError("dx")


def forward(number):
    """The step of a forward with one number."""
    return ("forward", torch.tensor([float(number)]))


@pytest.fixture
def questions(monkeypatch):
    """How many steps each question had."""
    found, carry_out = [], at_once.carry_out

    def counted(learners, steps):
        found.append(len(steps))
        return carry_out(learners, steps)

    monkeypatch.setattr(at_once, "carry_out", counted)
    return found


def test_all_scripts_are_one_question(questions):
    answers = scripts.asked(Learners, [[("made",), forward(n), forward(n + 1)] for n in range(3)])
    for number, answer in enumerate(answers):
        assert isinstance(answer(), Learners)
        assert [answer().item(), answer().item()] == [number + 1, number + 2]
    assert questions == [9]


def test_what_was_raised_comes_after_the_answers_before_it(questions):
    first, second, third = scripts.asked(Learners, [[("made",), forward(n)] for n in (0, -1, 1)])
    assert (first(), first().item())[1] == 1
    second()
    with pytest.raises(Stop) as raised:
        second()
    assert raised.value.verdict is Verdict.RAISED
    assert (third(), third().item())[1] == 2
    assert questions == [6, 2]


def test_a_script_goes_on_after_a_stop_only_when_it_is_asked_to(questions):
    (answer,) = scripts.asked(Learners, [[("made",), forward(-1), forward(1), forward(2)]])
    answer()
    with pytest.raises(Stop):
        answer()
    assert questions == [4]
    assert [answer().item(), answer().item()] == [2, 3]
    assert questions == [4, 2]


def test_what_backward_has_stored_comes_before_what_it_raised():
    ones = torch.ones(2)
    (answer,) = scripts.asked(Learners, [[("made",), *scripts.passes(ones, 2 * ones, ["dw"])]])
    answer()
    found, result, stop = scripts.passed(answer)
    assert found["dw"].tolist() == [2, 2]
    assert result is None
    assert stop.verdict is Verdict.RAISED


def test_the_learners_code_gets_copies():
    inputs = torch.zeros(2)
    (answer,) = scripts.asked(Learners, [[("made",), ("forward", inputs), ("given",)]])
    answer(), answer()
    assert answer()[0].tolist() == [1, 1]
    assert inputs.tolist() == [0, 0]


@pytest.mark.parametrize("said", [[], [1], [1, 2, 3], None])
def test_another_number_of_answers_is_none(said, monkeypatch):
    monkeypatch.setattr(at_once, "carry_out", lambda learners, steps: said)
    with pytest.raises((ValueError, TypeError)):
        list(scripts.asked(Learners, [[("made",), forward(1)]]))


@pytest.mark.parametrize("said", [[1] * 9, None, 5])
def test_more_answers_than_can_be_before_a_stop_do_not_hide_it(said, monkeypatch):
    monkeypatch.setattr(at_once, "so_far", lambda: said)
    (answer,) = scripts.asked(Learners, [[forward(-1), forward(1)]])
    with pytest.raises(Stop):
        answer(), answer()
