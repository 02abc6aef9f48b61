"""Property tests of the comparison that every check rests on."""

import math

import numpy as np
import pytest
import torch
from checks.outcome import Stop
from checks.values import TOLERANCE, Comparison, as_tensor, close, error_text
from hypothesis import given
from hypothesis import strategies as st

shapes = st.lists(st.integers(1, 5), max_size=3).map(tuple)
scales = st.integers(-6, 6).map(lambda power: 10.0**power)
seeds = st.integers(0, 2**31)


def draw(shape, scale, seed):
    generator = torch.Generator().manual_seed(seed)
    return scale * torch.randn(shape, generator=generator, dtype=torch.float64)


@given(shapes, scales, seeds, st.floats(-0.9, 0.9))
def test_noise_under_the_tolerance_passes(shape, scale, seed, part):
    expected = draw(shape, scale, seed)
    noise = part * TOLERANCE * expected.abs().max()
    assert close(expected + noise, expected)


@given(shapes, scales, seeds, st.floats(1.1, 1e6), st.booleans(), st.data())
def test_one_entry_over_the_tolerance_fails(shape, scale, seed, times, down, data):
    expected = draw(shape, scale, seed)
    got = expected.clone()
    place = data.draw(st.integers(0, expected.numel() - 1))
    shift = times * TOLERANCE * expected.abs().max()
    got.view(-1)[place] += -shift if down else shift
    assert not close(got, expected)


@given(shapes, scales, seeds, st.sampled_from([math.nan, math.inf, -math.inf]), st.data())
def test_one_entry_that_is_not_finite_fails(shape, scale, seed, value, data):
    expected = draw(shape, scale, seed)
    got = expected.clone()
    got.view(-1)[data.draw(st.integers(0, expected.numel() - 1))] = value
    assert not close(got, expected)


@given(shapes, scales, seeds, st.sampled_from([torch.float32, torch.float16, torch.int64]))
def test_a_coarser_dtype_passes_only_if_nothing_was_lost(shape, scale, seed, dtype):
    expected = draw(shape, scale, seed)
    got = expected.to(dtype)
    lost = (got.to(torch.float64) - expected).abs().max() > TOLERANCE * expected.abs().max()
    assert close(got, expected) != bool(lost)


@given(shapes, shapes, seeds)
def test_another_shape_fails_however_the_values_broadcast(one, other, seed):
    assert close(torch.ones(one), torch.ones(other)) == (one == other)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=3).filter(lambda shape: 0 in shape))
def test_empty_tensors_agree_when_their_shapes_do(shape):
    assert close(torch.empty(shape), torch.empty(shape))
    assert not close(torch.empty(shape), torch.empty([*shape, 1]))


@given(shapes)
def test_zero_is_expected_exactly(shape):
    assert close(torch.zeros(shape), torch.zeros(shape))
    assert not close(torch.full(shape, 1e-300, dtype=torch.float64), torch.zeros(shape))


NUMBERS = [2, 2.0, np.float64(2), np.array(2.0), torch.tensor(2.0, requires_grad=True)]


@pytest.mark.parametrize("value", NUMBERS)
def test_numbers_of_every_kind_are_welcome(value):
    assert Comparison(as_tensor(value, "x"), torch.tensor(2.0)).ok


@pytest.mark.parametrize("value", [None, "2", [2.0], object()])
def test_what_is_not_numeric_is_told(value):
    with pytest.raises(Stop):
        as_tensor(value, "x")


def test_the_error_of_a_right_answer_prints_the_same_everywhere():
    assert error_text(0.0) == error_text(9e-13) == "< 1e-12"
    assert error_text(math.inf) == "NaN"
