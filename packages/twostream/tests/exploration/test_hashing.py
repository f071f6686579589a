from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twostream.exploration.hashing import ALIKE_BITS, alike_pairs, perceptual_hash


def picture(seed, *, width=96, height=72):
    rng = np.random.default_rng(seed)
    grey = cv2.GaussianBlur(rng.integers(0, 256, (height, width)).astype(np.float32), (0, 0), 6)
    return np.clip((grey - grey.mean()) * 8 + 128, 0, 255).astype(np.uint8)


def bits(first, second):
    return (perceptual_hash(first) ^ perceptual_hash(second)).bit_count()


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), scale=st.floats(0.5, 2.0), quality=st.integers(25, 95))
def test_scaling_and_compression_hardly_change_it(seed, scale, quality):
    image = picture(seed)
    size = (round(96 * scale), round(72 * scale))
    other = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    jpeg = cv2.imencode(".jpg", other, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    assert bits(image, cv2.imdecode(jpeg, cv2.IMREAD_GRAYSCALE)) <= ALIKE_BITS


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), add=st.integers(-20, 20))
def test_brightness_hardly_changes_it(seed, add):
    image = picture(seed)
    brighter = np.clip(image.astype(int) + add, 0, 255).astype(np.uint8)
    assert bits(image, brighter) <= ALIKE_BITS


def test_other_pictures_differ_in_about_half_the_bits():
    found = [bits(picture(k), picture(k + 1000)) for k in range(60)]
    assert 25 < np.mean(found) < 38
    assert min(found) > ALIKE_BITS


def brute_force(table, most):
    found = []
    for i in range(len(table)):
        for j in range(i + 1, len(table)):
            both = [(a, b) for a, b in zip(table[i], table[j], strict=True) if a and b]
            if len(both) < (len(table[i]) + 1) // 2:
                continue
            mean = sum((a ^ b).bit_count() for a, b in both) / len(both)
            if mean <= most:
                found.append((i, j, mean))
    return found


@settings(max_examples=50)
@given(
    st.lists(st.lists(st.integers(0, 2**10 - 1), min_size=3, max_size=3), max_size=12),
    st.floats(0, 6),
)
def test_pairs_are_those_of_the_definition(table, most):
    found = [(pair.first, pair.second, pair.bits) for pair in alike_pairs(table, most_bits=most)]
    assert found == [(i, j, pytest.approx(mean)) for i, j, mean in brute_force(table, most)]


def test_more_clips_than_are_compared_at_once():
    table = [[k + 1, k + 1] for k in range(300)]
    table[299] = table[3] = [2**62 + 5, 2**62 + 9]
    pairs = list(alike_pairs(table, most_bits=0))
    assert [(pair.first, pair.second) for pair in pairs] == [(3, 299)]
