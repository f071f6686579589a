import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from twostream.errors import TwostreamError
from twostream.flow.encoding import ZERO_CODE, decode_flow, encode_flow, negate_codes

bounds = st.floats(0.5, 100, allow_nan=False)
flows = hnp.arrays(
    np.float32,
    hnp.array_shapes(min_dims=3, max_dims=3, max_side=6),
    elements=st.floats(-200, 200, width=32),
)


@given(flows, bounds)
def test_error_inside_the_bound_is_at_most_half_a_step(flow, bound):
    inside = np.clip(flow, -bound, bound)
    error = np.abs(decode_flow(encode_flow(inside, bound_px=bound), bound_px=bound) - inside)
    assert error.max() <= bound / 127 / 2 + 1e-5 * bound


@given(flows, bounds)
def test_negated_flow_has_negated_codes(flow, bound):
    codes = encode_flow(flow, bound_px=bound)
    np.testing.assert_array_equal(encode_flow(-flow, bound_px=bound), negate_codes(codes))


@given(flows, bounds)
def test_codes_lie_in_1_to_255_and_decode_within_the_bound(flow, bound):
    codes = encode_flow(flow, bound_px=bound)
    assert codes.dtype == np.uint8
    assert codes.min() >= 1
    assert np.abs(decode_flow(codes, bound_px=bound)).max() <= bound * (1 + 1e-6)


@given(bounds)
def test_codes_are_monotone(bound):
    ramp = np.linspace(-2 * bound, 2 * bound, 1001, dtype=np.float32)
    assert (np.diff(encode_flow(ramp, bound_px=bound).astype(int)) >= 0).all()


@given(bounds)
def test_every_code_survives_decoding_and_encoding(bound):
    codes = np.arange(1, 256, dtype=np.uint8)
    np.testing.assert_array_equal(
        encode_flow(decode_flow(codes, bound_px=bound), bound_px=bound), codes
    )


@given(bounds)
def test_zero_motion_is_exact(bound):
    assert encode_flow(np.zeros((1, 1, 2), np.float32), bound_px=bound).tolist() == [
        [[ZERO_CODE] * 2]
    ]
    assert decode_flow(np.uint8([ZERO_CODE]), bound_px=bound)[0] == 0


def test_motion_beyond_the_bound_is_clamped_even_when_infinite():
    assert encode_flow(np.float32([-np.inf, -1e30, 1e30, np.inf]), bound_px=20).tolist() == [
        1,
        1,
        255,
        255,
    ]


def test_code_0_of_damaged_pictures_is_tolerated():
    assert decode_flow(np.uint8([0]), bound_px=20)[0] == -20
    assert negate_codes(np.uint8([0])).tolist() == [255]


def test_nan_is_refused():
    with pytest.raises(TwostreamError, match="NaN"):
        encode_flow(np.full((2, 2, 2), np.nan, np.float32), bound_px=20)


@pytest.mark.parametrize("bound", [0, -1, float("nan"), float("inf")])
def test_an_impossible_bound_is_refused(bound):
    with pytest.raises(TwostreamError, match="positive number of pixels"):
        encode_flow(np.zeros((1, 1, 2), np.float32), bound_px=bound)
    with pytest.raises(TwostreamError, match="positive number of pixels"):
        decode_flow(np.zeros((1, 1, 2), np.uint8), bound_px=bound)
