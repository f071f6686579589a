"""Packing bytes as RAR 2.9 to 4 and RAR 5 do, so that fixtures need no program: literals alone.

Both formats code literals, lengths and distances with canonical Huffman codes whose lengths stand in
front, run-length coded and Huffman coded in turn. Matches are left out here, which every reader allows.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable

LITERALS = 256
LENGTH_SYMBOLS = 20  # of the code for code lengths
END_OF_BLOCK_4 = 256
# Literals and matches, distances, low bits of distances, repeated matches.
TABLES_4 = (299, 60, 17, 28)
TABLES_5 = (306, 64, 16, 44)


def packed4(content: bytes) -> bytes:
    """`content` as the data of a packed file in RAR 4 (version 29, no PPM)."""
    lengths = code_lengths(Counter([*content, END_OF_BLOCK_4]))
    bits = ["0", "0", tables(lengths, TABLES_4)]  # not PPM; no table is kept
    codes = canonical(lengths)
    bits += [codes[byte] for byte in content]
    bits += [codes[END_OF_BLOCK_4], "00"]  # the file ends, and no table follows
    return as_bytes(bits)[0]


def packed5(content: bytes) -> bytes:
    """`content` as the data of a packed file in RAR 5: one block, the last."""
    lengths = code_lengths(Counter(content))
    codes = canonical(lengths)
    data, used = as_bytes([tables(lengths, TABLES_5), *(codes[byte] for byte in content)])
    size = len(data).to_bytes(3, "little")
    flags = (
        (used - 1) | 2 << 3 | 1 << 6 | 1 << 7
    )  # bits of the last byte, bytes of the size, last, tables
    check = 0x5A ^ flags ^ size[0] ^ size[1] ^ size[2]
    return bytes([flags, check]) + size + data


def code_lengths(counts: Counter[int]) -> dict[int, int]:
    """Symbol -> length of its Huffman code; 15 at most is assumed, which small fixtures keep."""
    heap = [(count, symbol, [symbol]) for symbol, count in sorted(counts.items())]
    if len(heap) == 1:
        heap.append((0, -1, []))
    heapq.heapify(heap)
    lengths = dict.fromkeys(counts, 0)
    while len(heap) > 1:
        (a, first, below), (b, _, above) = heapq.heappop(heap), heapq.heappop(heap)
        for symbol in (*below, *above):
            lengths[symbol] += 1
        heapq.heappush(heap, (a + b, first, [*below, *above]))
    assert max(lengths.values()) <= 15
    return lengths


def canonical(lengths: dict[int, int]) -> dict[int, str]:
    """Symbol -> code, shorter ones first, then by symbol."""
    codes: dict[int, str] = {}
    code = before = 0
    for symbol, length in sorted(lengths.items(), key=lambda item: (item[1], item[0])):
        code <<= length - before
        codes[symbol] = f"{code:0{length}b}"
        code, before = code + 1, length
    return codes


def tables(lengths: dict[int, int], sizes: tuple[int, ...]) -> str:
    """All code lengths; the tables that no symbol needs have two codes, for readers that want some."""
    written: list[int] = [lengths.get(symbol, 0) for symbol in range(sizes[0])]
    for size in sizes[1:]:
        written += [1, 1] + [0] * (size - 2)
    symbols = list(run_lengths(written))
    outer = code_lengths(Counter(symbol for symbol, _ in symbols))
    codes = canonical(outer)
    head = []
    for symbol in range(LENGTH_SYMBOLS):
        length = outer.get(symbol, 0)
        # 15 begins a run of zeros; with a count of 0 it is the length 15.
        head.append(f"{length:04b}" + ("0000" if length == 15 else ""))
    return "".join(head) + "".join(codes[symbol] + extra for symbol, extra in symbols)


def run_lengths(values: list[int]) -> Iterable[tuple[int, str]]:
    """Lengths as they are, runs of zeros as symbol 18 (3 to 10) or 19 (11 to 138)."""
    place = 0
    while place < len(values):
        run = 0
        while place + run < len(values) and values[place + run] == 0 and run < 138:
            run += 1
        if run >= 11:
            yield 19, f"{run - 11:07b}"
        elif run >= 3:
            yield 18, f"{run - 3:03b}"
        else:
            run = 1
            yield values[place], ""
        place += run


def as_bytes(bits: list[str]) -> tuple[bytes, int]:
    """The bits, highest first, and how many of the last byte are used."""
    text = "".join(bits)
    padded = text + "0" * (-len(text) % 8)
    data = bytes(int(padded[k : k + 8], 2) for k in range(0, len(padded), 8))
    return data, (len(text) - 1) % 8 + 1
